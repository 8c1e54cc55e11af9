#!/bin/sh
# Runs every fuzz target, two at a time, for so many seconds or executions each, and fails on any
# finding:
#
#     fuzz/run.sh 20             20 seconds each
#     fuzz/run.sh 2000000x       two million executions each
#     fuzz/run.sh 3600 json      one target alone, for an hour
#
# What it found is in fuzz/artifacts/TARGET; `cargo +nightly fuzz run TARGET FILE` shows it again.
set -eu
cd "$(dirname "$0")"

amount=${1:-20}
shift $(($# > 0))
case $amount in
*x) limit="-runs=${amount%x}" ;;
*) limit="-max_total_time=$amount" ;;
esac
targets=${*:-$(basename -s .rs fuzz_targets/*.rs)}

cargo +nightly fuzz build --fuzz-dir .
host=$(rustc -vV | sed -n 's/^host: //p')
built=${CARGO_TARGET_DIR:-target}/$host/release
cargo run --quiet --example seed

one() {
    mkdir -p "corpus/$1" "artifacts/$1" logs
    # Short inputs find more in the same time; for long ones there is tests/hostile.rs.
    if "$built/$1" "$limit" -max_len=1000 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="artifacts/$1/" "corpus/$1" >"logs/$1" 2>&1; then
        sed -n "s/^stat::number_of_executed_units: */$1: /p" "logs/$1"
    else
        echo "$1: FINDING, see fuzz/logs/$1"
        return 1
    fi
}

failed=0
pids=
for target in $targets; do
    one "$target" &
    pids="$pids $!"
    # shellcheck disable=SC2086
    set -- $pids
    if [ $# -ge 2 ]; then
        wait "$1" || failed=1
        shift
        pids=$*
    fi
done
for pid in $pids; do
    wait "$pid" || failed=1
done
exit $failed
