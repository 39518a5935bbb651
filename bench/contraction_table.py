#!/usr/bin/env python3
"""Turns the JSON of bench_contraction into a Markdown table (printed): medians, and ratios to the fastest peer and to the multiply-add peak,
and the same of each group of shapes; and draws the rates of square products over their size, one picture a form.

usage: contraction_table.py RESULTS.json... PLOT.svg
"""
import collections
import json
import re
import statistics
import sys

SHAPES = ["peak", "square", "gpt-4x128", "gpt-6x384", "gpt-12x768", "small", "heads", "vector", "deep"]
PEERS = ["openblas", "blis", "onednn", "eigen"]


def read_rates(paths):
    """Gives rates[shape, form, dims, threads][library] in GFLOP/s: the median over repetitions."""
    samples = collections.defaultdict(lambda: collections.defaultdict(list))
    for path in paths:
        with open(path, encoding="utf-8") as file:
            runs = json.load(file)["benchmarks"]
        for run in runs:
            if run.get("run_type") == "aggregate":
                continue
            shape, form, dims, library, threads = run["name"].removesuffix("/real_time").split("/")
            samples[shape, form, dims, threads][library].append(run["items_per_second"] * 2e-9)
    return {key: {library: statistics.median(rates) for library, rates in samples[key].items()} for key in sorted(samples, key=place_of)}


def place_of(key):
    """Runs that were interleaved come in no order."""
    shape, form, dims, threads = key
    return int(threads), SHAPES.index(shape), form, [int(number) for number in re.findall(r"\d+", dims)]


def draw(rates, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

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
    figure.savefig(path)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rates = read_rates(sys.argv[1:-1])
    peaks = {key[3]: of["ours"] for key, of in rates.items() if key[0] == "peak"}
    groups = collections.defaultdict(list)
    print("| shape | form | rows x columns x depth | threads | ours, GFLOP/s |", " | ".join(PEERS), "| to the fastest | to the peak |")
    print("|---" * (7 + len(PEERS)) + "|")
    for (shape, form, dims, threads), of in rates.items():
        if shape == "peak" or "ours" not in of:
            continue
        to_fastest = of["ours"] / max((of[peer] for peer in PEERS if peer in of), default=float("nan"))
        to_peak = of["ours"] / peaks.get(threads, float("nan"))
        groups[shape, threads].append((to_fastest, to_peak))
        print(f"| {shape} | {form} | {dims} | {threads} | {of['ours']:.1f} |",
              " | ".join(f"{of[peer]:.1f}" if peer in of else "-" for peer in PEERS), f"| {to_fastest:.2f} | {to_peak:.2f} |")
    print("\n| shapes | threads | to the fastest: least, median, greatest | to the peak: least, greatest |")
    print("|---|---|---|---|")
    for (shape, threads), ratios in groups.items():
        to_fastest, to_peak = zip(*ratios)
        print(f"| {shape} | {threads} | {min(to_fastest):.2f}, {statistics.median(to_fastest):.2f}, {max(to_fastest):.2f} |"
              f" {min(to_peak):.2f}, {max(to_peak):.2f} |")
    for threads, peak in peaks.items():
        print(f"\npeak, {threads} threads: {peak:.1f} GFLOP/s")
    draw(rates, sys.argv[-1])


if __name__ == "__main__":
    main()
