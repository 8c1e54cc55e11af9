#!/bin/sh
# Builds the Worker into `build`, or the folder that is given, ready for wrangler and for workerd:
# build.sh [FOLDER [CARGO OPTIONS]]. Needs a Rust toolchain and, once,
# `rustup target add wasm32-unknown-unknown`.
set -eu
cd "$(dirname "$0")"
folder=${1:-build}
[ $# -eq 0 ] || shift
target=${CARGO_TARGET_DIR:-target}

cargo build --locked --release --target wasm32-unknown-unknown --lib "$@"
rm -rf "$folder"
cargo run --locked --quiet -p railjar-worker-bind -- \
  "$target/wasm32-unknown-unknown/release/railjar_worker.wasm" "$folder"
cp worker.mjs "$folder/"
