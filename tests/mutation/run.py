#!/usr/bin/env python3
"""Changes the game's code in one place at a time and says which changes no test notices.

usage: tests/mutation/run.py [--keep] [--list] [--reached] [--sample N] [--jobs N] [--group NAME...] [FILE[:LINE]...]

All mutants are compiled into one build of a copy of the tree, in build/mutation, and an environment variable chooses among them
(mutant.hpp); those that only a compiler sees, constants for instance, are compiled one by one. A mutant runs the test cases in which it
changes a value. It is killed when one fails, uses more than four times its processor time, or more memory than 4 GiB. One that does not
compile does not count. README.md says what was found.
"""
import argparse
import collections
import hashlib
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

GROUPS = {
    "dispute": (
        [f"lib/dispute/{name}" for name in ("game.cpp", "descent.cpp", "descent.hpp", "form.cpp", "match.cpp", "players.cpp", "sizes.cpp",
                                            "sizes.hpp", "statement.cpp", "bounds.cpp", "transcript.cpp", "referee.cpp")],
        [["fuzz_moves_check", "2000"], ["fuzz_disputes_check", "300"], ["test_referee"],
         ["test_dispute", "--test-case-exclude=*KNOCKOUT*,*AVAILABILITY*"]]),
    "others": (
        [f"lib/dispute/{name}" for name in ("knockout.cpp", "knockout_form.cpp", "knockout_form.hpp", "knockout_record.cpp", "availability.cpp")],
        [["fuzz_availability_check", "2000"], ["fuzz_knockouts_check", "1000"], ["test_dispute", "--test-case=*KNOCKOUT*,*AVAILABILITY*"]]),
    "arithmetic": (
        ["lib/arith/binary32.cpp", "lib/arith/rounding.hpp", "lib/arith/fixed.hpp", "lib/arith/functions.cpp", "lib/arith/philox.cpp"],
        [["test_arith"]]),
    "scalar": (["lib/program/scalar.cpp"], [["test_program"], ["test_dispute"]]),
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
        self.key = f"{self.name} in {hashlib.sha256(text.encode()).hexdigest()[:16]}"


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
    for mutant in found:
        mutant.place(text)
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


def processor_seconds():
    """What tests took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Case:
    """A test that runs by itself: what it costs on the unchanged program, the mutants it comes to and those that change a value in it, and
    what it took to kill how many mutants of each file."""

    def __init__(self, command):
        self.command, self.spent, self.kills = command, collections.Counter(), collections.Counter()
        output = WORK / "reached.txt"
        output.unlink(missing_ok=True)
        before = processor_seconds()
        if not self.passes(600, {"ASSAY_MUTANT_REACHED": str(output)}):
            sys.exit(f"the unchanged tree does not pass {' '.join(command)}")
        self.seconds = processor_seconds() - before
        lines = [tuple(map(int, line.split())) for line in output.read_text().splitlines()]
        self.reached = {id for id, _ in lines}
        self.changed = {id for id, changed in lines if changed}

    def passes(self, seconds, environment):
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        return subprocess.run([TREE / "build" / "bin" / self.command[0], *self.command[1:]], cwd=TREE, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit, env={**os.environ, **environment}).returncode == 0

    def kills_a_second(self, file):
        return (self.kills[file] + 1) / (self.spent[file] + 2 * self.seconds)

    def kills_mutant(self, mutant, environment):
        before = processor_seconds()
        killed = not self.passes(2 + int(4 * self.seconds), environment)
        self.spent[mutant.file] += processor_seconds() - before
        self.kills[mutant.file] += killed
        return killed


def commands_of(test):
    """A command for each case of a doctest program; other programs have one case."""
    if not test[0].startswith("test_"):
        return [test]
    listed = subprocess.run([TREE / "build" / "bin" / test[0], *test[1:], "--list-test-cases"], text=True, capture_output=True, check=True).stdout
    names = [line for line in listed.splitlines() if not line.startswith(("[doctest]", "==="))]
    # A comma would begin another name.
    return [[test[0], "--abort-after=1", f"--test-case={name.replace(',', '?')}"] for name in names]


def judge(mutant, cases, environment):
    """The first case that kills, or that none does."""
    for case in sorted(cases, key=lambda case: -case.kills_a_second(mutant.file)):
        if case.kills_mutant(mutant, environment):
            return f"killed by {' '.join(case.command)}"
    return "survived"


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
    arguments.add_argument("--keep", action="store_true", help="what an earlier run found stands: kills where the mutant's file is the same, "
                           "survivors where the library and the tests are")
    arguments.add_argument("--list", action="store_true", help="print the mutants and build nothing")
    arguments.add_argument("--reached", action="store_true", help="compile none alone: constants, and what no test comes to, are not judged")
    arguments.add_argument("--sample", type=int, help="only this many of each group, drawn from a fixed seed")
    arguments.add_argument("--group", action="append", choices=GROUPS, help="by default dispute")
    arguments.add_argument("--jobs", type=int, default=1, help="how many compilers or tests run at a time")
    arguments.add_argument("files", nargs="*", help="only the mutants of these files or lines, in this order")
    options = arguments.parse_args()
    global JOBS
    JOBS = options.jobs
    files = {file: group for group in GROUPS for file in GROUPS[group][0] if (ROOT / file).exists()}
    texts = {file: (ROOT / file).read_text() for file in files}
    mutants = [mutant for file, text in texts.items() for mutant in mutants_of(file, text)]
    for number, mutant in enumerate(mutants):
        mutant.id = number
    groups = options.group or ["dispute"]
    wanted = [mutant for mutant in mutants if files[mutant.file] in groups]
    if options.files:
        wanted = [mutant for place in options.files for mutant in mutants if mutant.name.startswith(f"{place}:")]
    if options.sample:
        wanted = sorted(random.Random(20).sample(wanted, min(options.sample, len(wanted))), key=lambda mutant: mutant.id)
    if options.list:
        return print("\n".join(mutant.name for mutant in wanted), f"\n{len(wanted)} mutants")

    tree = digest_of("include", "lib", "tests/unit", "tests/fuzz")
    known = {}
    if options.keep and RESULTS.exists():
        kept = json.loads(RESULTS.read_text())
        keys = {mutant.key for mutant in mutants}
        known = {key: result for key, result in kept["results"].items() if key in keys and (result != "survived" or kept["tree"] == tree)}
    WORK.mkdir(parents=True, exist_ok=True)
    groups = list(dict.fromkeys(files[mutant.file] for mutant in wanted))
    tests = {group: GROUPS[group][1] for group in groups}
    alone = build_all({file: text for file, text in texts.items() if files[file] in groups}, mutants, sum(tests.values(), []))
    cases = {group: [Case(command) for test in tests[group] for command in commands_of(test)] for group in groups}
    for group in groups:
        print(f"{group}: {len(cases[group])} cases of {sum(case.seconds for case in cases[group]):.0f} s", flush=True)
    results = {}

    def store(mutant, result):
        results[mutant.id] = known[mutant.key] = result
        RESULTS.with_suffix(".new").write_text(json.dumps({"tree": tree, "results": known}, indent=1))
        RESULTS.with_suffix(".new").replace(RESULTS)
        if result == "survived":
            print(f"{mutant.name}\n    {mutant.code}", flush=True)

    now, later = [], []
    for mutant in wanted:
        if mutant.key in known:
            results[mutant.id] = known[mutant.key]
        else:
            reached = mutant.id not in alone and any(mutant.id in case.reached for case in cases[files[mutant.file]])
            (now if reached else later).append(mutant)
    with ThreadPoolExecutor(JOBS) as pool:
        def result_of(mutant):
            changed = [case for case in cases[files[mutant.file]] if mutant.id in case.changed]
            return judge(mutant, changed, {"ASSAY_MUTANT": str(mutant.id)})
        for mutant, result in zip(now, pool.map(result_of, now)):
            store(mutant, result)
    # One build each, in a tree without the others.
    if options.reached:
        print(f"{len(later)} mutants are not judged: no test comes to them as the program runs", flush=True)
        results.update({mutant.id: "not judged" for mutant in later})
        later = []
    if later:
        print(f"{len(later)} mutants are compiled alone", flush=True)
        copy_tree({})
        configure()
    for mutant in later:
        group = files[mutant.file]
        text = texts[mutant.file]
        changed = {"statement": ";"}.get(mutant.kind, mutant.changed)
        (TREE / mutant.file).write_text(text[:mutant.begin] + changed + text[mutant.end:])
        built = build([test[0] for test in tests[group]]).returncode == 0
        store(mutant, judge(mutant, cases[group], {}) if built else "no code")
        (TREE / mutant.file).write_text(text)
    summary(wanted, results)


def digest_of(*folders):
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(file for file in (ROOT / folder).rglob("*") if file.is_file()):
            digest.update(f"{file.relative_to(ROOT)} {file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()


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
