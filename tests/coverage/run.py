#!/usr/bin/env python3
"""Line and branch coverage of the game and the referee by the tests of disputes.

usage: tests/coverage/run.py [FILE...]       files below lib/dispute by default

Builds the preset `coverage`, runs the tests, and asks gcov. Branches that only an exception takes do not count: the library throws none
itself. Prints what no test reaches.
"""
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "coverage"
TESTS = [["test_dispute"], ["fuzz_moves_check", "20000"]]


def main():
    wanted = sys.argv[1:] or sorted(str(file.relative_to(ROOT)) for file in (ROOT / "lib/dispute").glob("*.cpp"))
    subprocess.run(["cmake", "--preset", "coverage"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "coverage", "--target", *(test[0] for test in TESTS)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for counts in BUILD.rglob("*.gcda"):
        counts.unlink()
    for name, *options in TESTS:
        subprocess.run([BUILD / "bin" / name, *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for file in wanted:
        (notes,) = BUILD.rglob(f"{Path(file).name}.gcda")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["gcov", "--json-format", "--branch-probabilities", notes], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            (report,) = Path(folder).glob("*.json.gz")
            measured = json.loads(gzip.open(report).read())["files"]
        (lines,) = (entry["lines"] for entry in measured if entry["file"].endswith(file))
        show(file, lines)


def show(file, lines):
    reached = {}
    branches = []
    for line in lines:
        number = line["line_number"]
        reached[number] = reached.get(number, 0) + line["count"]
        branches += [(number, branch["count"]) for branch in line["branches"] if not branch["throw"]]
    taken = sum(count > 0 for _, count in branches)
    missing = sorted(number for number, count in reached.items() if count == 0)
    one_way = sorted({number for number, count in branches if count == 0} - set(missing))
    print(f"{file}: lines {len(reached) - len(missing)} of {len(reached)} ({100 * (1 - len(missing) / len(reached)):.1f} %), "
          f"branches {taken} of {len(branches)} ({100 * taken / max(len(branches), 1):.1f} %)")
    print(f"    lines not reached: {missing}\n    lines with a branch not taken: {one_way}" if missing or one_way else "    everything")


if __name__ == "__main__":
    main()
