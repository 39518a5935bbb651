#!/usr/bin/env bash
# Builds everything and passes the tests: the one command of README.md. Installs the packages that are missing.
# usage: tests/run.sh [PRESET]     a preset of CMakePresets.json; release when none is named
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
-h | --help) sed -n '2,3s/^# //p' "$0"; cmake --list-presets; exit 0 ;;
esac
preset=${1:-release}

.ci/packages g++-i686-linux-gnu g++-aarch64-linux-gnu g++-s390x-linux-gnu qemu-user-static # other processors, for tests/equal
cmake --preset "$preset"
cmake --build --preset "$preset" --parallel "$(nproc)"
ctest --preset "$preset" --parallel "$(nproc)"
cat build/equal/short/results.txt # what gave the same bits beside this build
