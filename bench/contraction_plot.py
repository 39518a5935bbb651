#!/usr/bin/env python3
"""Draws the rates of square products over their size, one picture a form, from the JSON of bench_contraction.

usage: contraction_plot.py RESULTS.json PLOT.svg
"""
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

from contraction_table import PEERS, read_rates  # noqa: E402


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rates = read_rates(sys.argv[1])
    figure, axes = pyplot.subplots(1, 3, figsize=(15, 4), sharey=True)
    for axis, form in zip(axes, ["nn", "nt", "tn"]):
        for library in ["ours", *PEERS]:
            points = sorted((int(dims.split("x")[0]), of[library]) for (shape, its_form, dims, threads), of in rates.items()
                            if shape in ("small", "square") and its_form == form and threads == "1" and library in of)
            if points:
                axis.plot(*zip(*points), marker=".", linewidth=2 if library == "ours" else 1, label=library)
        axis.set_xscale("log", base=2)
        axis.set_xlabel(f"rows = columns = depth, form {form}, one thread")
    axes[0].set_ylabel("GFLOP/s")
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(sys.argv[2])


if __name__ == "__main__":
    main()
