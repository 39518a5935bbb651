#!/usr/bin/env python3
"""Turns the JSON of bench_functions into a Markdown table of medians (printed) and a plot.

usage: functions_table.py RESULTS.json PLOT.svg
"""
import collections
import json
import statistics
import sys

PEERS = ["scalar", "mvec", "sleef"]


def read_rates(path):
    """Gives rates[function][library] in elements per nanosecond: the median over repetitions."""
    samples = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            if run.get("run_type") != "aggregate":
                function, library = run["name"].split("/")[:2]
                samples[function][library].append(run["items_per_second"] * 1e-9)
    return {function: {library: statistics.median(rates) for library, rates in of.items()} for function, of in sorted(samples.items())}


def draw(rates, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(10, 4))
    for i, library in enumerate(["ours", *PEERS]):
        axis.bar([at + 0.2 * i for at in range(len(rates))], [of.get(library, 0) for of in rates.values()], 0.18, label=library)
    axis.set_xticks([at + 0.3 for at in range(len(rates))], [name.replace("_", "\n") for name in rates])
    axis.set_ylabel("elements per nanosecond")
    axis.legend()
    figure.tight_layout()
    figure.savefig(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rates = read_rates(sys.argv[1])
    print("| function | ours, elements/ns | " + " | ".join(PEERS) + " | ours to the fastest |")
    print("|---" * (3 + len(PEERS)) + "|")
    for function, of in rates.items():
        fastest = max(of.get(peer, 0) for peer in PEERS)
        peers = " | ".join(f"{of[peer]:.2f}" if peer in of else "-" for peer in PEERS)
        print(f"| {function} | {of['ours']:.2f} | {peers} | {of['ours'] / fastest:.2f} |")
    draw(rates, sys.argv[2])


if __name__ == "__main__":
    main()
