#!/usr/bin/env python3
"""Runs bench_node several times and keeps what it printed.

usage: node_run.py PROGRAM RESULTS.json [--rounds N]
"""
import json
import subprocess
import sys


def main():
    if len(sys.argv) not in (3, 5):
        sys.exit(__doc__)
    rounds = int(sys.argv[4]) if len(sys.argv) == 5 else 1
    figures = {}
    for _ in range(rounds):
        for line in subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
            name, value = line.rsplit(": ", 1)
            figures.setdefault(name, []).append(float(value))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)


main()
