#!/usr/bin/env bash
# Lets spin simulate the model of the game at random, and plays every simulation through the game (play_traces.cpp).
# usage: tests/model/traces.sh PLAY_TRACES [SEEDS]     the built program; 20 seeds of each combination when no number is given
# Exits with 77 where there is no spin.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v spin >/dev/null || { echo "skipped: spin is needed (Debian: apt-get install spin)"; exit 77; }
play=$(realpath "$1")
seeds=${2:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" # spin leaves files where it runs

# steps chunks records levels grant clock
sizes=("3 3 3 1 1 90" "2 2 2 1 2 60" "1 2 2 1 1 90" "5 5 5 2 1 120" "4 3 4 1 1 8" "3 1 3 2 1 2")
for player in HONEST_SOLVER HONEST_CHALLENGER NOBODY_HONEST; do
    for size in "${sizes[@]}"; do
        read -r steps chunks records levels grant clock <<< "$size"
        for ((seed = 1; seed <= seeds; ++seed)); do
            echo "game $size $player, sizes $size, seed $seed"
            spin -T -n$seed -DTRACE -D$player -DSTEPS=$steps -DCHUNKS=$chunks -DRECORDS=$records -DLEVELS=$levels -DGRANT=$grant -DCLOCK=$clock \
                "$root/spec/model/dispute.pml" | grep -E "^(act|value) "
        done
    done
done | "$play"
