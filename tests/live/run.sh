#!/usr/bin/env bash
# All cross-checks with real Rails, both ways: with the 6.1 that Debian 12 has, and with the 7.2 that
# rails72.sh fetches. Last, the proxy between real servers: beside a cache, and in the deploy of
# docs/deploy-test.md.
#
#   tests/live/run.sh [short|long]
set -euo pipefail
cd "$(dirname "$0")/../.."

case "${1:-short}" in
  short) cookies=(1500 400) marshal=5000 json=2500 message_pack=2500 messages=500 ;;
  long) cookies=(12000 12000) marshal=25000 json=20000 message_pack=20000 messages=10000 ;;
  *) echo "short or long?" >&2 && exit 2 ;;
esac

cargo build --workspace
cargo build -p railjar --example serializer_echo
cargo build -p railjar-axum --example beside-rails

rails72="${CARGO_TARGET_DIR:-target}/rails-7.2"
lib="$(tests/live/rails72.sh "$rails72")"

# The same script with each Rails, and the counts for each.
both() {
  local script="tests/live/$1" count61="$2" count72="${3:-$2}"
  printf -- '-- %s, Rails 6.1 (%d s)\n' "$1" "$SECONDS"
  ruby "$script" "$count61"
  printf -- '-- %s, Rails 7.2 (%d s)\n' "$1" "$SECONDS"
  RAILS_LIB="$lib" "$rails72/ruby" "$script" "$count72"
}

both corpus.rb 6.1 7.2
both cross_check.rb "${cookies[@]}"
both messages.rb "$messages"
both marshal.rb "$marshal"
both json.rb "$json"
printf -- '-- message_pack.rb, Rails 7.2 (%d s)\n' "$SECONDS"
RAILS_LIB="$lib" "$rails72/ruby" tests/live/message_pack.rb "$message_pack"
printf -- '-- credentials.rb (%d s)\n' "$SECONDS"
ruby tests/live/credentials.rb
RAILS_LIB="$lib" "$rails72/ruby" tests/live/credentials.rb
printf -- '-- exporter.rb (%d s)\n' "$SECONDS"
ruby tests/live/exporter.rb
RAILS_LIB="$lib" ruby tests/live/exporter.rb
# With the msgpack gem.
RAILS_LIB="$lib" "$rails72/ruby" tests/live/exporter.rb
printf -- '-- rollout.rb, Rails 6.1 and 7.2 beside each other (%d s)\n' "$SECONDS"
RAILS_LIB="$lib" RUBY72="$rails72/ruby" ruby tests/live/rollout.rb
printf -- '-- axum.rb (%d s)\n' "$SECONDS"
ruby tests/live/axum.rb
ruby tests/live/axum.rb marshal
RAILS_LIB="$lib" ruby tests/live/axum.rb
printf -- '-- cache.rb (%d s)\n' "$SECONDS"
ruby tests/live/cache.rb
# A real browser logs in, stays logged in and logs out while the servers are replaced; without
# Chromium here, simulated users do alone.
browser=()
if command -v chromium >/dev/null && command -v npm >/dev/null; then
  modules="${CARGO_TARGET_DIR:-target}/browser"
  npm install --silent --no-audit --no-fund --prefix "$modules" playwright-core
  export NODE_PATH="$modules/node_modules"
  browser=(--browser)
fi
printf -- '-- deploy.rb, the story through railjar (%d s)\n' "$SECONDS"
RAILS_LIB="$lib" ruby tests/live/deploy/deploy.rb story --through railjar "${browser[@]}"
