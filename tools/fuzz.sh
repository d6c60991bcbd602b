#!/bin/bash
# Runs every fuzzer of the fuzz build for FUZZ_SECONDS (10), starting from the committed seeds src/ROOM/seeds/STEM or src/ROOM/seeds.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
seconds=${FUZZ_SECONDS:-10}
[[ -n $seconds ]] || seconds=10
status=0
mkdir -p build/fuzz/findings
for binary in build/fuzz/bin/*_fuzz; do
    name=$(basename "$binary")
    room=${name%%_*}
    seeds=src/$room/seeds/${name#"${room}"_}
    [[ -d $seeds ]] || seeds=src/$room/seeds
    grown=build/fuzz/grown/$name
    mkdir -p "$grown"
    folders=("$grown")
    [[ -d $seeds ]] && folders+=("$seeds")
    if "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "${folders[@]}" >"build/fuzz/$name.log" 2>&1; then
        runs=$(grep -o 'number_of_executed_units: [0-9]*' "build/fuzz/$name.log" | grep -o '[0-9]*$')
        cover=$(grep -o 'cov: [0-9]*' "build/fuzz/$name.log" | tail -1)
        echo "fuzz $name: clean, $runs runs, $cover"
    else
        echo "fuzz $name: FAILED, see build/fuzz/$name.log"
        status=1
    fi
done
exit $status
