#!/usr/bin/env bash
# Fuzzes targets until each has had its processor time, in all calls together: one that was stopped is taken up by the next. Needs clang.
# usage: tests/fuzz/run.sh MINUTES [TARGET...]     MINUTES for each TARGET, as in fuzz_TARGET; all by default
# Corpora are kept in build/fuzz/corpora, inputs that end a target in build/fuzz/findings, and what was run in build/fuzz/progress: removing them begins
# anew. Prints a table of all that was run; exit code 1 when there is a finding.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-} =~ ^[0-9]+$ ]] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }
budget=$((60 * $1))
shift
slice=300 # seconds that a target runs before the next one's turn

cmake --preset fuzz > /dev/null
mapfile -t all < <(sed -n 's/^ *assay_fuzz(\([a-z_]*\) .*/\1/p' tests/fuzz/CMakeLists.txt)
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
programs=()
for target in "${targets[@]}"; do
    [[ " ${all[*]} " == *" $target "* ]] || { echo "no such target: $target (there are: ${all[*]})" >&2; exit 2; }
    programs+=("fuzz_$target" "fuzz_${target}_check")
done
cmake --build --preset fuzz --parallel "$(nproc)" --target "${programs[@]}" > build/fuzz/build.log || { cat build/fuzz/build.log; exit 1; }
mkdir -p build/fuzz/progress

# The sums of the columns of what was run of a target: seconds of processor time, executions.
progress() { awk '{ seconds += $1; count += $2 } END { printf "%d %d\n", seconds, count }' "build/fuzz/progress/$1"; }
# A unit that libFuzzer calls slow is none: the machine may have had other work for ten seconds.
findings() { find "build/fuzz/findings/$1" -type f ! -name 'slow-unit-*' | wc -l; }

# Runs a target for some seconds. What it did counts once it is over.
run() {
    local corpus=build/fuzz/corpora/$1 log=build/fuzz/$1.log status=0 TIMEFORMAT='%U %S'
    { time "build/fuzz/bin/fuzz_$1" -max_total_time="$2" -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$1/" "$corpus" \
        2> "$log" || status=$?; } 2> "build/fuzz/$1.seconds"
    [ $status -eq 0 ] || [ "$(findings "$1")" != 0 ] || { echo "fuzz_$1 does not run: see $log" >&2; exit 1; }
    echo "$(awk '{ print $1 + $2 }' "build/fuzz/$1.seconds") $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" >> "build/fuzz/progress/$1"
}

for target in "${targets[@]}"; do
    mkdir -p "build/fuzz/corpora/$target" "build/fuzz/findings/$target"
    touch "build/fuzz/progress/$target"
    "build/fuzz/bin/fuzz_${target}_check" --write-seeds "build/fuzz/corpora/$target"
done
ran=true
while $ran; do
    ran=false
    for target in "${targets[@]}"; do
        read -r seconds _ <<< "$(progress "$target")"
        [ "$seconds" -lt "$budget" ] && [ "$(findings "$target")" = 0 ] || continue
        run "$target" $((budget - seconds < slice ? budget - seconds : slice))
        ran=true
    done
done

found=0
echo "| target | processor seconds | executions | inputs kept | findings |"
echo "|---|---|---|---|---|"
for target in "${targets[@]}"; do
    read -r seconds count <<< "$(progress "$target")"
    echo "| $target | $seconds | $count | $(find "build/fuzz/corpora/$target" -type f | wc -l) | $(findings "$target") |"
    found=$((found + $(findings "$target")))
done
[ $found -eq 0 ] || { echo "see build/fuzz/findings, and build/fuzz/TARGET.log" >&2; exit 1; }
