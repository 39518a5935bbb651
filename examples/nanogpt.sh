#!/usr/bin/env bash
# Trains nanoGPT's small setting on a text (4 layers, 4 heads, width 128, context 64, batch 12, 2000 steps), commits, audits, and settles disputes.
# usage: examples/nanogpt.sh TEXT_FILE     tinyshakespeare.txt, say; about four minutes on two cores
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

case "${1:-}" in "" | -h | --help) sed -n '2,3s/^# //p' "$0"; exit 0 ;; esac

exec "$here/quickstart.sh" "$1" --folder "$here/../build/release/nanogpt" --layers 4 --heads 4 --width 128 --context 64 --batch 12 --steps 2000 \
    --rate 1e-3 --rate-min 1e-4 --warm-up 100 --interval 20 --seed 1337
