#!/usr/bin/env bash
# Installs the peers from Debian, builds the benches, runs them interleaved, and writes a table (Markdown) and a plot (SVG) of each part.
# usage: bench/run.sh [PART…]     without a part, all
# REPETITIONS (9) and MIN_TIME (0.05 seconds) set how long it takes; results lie in build/bench/results.
# With LLMC, the folder of llm.c's source, its training steps are measured too.
#
# A part is its name in this list and a program bench_NAME. Where there is bench/NAME_run.py, that measures (PROGRAM RESULTS.json --rounds N), and
# the program itself, which then speaks Google Benchmark's options, where there is none. bench/NAME_table.py makes table and plot of the
# results (RESULTS.json PLOT.svg, the table printed), and bench/table.py where there is none.
set -euo pipefail
all=(contraction functions training commitments dispute verdict games ledger node)

cd "$(dirname "$0")/.."
parts=("$@")
[ $# -gt 0 ] || parts=("${all[@]}")
for part in "${parts[@]}"; do
    [[ " ${all[*]} " == *" $part "* ]] || { echo "no such part: $part (there are: ${all[*]})" >&2; exit 2; }
done
# These make OpenBLAS take other kernels than the processor's best.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE

packages=(libbenchmark-dev libopenblas0-pthread libopenblas0-openmp libblis4-pthread libdnnl2 libeigen3-dev libsleef-dev python3-torch python3-matplotlib)
if ! dpkg -s "${packages[@]}" > /dev/null 2>&1; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get install -y --no-install-recommends "${packages[@]}"
fi

results=build/bench/results
mkdir -p "$results"
cmake --preset bench > /dev/null

measure() {
    local program=build/bench/bin/bench_$1
    if [ -e "bench/$1_run.py" ]; then /usr/bin/python3 "bench/$1_run.py" "$program" "$results/$1.json" --rounds "${REPETITIONS:-9}"
    else
        "$program" --benchmark_enable_random_interleaving=true --benchmark_repetitions="${REPETITIONS:-9}" \
            --benchmark_min_time="${MIN_TIME:-0.05}" --benchmark_out="$results/$1.json" --benchmark_out_format=json
    fi
}

failed=0
for part in "${parts[@]}"; do
    table=bench/${part}_table.py
    [ -e "$table" ] || table=bench/table.py
    if cmake --build --preset bench --target "bench_$part" && measure "$part" &&
        /usr/bin/python3 "$table" "$results/$part.json" "$results/$part.svg" > "$results/$part.md"; then
        echo "$part: $results/$part.md, $results/$part.svg"
    else
        echo "$part: FAILED" >&2
        failed=1
    fi
done
exit $failed
