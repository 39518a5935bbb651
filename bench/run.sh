#!/usr/bin/env bash
# Installs the peers from Debian, builds the benches, runs them interleaved, and writes a table (Markdown) and a plot (SVG) of each part.
# usage: bench/run.sh [PART…]     parts: contraction functions commitments dispute; without one, all
# REPETITIONS (9) and MIN_TIME (0.05 seconds) set how long it takes; results lie in build/bench/results.
set -euo pipefail
cd "$(dirname "$0")/.."
parts=("$@")
[ $# -gt 0 ] || parts=(contraction functions commitments dispute)
# These make OpenBLAS take other kernels than the processor's best.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE

packages=(libbenchmark-dev libopenblas0-pthread libblis4-pthread libdnnl2 libeigen3-dev libsleef-dev python3-matplotlib)
if ! dpkg -s "${packages[@]}" > /dev/null 2>&1; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get install -y --no-install-recommends "${packages[@]}"
fi

results=build/bench/results
mkdir -p "$results"
cmake --preset bench > /dev/null

measure() {
    cmake --build --preset bench --target "bench_$1"
    build/bench/bin/bench_"$1" --benchmark_enable_random_interleaving=true --benchmark_repetitions="${REPETITIONS:-9}" \
        --benchmark_min_time="${MIN_TIME:-0.05}" --benchmark_out="$results/$1.json" --benchmark_out_format=json
}

for part in "${parts[@]}"; do
    case $part in
    contraction)
        measure contraction
        python3 bench/contraction_table.py "$results/contraction.json" > "$results/contraction.md"
        python3 bench/contraction_plot.py "$results/contraction.json" "$results/contraction.svg"
        ;;
    functions)
        measure functions
        python3 bench/functions_table.py "$results/functions.json" "$results/functions.svg" > "$results/functions.md"
        ;;
    commitments | dispute) measure "$part" ;;
    *)
        echo "no such part: $part" >&2
        exit 2
        ;;
    esac
    echo "$part: see $results"
done
