#!/usr/bin/env python3
"""Turns the JSON of bench_contraction into a Markdown table: medians, and ratios to the fastest peer and to the multiply-add peak.

usage: contraction_table.py RESULTS.json
"""
import collections
import json
import statistics
import sys

PEERS = ["openblas", "blis", "onednn", "eigen"]


def read_rates(path):
    """Gives rates[shape, form, dims, threads][library] in GFLOP/s: the median over repetitions."""
    samples = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            if run.get("run_type") == "aggregate":
                continue
            shape, form, dims, library, threads = run["name"].removesuffix("/real_time").split("/")
            samples[shape, form, dims, threads][library].append(run["items_per_second"] * 2e-9)
    return {key: {library: statistics.median(rates) for library, rates in of.items()} for key, of in samples.items()}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rates = read_rates(sys.argv[1])
    peaks = {key[3]: of["ours"] for key, of in rates.items() if key[0] == "peak"}
    print("| shape | form | rows x columns x depth | threads | ours, GFLOP/s |", " | ".join(PEERS), "| to the fastest | to the peak |")
    print("|---" * (7 + len(PEERS)) + "|")
    for (shape, form, dims, threads), of in rates.items():
        if shape == "peak" or "ours" not in of:
            continue
        fastest = max((of[peer] for peer in PEERS if peer in of), default=float("nan"))
        peak = peaks.get(threads, float("nan"))
        print(f"| {shape} | {form} | {dims} | {threads} | {of['ours']:.1f} |",
              " | ".join(f"{of[peer]:.1f}" if peer in of else "-" for peer in PEERS),
              f"| {of['ours'] / fastest:.2f} | {of['ours'] / peak:.2f} |")
    for threads, peak in peaks.items():
        print(f"\npeak, {threads} threads: {peak:.1f} GFLOP/s")


if __name__ == "__main__":
    main()
