#!/usr/bin/env python3
"""Turns the results of training_run.py into a Markdown table (printed) of medians and ratios to PyTorch, and a plot of the ratios.

usage: training_table.py RESULTS.json PLOT.svg
"""
import collections
import json
import statistics
import sys


def read(path):
    """Gives rates[task, threads][what] in items per second, medians over rounds, and peaks[task, threads][what] in bytes."""
    rates, peaks = (collections.defaultdict(lambda: collections.defaultdict(list)) for _ in range(2))
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            task, what, library, threads = run["name"].removesuffix("/real_time").split("/")
            rates[task, threads][what, library].append(run["items_per_second"])
            peaks[task, threads][what, library].append(run["peak_bytes"])
    return ({key: {what: statistics.median(values) for what, values in of.items()} for key, of in rates.items()},
            {key: {what: max(values) for what, values in of.items()} for key, of in peaks.items()})


def draw(rates, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(9, 4))
    axis.bar([f"{task}\n{threads} thread{'s' if threads != '1' else ''}" for task, threads in rates],
             [of["step", "ours"] / of["step", "torch"] for of in rates.values()])
    axis.axhline(1, color="grey", linestyle=":")
    axis.set_ylabel("items per second, to PyTorch's")
    figure.tight_layout()
    figure.savefig(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rates, peaks = read(sys.argv[1])
    print("| task | threads | ours, items/s | torch | ratio | llm.c | trace, times a step | our peak, MiB | torch's |")
    print("|---" * 9 + "|")
    for (task, threads), of in rates.items():
        ours, trace, torch = (of[what] for what in [("step", "ours"), ("trace", "ours"), ("step", "torch")])
        memory = [peaks[task, threads][what] / 2**20 for what in [("step", "ours"), ("step", "torch")]]
        llmc = f"{of['step', 'llmc']:.1f}" if ("step", "llmc") in of else "-"
        print(f"| {task} | {threads} | {ours:.1f} | {torch:.1f} | {ours / torch:.2f} | {llmc} | {ours / trace:.2f} |"
              f" {memory[0]:.0f} | {memory[1]:.0f} |")
    draw(rates, sys.argv[2])


if __name__ == "__main__":
    main()
