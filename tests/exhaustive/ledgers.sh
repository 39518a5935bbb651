#!/usr/bin/env bash
# Many random markets in parts of a million transactions, each a process of its own; finished parts are kept, so that it can be stopped and called again.
# usage: ledgers.sh CHECK_LEDGERS RESULTS [PARTS [AT_ONCE]]     100 parts, two at once, where nothing else is said
set -euo pipefail
program=$(realpath "$1") results=$2 parts=${3:-100} at_once=${4:-2}
mkdir -p "$results"
run_part() {
    [ -e "$results/$1.txt" ] && return
    # A part needs less than 2000 seeds: its markets have a thousand transactions and more.
    "$program" 1000000 $(($1 * 2000)) > "$results/$1.tmp" 2> "$results/$1.log" && mv "$results/$1.tmp" "$results/$1.txt"
}
export -f run_part
export program results
seq 0 $((parts - 1)) | xargs -P "$at_once" -I{} bash -c 'run_part {} || { echo "part {} failed:"; tail -3 "$results/{}.log"; exit 255; }'
speeds=$(sed -n 's/.*nothing broken; \([0-9]*\) .*/\1/p' "$results"/*.txt | sort -n)
median=$(sed -n "$((($(wc -l <<< "$speeds") + 1) / 2))p" <<< "$speeds")
awk -v median="$median" '/nothing broken/ {sum += $1; markets += $4; ++n}
    END {printf "%d transactions in %d markets, %d parts, nothing broken; %d a second and process (median)\n", sum, markets, n, median}' "$results"/*.txt
