#!/usr/bin/env python3
"""Line and branch coverage of the game and the referee by the tests of disputes.

usage: tests/coverage/run.py [FILE...]       files below lib/dispute by default

Builds the preset `coverage` (unoptimised, so that lines and branches are the source's), runs the tests, and asks gcov, which comes with g++: the
packages of .ci/packages are all that is needed. Branches that only an exception takes, as gcov marks them, do not count: the library throws
none itself. Nor does a line that only closes a brace: what gcov sees there is destructors. Prints what no test reaches, and the sum.
"""
import argparse
import gzip
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "coverage"
TESTS = [["test_dispute"], ["test_referee"], ["fuzz_moves_check", "20000"], ["fuzz_disputes_check", "2000"], ["fuzz_evidence_check", "5000"],
         ["fuzz_knockouts_check", "2000"], ["fuzz_availability_check", "5000"]]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="*")
    wanted = arguments.parse_args().files or sorted(str(file.relative_to(ROOT)) for file in (ROOT / "lib/dispute").glob("*.cpp"))
    subprocess.run(["cmake", "--preset", "coverage"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "coverage", "--target", *(test[0] for test in TESTS)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for counts in BUILD.rglob("*.gcda"):
        counts.unlink()
    for name, *options in TESTS:
        subprocess.run([BUILD / "bin" / name, *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    sums = [0, 0, 0, 0]
    for file in wanted:
        (notes,) = BUILD.rglob("/".join(Path(file).parts[-2:]) + ".gcda")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["gcov", "--json-format", "--branch-probabilities", notes], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            (report,) = Path(folder).glob("*.json.gz")
            measured = json.loads(gzip.open(report).read())["files"]
        (lines,) = (entry["lines"] for entry in measured if entry["file"].endswith(file))
        sums = [total + part for total, part in zip(sums, show(file, lines))]
    print(f"all: lines {sums[0]} of {sums[1]} ({100 * sums[0] / sums[1]:.1f} %), branches {sums[2]} of {sums[3]} ({100 * sums[2] / sums[3]:.1f} %)")


def show(file, lines):
    """Returns: lines reached, lines, branches taken, branches."""
    reached = {}
    branches = []
    source = (ROOT / file).read_text().split("\n")
    for line in lines:
        number = line["line_number"]
        if source[number - 1].strip() == "}":
            continue
        reached[number] = reached.get(number, 0) + line["count"]
        branches += [(number, branch["count"]) for branch in line["branches"] if not branch["throw"]]
    taken = sum(count > 0 for _, count in branches)
    missing = sorted(number for number, count in reached.items() if count == 0)
    one_way = sorted({number for number, count in branches if count == 0} - set(missing))
    print(f"{file}: lines {len(reached) - len(missing)} of {len(reached)} ({100 * (1 - len(missing) / len(reached)):.1f} %), "
          f"branches {taken} of {len(branches)} ({100 * taken / max(len(branches), 1):.1f} %)")
    print(f"    lines not reached: {missing}\n    lines with a branch not taken: {one_way}" if missing or one_way else "    everything")
    return len(reached) - len(missing), len(reached), taken, len(branches)


if __name__ == "__main__":
    main()
