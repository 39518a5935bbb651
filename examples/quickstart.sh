#!/usr/bin/env bash
# Trains a small model on a text, commits to it, audits it, and settles disputes with solvers that cheat.
# usage: examples/quickstart.sh [TEXT_FILE [OPTION...]]     without a file: the documents of spec/; options: assay demonstrate --help
# Installs missing packages and builds on the first call; later calls only run.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

case "${1:-}" in -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;; esac

build=$here/build/release
cd "$here"
if [ ! -f "$build/build.ninja" ]; then
    .ci/packages
    cmake --preset release
fi
cmake --build --preset release --target assay --parallel "$(nproc)" -- --quiet
cd - > /dev/null

text=${1:-}
if [ -z "$text" ]; then
    text=$build/specification.txt
    cat "$here"/spec/*.md > "$text"
fi
exec "$build/bin/assay" demonstrate "$text" --folder "$build/demonstration" "${@:2}"
