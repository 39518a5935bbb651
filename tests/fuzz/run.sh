#!/usr/bin/env bash
# Fuzzes every target for a time each, and says how many inputs were run and what was found. Needs clang.
# usage: tests/fuzz/run.sh MINUTES [TARGET...]     TARGET as in fuzz_TARGET; all by default
# Corpora are kept in build/fuzz/corpora, inputs that end a target in build/fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-} =~ ^[0-9]+$ ]] || { sed -n '2,4s/^# //p' "$0"; exit 1; }
seconds=$((60 * $1))
shift

cmake --preset fuzz > /dev/null
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^ *assay_fuzz(\([a-z_]*\) .*/\1/p' tests/fuzz/CMakeLists.txt)
programs=()
for target in "${targets[@]}"; do programs+=("fuzz_$target" "fuzz_${target}_check"); done
cmake --build --preset fuzz --parallel "$(nproc)" --target "${programs[@]}" > build/fuzz/build.log || { cat build/fuzz/build.log; exit 1; }

findings=0
for target in "${targets[@]}"; do
    corpus=build/fuzz/corpora/$target found=build/fuzz/findings/$target
    mkdir -p "$corpus" "$found"
    "build/fuzz/bin/fuzz_${target}_check" --write-seeds "$corpus"
    status=0
    "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$found/" "$corpus" 2> "build/fuzz/$target.log" || status=$?
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log")
    echo "$target: ${executions:-0} executions in $seconds s, $(find "$corpus" -type f | wc -l) inputs kept, $([ $status -eq 0 ] && echo "nothing found" || echo "FOUND, see build/fuzz/$target.log and $found")"
    [ $status -eq 0 ] || findings=$((findings + 1))
done
echo "$findings of ${#targets[@]} targets with a finding"
[ $findings -eq 0 ]
