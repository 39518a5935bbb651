#!/usr/bin/env bash
# Checks spec/model/dispute.pml with spin: every property for every combination of players and sizes, and that every rule is needed.
# usage: tests/model/run.sh [--short | --long]     --short: the smallest sizes and some of the rules; --long: larger sizes as well
# Exits with 77 where there is no spin or no C compiler.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
model=$root/spec/model/dispute.pml
command -v spin >/dev/null && command -v gcc >/dev/null || { echo "skipped: spin and gcc are needed (Debian: apt-get install spin gcc)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check EXPECTED OPTION...: spin finds no error ("holds") or some ("fails"); or none in ten minutes of a search that keeps three bits of a state in
# place of the state ("passes"), which looks at most of the states of a model that has too many to be kept.
check() {
    local expected=$1 folder pan=(-DSAFETY) run=(-m200000) errors states
    shift
    folder=$(mktemp -d "$work/XXXXXX")
    cd "$folder"
    case " $* " in *" -DLIVENESS "*) pan=(-DNFAIR=3); run=(-m400000 -a -f) ;; esac
    [ "$expected" != passes ] || { pan+=(-DBITSTATE); run+=(-w31 -k3 -Q10); }
    spin -a "$@" "$model" > spin.txt
    gcc "$optimised" -w -DMEMLIM=2000 "${pan[@]}" -o pan pan.c
    ./pan "${run[@]}" > pan.txt
    ! grep -q "max search depth too small\|out of memory" pan.txt || { echo "$*: the search was not complete"; return 1; }
    errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' pan.txt)
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.txt)
    if [ "$expected" != fails ]; then [ "$errors" = 0 ] || { echo "$*: a property fails"; grep -m3 "pan:" pan.txt; return 1; }
    else [ "$errors" != 0 ] || { echo "$*: spin finds nothing"; return 1; }
    fi
    printf '%-6s %9s states  %s%s\n' "$expected" "$states" "${*#-D}" "$(sed -n 's/^hash factor: \([0-9.]*\).*/ (bits for each state: \1)/p' pan.txt)"
}
export -f check
export model work optimised=-O0

# What a test can wait for.
short_checks() {
    echo "holds -DHONEST_SOLVER"
    echo "holds -DHONEST_SOLVER -DSTEPS=2 -DRECORDS=2 -DCHUNKS=2 -DLIVENESS"
    echo "holds -DHONEST_CHALLENGER -DSTEPS=2 -DRECORDS=2 -DCHUNKS=2 -DLIVENESS"
    echo "fails -DHONEST_SOLVER -DBROKEN_CLAIM"
    echo "fails -DHONEST_SOLVER -DBROKEN_GRANT"
    echo "fails -DHONEST_CHALLENGER -DBROKEN_NUMBER"
    echo "fails -DHONEST_CHALLENGER -DBROKEN_PIN -DLIVENESS"
}

all_checks() {
    short_checks
    echo "holds -DHONEST_SOLVER -DSTEPS=1 -DRECORDS=2 -DCHUNKS=2 -DCLOCK=0"
    echo "holds -DHONEST_CHALLENGER -DSTEPS=1 -DRECORDS=2 -DCHUNKS=2 -DCLOCK=0"
    echo "holds -DNOBODY_HONEST -DSTEPS=1 -DRECORDS=2 -DCHUNKS=2 -DCLOCK=0"
    echo "holds -DNOBODY_HONEST -DSTEPS=1 -DRECORDS=2 -DCHUNKS=1 -DCLOCK=0 -DLIVENESS"
    echo "holds -DHONEST_CHALLENGER"
    echo "holds -DHONEST_SOLVER -DSTEPS=5 -DCHUNKS=5 -DRECORDS=5"
    echo "fails -DHONEST_SOLVER -DBROKEN_EQUALITY -DLIVENESS"
    echo "fails -DHONEST_CHALLENGER -DBROKEN_EQUALITY"
    echo "fails -DHONEST_CHALLENGER -DBROKEN_CLAIM"
    echo "fails -DHONEST_CHALLENGER -DBROKEN_CHARGE"
    echo "fails -DHONEST_SOLVER -DBROKEN_TURN"
    echo "fails -DHONEST_CHALLENGER -DBROKEN_JOIN"
    echo "fails -DHONEST_SOLVER -DBROKEN_REFEREE"
    echo "fails -DHONEST_SOLVER -DBROKEN_REFUSAL"
    echo "fails -DHONEST_SOLVER -DBROKEN_END"
    echo "fails -DHONEST_CHALLENGER -DBROKEN_SILENCE -DLIVENESS"
}

long_checks() {
    local player
    for player in HONEST_SOLVER HONEST_CHALLENGER NOBODY_HONEST; do
        echo "holds -D$player"
        echo "holds -D$player -DSTEPS=2 -DRECORDS=2 -DCHUNKS=2 -DLIVENESS"
        echo "holds -D$player -DSTEPS=2 -DRECORDS=2 -DCHUNKS=2 -DGRANT=2"
    done
    # With nobody honest there are too many states of the larger sizes.
    echo "holds -DNOBODY_HONEST -DSTEPS=2 -DCHUNKS=2 -DRECORDS=3 -DCLOCK=2"
    for player in "holds -DHONEST_SOLVER" "holds -DHONEST_CHALLENGER" "passes -DNOBODY_HONEST"; do
        echo "$player -DSTEPS=4 -DCHUNKS=4 -DRECORDS=3 -DCLOCK=2"
        echo "$player -DSTEPS=5 -DCHUNKS=5 -DRECORDS=3 -DLEVELS=2"
        echo "$player -DSTEPS=3 -DCHUNKS=3 -DRECORDS=4"
    done
}

case "$#${1:-}" in
0) checks=$(all_checks) ;;
1--short) checks=$(short_checks) ;;
1--long) checks=$(all_checks; long_checks) optimised=-O2 ;;
*) sed -n '3s/^# //p' "$0" >&2; exit 2 ;;
esac
xargs -P 2 -L 1 bash -c 'set -euo pipefail; check "$@"' check <<< "$checks"
