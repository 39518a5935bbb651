#!/usr/bin/env python3
"""Changes the game's code in one place at a time and says which changes no test notices.

usage: tests/mutation/run.py [--sample N] [--shard I/N] [--list] [FILE...]

Works on a copy of the tree below build/mutation. Each mutant is built and tested alone; the results are appended to
build/mutation/results-*.txt, so that a run that was ended goes on where it stopped. A mutant counts as killed when the tests fail or take
more than twenty times as long as they should; one that does not compile does not count.
"""
import argparse
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = [f"lib/dispute/{name}.cpp" for name in ("game", "descent", "form", "sizes", "referee", "statement", "transcript")]
TESTS = [["test_dispute", "--abort-after=1"], ["fuzz_moves_check", "2000"]]

SWAPS = [(" == ", " != "), (" != ", " == "), (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" && ", " || "),
         (" || ", " && "), (" + ", " - "), (" - ", " + "), ("++", "--"), ("if (!", "if ("), ("true", "false"), ("false", "true")]
NUMBER = re.compile(r"(?<![\w.\"'])(\d+)(?![\w.\"'])")
# A whole statement on one line that is not a declaration: a call, an assignment, a check and what it refuses.
STATEMENT = re.compile(r"^\s+(ASSAY_TRY\(.*\)|if \(.*\) (return|continue|break).*|[\w.\->\[\]]+(\([^=]*\))?(\.[\w.]+)? (=|\+=) .*|[\w.:\->]+\(.*\)|\+\+[\w.]+);$")


def code_of(line):
    """The line with comments and the contents of strings blanked, so that columns stay."""
    line = re.sub(r'"(\\.|[^"\\])*"', lambda text: '"' + " " * (len(text[0]) - 2) + '"', line)
    return re.sub(r"//.*", lambda text: " " * len(text[0]), line)


def mutants_of(file):
    lines = (ROOT / file).read_text().split("\n")
    for number, line in enumerate(lines):
        code = code_of(line)
        if code.startswith("#") or "failure(Error" in code and "if (" not in code:
            continue
        for old, new in SWAPS:
            for match in re.finditer(re.escape(old), code):
                yield file, number, line[:match.start()] + new + line[match.end():], f"{old.strip()} -> {new.strip()} at column {match.start() + 1}"
        for match in NUMBER.finditer(code):
            yield file, number, line[:match.start()] + str(int(match[1]) + 1) + line[match.end():], f"{match[1]} + 1 at column {match.start() + 1}"
        if STATEMENT.match(code) and not re.match(r"\s+(const|auto|return|case|using)\b", code):
            yield file, number, ";", "deleted"


def run(command, folder, limit=None):
    try:
        return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit).returncode
    except subprocess.TimeoutExpired:
        return -1


class Copy:
    """A copy of the tree that is built over and over."""

    def __init__(self, name):
        self.folder = ROOT / "build" / "mutation" / name
        for file in subprocess.run(["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True).stdout.split("\n")[:-1]:
            target = self.folder / file
            if target.exists() and target.read_bytes() == (ROOT / file).read_bytes():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, target)
        options = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DASSAY_BUILD_NODE=OFF"]
        subprocess.run(["cmake", "-S", ".", "-B", "build", *options], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        if self.build() != 0:
            sys.exit("the unchanged tree does not build")
        start = time.monotonic()
        if not self.passes(None):
            sys.exit("the unchanged tree does not pass its tests")
        self.limit = 10 + 20 * (time.monotonic() - start)

    def build(self):
        return run(["cmake", "--build", "build", "--target", *(test[0] for test in TESTS)], self.folder)

    def passes(self, limit):
        return all(run([f"build/bin/{name}", *options], self.folder, limit) == 0 for name, *options in TESTS)

    def judge(self, file, number, line):
        path = self.folder / file
        original = path.read_text()
        lines = original.split("\n")
        lines[number] = line
        path.write_text("\n".join(lines))
        try:
            if self.build() != 0:
                return "no code"
            return "survived" if self.passes(self.limit) else "killed"
        finally:
            path.write_text(original)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sample", type=int, help="only this many, drawn from a fixed seed")
    arguments.add_argument("--shard", default="1/1", help="only every N-th, beginning with the I-th")
    arguments.add_argument("--list", action="store_true", help="print the mutants and build nothing")
    arguments.add_argument("files", nargs="*")
    options = arguments.parse_args()
    shard, shards = map(int, options.shard.split("/"))
    mutants = [mutant for file in options.files or FILES if (ROOT / file).exists() for mutant in mutants_of(file)]
    if options.sample:
        mutants = random.Random(20).sample(mutants, min(options.sample, len(mutants)))
    mutants = mutants[shard - 1::shards]
    if options.list:
        for file, number, line, what in mutants:
            print(f"{file}:{number + 1}: {what}")
        return print(f"{len(mutants)} mutants")
    copy = Copy(f"copy-{shard}")
    results = ROOT / "build" / "mutation" / f"results-{shard}-{shards}.txt"
    known = dict(row.split("\t")[::-1] for row in results.read_text().splitlines()) if results.exists() else {}
    with results.open("a") as stored:
        for file, number, line, what in mutants:
            name = f"{file}:{number + 1}: {what}"
            if name not in known:
                known[name] = copy.judge(file, number, line)
                print(f"{known[name]}\t{name}", file=stored, flush=True)
            if known[name] == "survived":
                print(f"{name}\n    {(ROOT / file).read_text().splitlines()[number].strip()}", flush=True)
    count = {result: list(known.values()).count(result) for result in ("killed", "survived", "no code")}
    judged = count["killed"] + count["survived"]
    print(f"{count['killed']} of {judged} killed ({100 * count['killed'] / max(judged, 1):.1f} %), {count['no code']} do not compile")


if __name__ == "__main__":
    main()
