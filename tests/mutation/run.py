#!/usr/bin/env python3
"""Changes the game's code in one place at a time and says which changes no test notices.

usage: tests/mutation/run.py [--keep] [--list] [--reached] [--sample N] [--jobs N] [--group NAME...] [FILE...]

All mutants are compiled into one build of a copy of the tree, in build/mutation, and an environment variable chooses among them
(mutant.hpp); those that only a compiler sees, constants for instance, are compiled one by one. A mutant is killed when a test fails,
uses more than four times its processor time, or more memory than 4 GiB. One that does not compile does not count. README.md says what
was found.
"""
import argparse
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutation"
TREE = WORK / "tree"
RESULTS = WORK / "results.json"
JOBS = 1

# The tests of a group stand in the order of what they cost: a mutant runs them until the first that kills it.
LONG = "*tensors of 1 to 9 chunks*,*a wrong element of any node*,*sums of every number*,DISPUTE-25 stored bytes*,*swapped tensors*,*states of 3 to 17*"
LONGEST = "*bytes and ticks are the sums*"
GROUPS = {
    "dispute": (
        [f"lib/dispute/{name}" for name in ("game.cpp", "descent.cpp", "descent.hpp", "form.cpp", "match.cpp", "players.cpp", "sizes.cpp",
                                            "sizes.hpp", "statement.cpp", "bounds.cpp", "transcript.cpp", "referee.cpp")],
        [["fuzz_moves_check", "2000"], ["fuzz_disputes_check", "300"], ["test_referee", "--abort-after=1"],
         ["test_dispute", "--abort-after=1", f"--test-case-exclude=*KNOCKOUT*,*AVAILABILITY*,{LONG},{LONGEST}"],
         ["test_dispute", "--abort-after=1", f"--test-case={LONG}"], ["test_dispute", "--abort-after=1", f"--test-case={LONGEST}"]]),
    "others": (
        [f"lib/dispute/{name}" for name in ("knockout.cpp", "knockout_form.cpp", "knockout_form.hpp", "knockout_record.cpp", "availability.cpp")],
        [["fuzz_availability_check", "2000"], ["fuzz_knockouts_check", "1000"],
         ["test_dispute", "--abort-after=1", "--test-case=*KNOCKOUT*,*AVAILABILITY*"]]),
    "arithmetic": (
        ["lib/arith/binary32.cpp", "lib/arith/rounding.hpp", "lib/arith/fixed.hpp", "lib/arith/functions.cpp", "lib/arith/philox.cpp"],
        [["test_arith", "--abort-after=1"]]),
    "scalar": (["lib/program/scalar.cpp"], [["test_program", "--abort-after=1"], ["test_dispute", "--abort-after=1"]]),
}

OPERATORS = {" == ": "Equal", " != ": "Unequal", " < ": "Less", " <= ": "LessEqual", " > ": "Greater", " >= ": "GreaterEqual", " + ": "Plus",
             " - ": "Minus", " << ": "LeftShift", " >> ": "RightShift", " & ": "And", " | ": "Or"}
OPPOSITE = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+", "&&": "||", "||": "&&", "true": "false",
            "false": "true", "++": "--", "+=": "-=", "!": "", "<<": ">>", ">>": "<<", "&": "|", "|": "&"}
NUMBER = re.compile(r"(?<![\w.\"'])(\d+)(?![\w.\"'])")
# A whole statement on one line that declares nothing: a check and what it refuses, a call, an assignment.
STATEMENT = re.compile(r"^( +)(ASSAY_TRY\(.*\)|ASSAY_TRY_ASSIGN\([\w.]+, .*\)|(?:if|for) \(.*\) .*|[\w.\->\[\]]+(?:\([^=]*\))?(?:\.[\w.]+)? (?:=|\+=|-=|\|=) .*"
                       r"|(?!ASSAY_TRY)[\w.:\->]+\(.*\)|\+\+[\w.]+);$")


def code_of(text):
    """The text with comments, strings and what a failure says blanked, so that positions stay."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|^#[^\n]*', blank, text, flags=re.M)
    for match in re.finditer(r"\bfailure\(|\bnot_a_game\(|\bstatic_assert\(", text):
        end = closing(text, match.end())
        text = text[:match.end()] + re.sub(r"[^\n]", " ", text[match.end():end]) + text[end:]
    return text


def closing(text, at):
    """Where the bracket that was opened before `at` is closed."""
    depth = 1
    while depth > 0:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at - 1


def operand_begin(code, at):
    """Where the left side of && or || at `at` begins."""
    depth = 0
    while at > 0:
        at -= 1
        char = code[at]
        if char in ")]}":
            depth += 1
        elif char in "([{":
            if depth == 0:
                return at + 1
            depth -= 1
        elif depth == 0:
            if char in ";,?" or code[at - 1:at + 1] == "||":
                return at + 1
            if char == ":" and code[at - 1] != ":" and code[at + 1] != ":":
                return at + 1
            if char == "=" and code[at - 1] not in "=<>!" and code[at + 1] != "=":
                return at + 1
            if re.match(r"\breturn\b", code[at:]) and not code[at - 1].isalnum():
                return at + len("return")
    return 0


class Mutant:
    """One change: what stands at [begin, end) of a file, what stands there in the program of all mutants, and what it is changed to."""

    def __init__(self, file, begin, end, kind, original, changed):
        self.file, self.begin, self.end, self.kind, self.original, self.changed = file, begin, end, kind, original, changed

    def place(self, text):
        self.line = text.count("\n", 0, self.begin) + 1
        self.column = self.begin - (text.rfind("\n", 0, self.begin) + 1) + 1
        self.code = text.split("\n")[self.line - 1].strip()
        what = "deleted" if self.kind == "statement" else f"{self.original} -> {self.changed}" if self.changed else f"no {self.original}"
        self.name = f"{self.file}:{self.line}:{self.column}: {what}"
        self.key = f"{self.file}: {self.code} [{self.column}] {what}"


def mutants_of(file, text):
    code = code_of(text)
    found = []

    def add(begin, end, kind, changed):
        found.append(Mutant(file, begin, end, kind, text[begin:end], changed))
    for operator, name in OPERATORS.items():
        for match in re.finditer(re.escape(operator), code):
            sign = operator.strip()
            add(match.start() + 1, match.end() - 1, name, OPPOSITE[sign])
    for match in re.finditer(r"(?<= )(&&|\|\|)(?=\s)", code):
        add(match.start(), match.end(), "logic", OPPOSITE[match[0]])
    for match in re.finditer(r"(?<![\w\])])\+\+(?=\w)", code):
        add(match.start(), match.end(), "before", "--")
    for match in re.finditer(r"(?<=\w)\+\+", code):
        add(match.start(), match.end(), "after", "--")
    for match in re.finditer(r"(?<= )\+=(?= )", code):
        add(match.start(), match.end(), "add", "-=")
    for match in re.finditer(r"(?<=[( ])!(?=[\w(*])", code):
        add(match.start(), match.end(), "not", "")
    for match in re.finditer(r"\b(true|false)\b", code):
        add(match.start(), match.end(), "truth", OPPOSITE[match[0]])
    for match in NUMBER.finditer(code):
        add(match.start(), match.end(), "number", str(int(match[0]) + 1))
    begin = 0
    before = ";"
    code_lines = code.split("\n")
    for line, after in zip(code_lines, code_lines[1:] + [""]):
        match = STATEMENT.match(line)
        begins = before[-1] in ";{}:" or re.match(r"(if|for|while) \(.*\)$|else$", before)
        before = line.strip() or before
        if match and begins and not after.lstrip().startswith("else") and not re.match(r"\s+(const|auto|return|case|using|static)\b", line) and "; " not in line.split("(", 1)[0]:
            add(begin + len(match[1]), begin + len(line), "statement", "")
        begin += len(line) + 1
    found.sort(key=lambda mutant: (mutant.begin, mutant.end))
    seen = {}
    for mutant in found:
        mutant.place(text)
        seen[mutant.key] = seen.get(mutant.key, 0) + 1
        mutant.key += f" ({seen[mutant.key]})" if seen[mutant.key] > 1 else ""  # equal lines are two mutants
    return found


def with_all(text, mutants):
    """The text with all its mutants in it. Each line stays a line."""
    edits = []  # position, order, what is cut, what is put
    for mutant in mutants:
        here = f"mutation::mutant<{mutant.id}>()"
        sign = mutant.original
        if mutant.kind == "statement":
            edits.append((mutant.begin, 0, 0, f"{{ if (!{here}) {{ "))
            edits.append((mutant.end, 9, 0, " }}"))
        elif mutant.kind == "number":
            edits.append((mutant.begin, 5, len(sign), f"mutation::number<{mutant.id}>({sign})"))
        elif mutant.kind == "truth":
            edits.append((mutant.begin, 5, len(sign), f"mutation::truth<{mutant.id}>({sign})"))
        elif mutant.kind == "not":
            edits.append((mutant.begin, 5, 1, f"mutation::Not<{mutant.id}>{{}} ->* "))
        elif mutant.kind == "before":
            edits.append((mutant.begin, 5, 2, f"mutation::Increment<{mutant.id}>{{}} ->* "))
        elif mutant.kind == "after":
            edits.append((mutant.begin, 5, 2, f" ->* mutation::Increment<{mutant.id}>{{}}"))
        elif mutant.kind == "add":
            edits.append((mutant.begin, 5, 2, f"+= mutation::Add<{mutant.id}>{{}} +="))
        elif mutant.kind != "logic":
            edits.append((mutant.begin, 5, len(sign), f"{sign} mutation::{mutant.kind}<{mutant.id}>{{}} {sign}"))
        else:
            edits.append((mutant.begin, 5, 2, f"\x01{mutant.id}{sign}\x02"))
    for position, _, cut, put in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        text = text[:position] + put + text[position + cut:]
    # The logic operators, from the left: what was made of one of them is part of what stands left of the next.
    while (at := text.find("\x01")) >= 0:
        end = text.index("\x02")
        number, sign = re.match(r"(\d+)(.*)", text[at + 1:end]).groups()
        here = f"mutation::mutant<{number}>()" if sign == "&&" else f"!mutation::mutant<{number}>()"
        # Later operators look like operators to the search for the left side, earlier ones are words.
        begin = operand_begin(code_of(text[:at].replace("\n#", "\n ")), at)
        left = text[begin:at].strip()
        lines = "\n" * text[begin:at].count("\n")
        one_line = left.replace("\n", " ")
        text = (text[:begin] + f" ({here} and ({one_line})) or ({here} or ({one_line})) and " + lines + text[end + 1:])
    return text


def copy_tree(mutated):
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    for file in names.split("\n")[:-1]:
        source = ROOT / file
        if not source.is_file():
            continue
        content = mutated[file].encode() if file in mutated else source.read_bytes()
        target = TREE / file
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        shutil.copymode(source, target)


def configure():
    if not (TREE / "build" / "build.ninja").exists() or not (TREE / "build" / "CMakeCache.txt").exists():
        flags = f"-O1 -DNDEBUG -D_GLIBCXX_ASSERTIONS -include {TREE}/tests/mutation/mutant.hpp -Wno-error -w -fpermissive"
        subprocess.run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_CXX_FLAGS_RELEASE={flags}",
                        "-DASSAY_BUILD_NODE=OFF"], cwd=TREE, check=True, stdout=subprocess.DEVNULL)


def build(targets):
    command = ["cmake", "--build", "build", "--parallel", str(JOBS), "--target", *targets]
    return subprocess.run(command, cwd=TREE, text=True, capture_output=True)


def passes(test, seconds, environment):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return subprocess.run([TREE / "build" / "bin" / test[0], *test[1:]], cwd=TREE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, preexec_fn=limit, env={**os.environ, **environment}).returncode == 0


def judge(tests, limits, environment):
    """The first test that kills, or None."""
    return next((test[0] for test in tests if not passes(test, limits[tuple(test)], environment)), None)


def measure(tests):
    """Passes the unchanged program's tests. Returns, for each: its limit in seconds, and the mutants that it comes to."""
    output = WORK / "reached.txt"
    limits, reached = {}, {}
    for test in tests:
        output.unlink(missing_ok=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        if not passes(test, 600, {"ASSAY_MUTANT_REACHED": str(output)}):
            sys.exit(f"the unchanged tree does not pass {' '.join(test)}")
        limits[tuple(test)] = 2 + int(4 * (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before))
        reached[tuple(test)] = {int(line) for line in output.read_text().split()}
    return limits, reached


def errors_in(sources):
    """The lines that the compiler refuses."""
    command = ["c++", "-std=c++20", f"-I{TREE}/include", f"-I{TREE}/lib", "-include", f"{TREE}/tests/mutation/mutant.hpp", "-w", "-fpermissive", "-fsyntax-only"]
    output = "".join(subprocess.run([*command, TREE / source], text=True, capture_output=True).stderr for source in sources)
    places = re.findall(r"(lib/[\w/]+\.[ch]pp):(\d+):\d+: +(?:fatal error|error|required from)", output)
    return {(file, int(line)) for file, line in places}, output


def build_all(texts, mutants, tests):
    """Builds all mutants into one tree. Returns: those that it had to leave out."""
    alone = set()
    sources = [file for file in texts if file.endswith(".cpp")]
    while True:
        copy_tree({file: with_all(text, [mutant for mutant in mutants if mutant.file == file and mutant.id not in alone]) for file, text in texts.items()})
        places, output = errors_in(sources)
        if not places:
            break
        out = {mutant.id for mutant in mutants if (mutant.file, mutant.line) in places} - alone
        if not out:
            print(output[-3000:])
            sys.exit("the files of all mutants do not compile")
        alone |= out
    configure()
    built = build(sorted({test[0] for test in tests}))
    if built.returncode != 0:
        print(built.stdout[-3000:] + built.stderr[-3000:])
        sys.exit("the tree of all mutants does not build")
    return alone


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--keep", action="store_true", help="mutants that were killed before count as killed; only the others are run again")
    arguments.add_argument("--list", action="store_true", help="print the mutants and build nothing")
    arguments.add_argument("--reached", action="store_true", help="compile none alone: constants, and what no test comes to, are not judged")
    arguments.add_argument("--sample", type=int, help="only this many of each group, drawn from a fixed seed")
    arguments.add_argument("--group", action="append", choices=GROUPS, help="by default dispute")
    arguments.add_argument("--jobs", type=int, default=1, help="how many compilers or tests run at a time")
    arguments.add_argument("files", nargs="*", help="only the mutants of these files")
    options = arguments.parse_args()
    global JOBS
    JOBS = options.jobs
    files = {file: group for group in GROUPS for file in GROUPS[group][0] if (ROOT / file).exists()}
    texts = {file: (ROOT / file).read_text() for file in files}
    mutants = [mutant for file, text in texts.items() for mutant in mutants_of(file, text)]
    for number, mutant in enumerate(mutants):
        mutant.id = number
    groups = options.group or ["dispute"]
    wanted = [mutant for mutant in mutants if (mutant.file in options.files if options.files else files[mutant.file] in groups)]
    if options.sample:
        wanted = sorted(random.Random(20).sample(wanted, min(options.sample, len(wanted))), key=lambda mutant: mutant.id)
    if options.list:
        return print("\n".join(mutant.name for mutant in wanted), f"\n{len(wanted)} mutants")

    known = json.loads(RESULTS.read_text()) if options.keep and RESULTS.exists() else {}
    WORK.mkdir(parents=True, exist_ok=True)
    tests = [test for group in dict.fromkeys(files[mutant.file] for mutant in wanted) for test in GROUPS[group][1]]
    alone = build_all({file: texts[file] for file in {mutant.file: None for mutant in wanted}}, mutants, tests)
    limits, reached = measure(tests)
    results = {}

    def store(mutant, result):
        results[mutant.id] = known[mutant.key] = result
        RESULTS.write_text(json.dumps(known, indent=1))
        if result == "survived":
            print(f"{mutant.name}\n    {mutant.code}", flush=True)

    now, later = [], []
    for mutant in wanted:
        if known.get(mutant.key, "survived") != "survived":
            results[mutant.id] = known[mutant.key]
        else:
            (later if mutant.id in alone or not any(mutant.id in ids for ids in reached.values()) else now).append(mutant)
    with ThreadPoolExecutor(JOBS) as pool:
        def killer_of(mutant):
            reaching = [test for test in GROUPS[files[mutant.file]][1] if mutant.id in reached[tuple(test)]]
            return judge(reaching, limits, {"ASSAY_MUTANT": str(mutant.id)})
        killers = pool.map(killer_of, now)
        for mutant, killer in zip(now, killers):
            store(mutant, f"killed by {killer}" if killer else "survived")
    # One build each, in a tree without the others.
    if options.reached:
        print(f"{len(later)} mutants are not judged: no test comes to them as the program runs", flush=True)
        for mutant in later:
            results[mutant.id] = known.get(mutant.key, "not judged")
        later = []
    if later:
        print(f"{len(later)} mutants are compiled alone", flush=True)
        copy_tree({})
        configure()
    for mutant in later:
        tests = GROUPS[files[mutant.file]][1]
        text = texts[mutant.file]
        changed = {"statement": ";"}.get(mutant.kind, mutant.changed)
        (TREE / mutant.file).write_text(text[:mutant.begin] + changed + text[mutant.end:])
        if build([test[0] for test in tests]).returncode != 0:
            store(mutant, "no code")
        else:
            killer = judge(tests, limits, {})
            store(mutant, f"killed by {killer}" if killer else "survived")
        (TREE / mutant.file).write_text(text)
    summary(wanted, results)


def summary(wanted, results):
    for file in dict.fromkeys(mutant.file for mutant in wanted):
        of_file = [results[mutant.id] for mutant in wanted if mutant.file == file]
        print(f"{file}: {sum_of(of_file)}")
    print(sum_of(list(results.values())))


def sum_of(results):
    judged = [result for result in results if result not in ("no code", "not judged")]
    killed = sum(result != "survived" for result in judged)
    return (f"{killed} of {len(judged)} killed ({100 * killed / max(len(judged), 1):.1f} %), {results.count('no code')} do not compile, "
            f"{results.count('not judged')} not judged")


if __name__ == "__main__":
    main()
