#!/usr/bin/env python3
"""Turns the JSON of any Google Benchmark program into a Markdown table of medians (printed), and a plot of the times.

usage: table.py RESULTS.json PLOT.svg
"""
import json
import re
import statistics
import sys

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}
FIELDS = {"name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions", "repetition_index", "threads", "iterations",
          "real_time", "cpu_time", "time_unit"}


def read(path):
    """By benchmark: the medians over repetitions of the wall clock's and the processor's seconds, and of each counter."""
    samples = {}
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            if run.get("run_type") == "aggregate" or run.get("error_occurred"):
                continue
            values = {"time": run["real_time"] * UNITS[run["time_unit"]], "processor": run["cpu_time"] * UNITS[run["time_unit"]]}
            values |= {name: value for name, value in run.items() if name not in FIELDS and isinstance(value, (int, float))}
            for name, value in values.items():
                samples.setdefault(run["name"].removesuffix("/real_time"), {}).setdefault(name, []).append(value)
    return {name: {what: statistics.median(values) for what, values in samples[name].items()} for name in sorted(samples, key=by_number)}


def by_number(name):
    """Orders names with the numbers in them by their value: runs that were interleaved come in no order."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def seconds(value):
    unit = next((unit for unit in ("s", "ms", "us") if value >= UNITS[unit]), "ns")
    return f"{value / UNITS[unit]:.3g} {unit}"


def draw(rows, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(9, 1 + 0.3 * len(rows)))
    axis.barh(list(rows), [of["time"] for of in rows.values()])
    axis.set_xscale("log")
    axis.invert_yaxis()
    axis.set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rows = read(sys.argv[1])
    counters = sorted({name for of in rows.values() for name in of} - {"time", "processor"})
    print("| what | time | processor | " + " | ".join(counters) + " |" if counters else "| what | time | processor |")
    print("|---" * (3 + len(counters)) + "|")
    for name, of in rows.items():
        cells = [name, seconds(of["time"]), seconds(of["processor"])] + [f"{of[counter]:.4g}" if counter in of else "-" for counter in counters]
        print("| " + " | ".join(cells) + " |")
    draw(rows, sys.argv[2])


if __name__ == "__main__":
    main()
