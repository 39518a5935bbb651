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
    """Gives rates[vectors, function][library] in elements per nanosecond: the median over repetitions."""
    samples = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            if run.get("run_type") != "aggregate":
                function, library, vectors = run["name"].split("/")
                samples[vectors, function][library].append(run["items_per_second"] * 1e-9)
    return {key: {library: statistics.median(rates) for library, rates in of.items()} for key, of in sorted(samples.items())}


def draw(rates, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    kinds = sorted({vectors for vectors, _ in rates})
    figure, axes = pyplot.subplots(len(kinds), 1, figsize=(10, 4 * len(kinds)), squeeze=False)
    for axis, kind in zip(axes[:, 0], kinds):
        of_kind = {function: of for (vectors, function), of in rates.items() if vectors == kind}
        for i, library in enumerate(["ours", *PEERS]):
            axis.bar([at + 0.2 * i for at in range(len(of_kind))], [of.get(library, 0) for of in of_kind.values()], 0.18, label=library)
        axis.set_xticks([at + 0.3 for at in range(len(of_kind))], [name.replace("_", "\n") for name in of_kind])
        axis.set_ylabel(f"elements per nanosecond, {kind}")
        axis.legend()
    figure.tight_layout()
    figure.savefig(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rates = read_rates(sys.argv[1])
    print("| vectors | function | ours, elements/ns | " + " | ".join(PEERS) + " | ours to the fastest |")
    print("|---" * (4 + len(PEERS)) + "|")
    for (vectors, function), of in rates.items():
        fastest = max(of.get(peer, 0) for peer in PEERS)
        peers = " | ".join(f"{of[peer]:.2f}" if peer in of else "-" for peer in PEERS)
        print(f"| {vectors} | {function.replace('_', ' ')} | {of['ours']:.2f} | {peers} | {of['ours'] / fastest:.2f} |")
    draw(rates, sys.argv[2])


if __name__ == "__main__":
    main()
