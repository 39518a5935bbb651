#!/usr/bin/env python3
"""Turns what node_run.py kept into a Markdown table of medians (printed), and a plot of the figures that have an aim, to that aim.

usage: node_table.py RESULTS.json PLOT.svg
"""
import json
import statistics
import sys

# What is wanted, and whether more of it is better.
AIMS = {
    "transactions a second, synchronised, 64 clients with one at a time": (5000, True),
    "their p99, ms": (50, False),
    "not synchronised, to the ledger alone": (0.5, True),
    "to plain TLS": (0.7, True),
    "memory of a node with them, MiB": (200, False),
    "start of a node with them, s": (2, False),
}


def draw(medians, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    names = [name for name in medians if name in AIMS]
    reached = [medians[name] / AIMS[name][0] if AIMS[name][1] else AIMS[name][0] / medians[name] for name in names]
    figure, axis = pyplot.subplots(figsize=(9, 1 + 0.4 * len(names)))
    axis.barh(names, reached)
    axis.axvline(1, color="black")
    axis.set_xscale("log")
    axis.invert_yaxis()
    axis.set_xlabel("times as good as wanted")
    figure.tight_layout()
    figure.savefig(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        figures = json.load(file)
    medians = {name: statistics.median(values) for name, values in figures.items()}
    print("| what | median | least | most | wanted |\n|---|---|---|---|---|")
    for name, values in figures.items():
        aim = f"{'at least' if AIMS[name][1] else 'below'} {AIMS[name][0]:g}" if name in AIMS else ""
        print(f"| {name} | {medians[name]:.4g} | {min(values):.4g} | {max(values):.4g} | {aim} |")
    draw(medians, sys.argv[2])


main()
