#!/usr/bin/env python3
"""A table (Markdown, printed) and a plot (SVG) of what a verdict costs over the size of model and run, from the JSON of bench_verdict.

usage: verdict_table.py RESULTS.json PLOT.svg
"""
import json
import statistics
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

UNITS = {"ns": 1e-3, "us": 1, "ms": 1e3}


def read_rows(path):
    """By scale: microseconds of each hash function, and the counters."""
    times, counters = {}, {}
    for run in json.load(open(path))["benchmarks"]:
        if run.get("run_type") == "aggregate":
            continue
        function, scale = run["name"].split("/")[:2]
        times.setdefault(int(scale), {}).setdefault(function, []).append(run["real_time"] * UNITS[run["time_unit"]])
        counters[int(scale)] = run
    return {scale: ({function: statistics.median(values) for function, values in times[scale].items()}, counters[scale]) for scale in sorted(times)}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rows = read_rows(sys.argv[1])
    print("| steps | nodes | elements of a tensor | terms of a sum | moves | evidence, bytes | place, bytes | portable hash, us | OpenSSL's, us |")
    print("|---|---|---|---|---|---|---|---|---|")
    for scale, (times, counters) in rows.items():
        nodes = 5 + min(scale, 15)
        print(f"| 2^{scale + 1} | 2^{nodes} | 2^{scale + 10} | 2^{scale + 10} | {counters['moves']:.0f} | {counters['evidence_bytes']:.0f} | "
              f"{counters['place_bytes']:.0f} | {times['portable']:.1f} | {times['openssl']:.1f} |")
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    scales = [2 ** scale for scale in rows]
    for function, label in (("portable", "portable SHA-256"), ("openssl", "OpenSSL's")):
        left.plot(scales, [times[function] for times, _ in rows.values()], marker=".", label=label)
    left.axhline(100, color="grey", linestyle=":", label="100 us")
    left.set_ylabel("microseconds a verdict")
    right.plot(scales, [counters["evidence_bytes"] for _, counters in rows.values()], marker=".", label="last move")
    right.plot(scales, [counters["place_bytes"] for _, counters in rows.values()], marker=".", label="place")
    right.axhline(8192, color="grey", linestyle=":", label="8 KiB")
    right.set_ylabel("bytes")
    for axis in (left, right):
        axis.set_xscale("log", base=10)
        axis.set_ylim(bottom=0)
        axis.set_xlabel("size of model and run, the smallest being 1")
        axis.legend()
    figure.tight_layout()
    figure.savefig(sys.argv[2])


if __name__ == "__main__":
    main()
