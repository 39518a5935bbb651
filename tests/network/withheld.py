#!/usr/bin/env python3
"""A solver that keeps its checkpoints back, among processes: a verifier demands a part of one, nobody shows it, and the solver loses its stake.

    withheld.py ASSAY

Spec: PARTY-16, PARTY-18, MARKET-21.
"""
import os
import re
import shutil
import sys
import tempfile

from town import Town

TASK = ("--layers 1 --heads 2 --width 32 --context 16 --batch 4 --steps 60 --warm-up 5 --interval 10 --segments 6 --verifiers 1 --bidding 2 --answering 20 --window 8 --demand 2 "
        "--recording 60 --replaying 60 --clock 60 --reward 1000 --stake 2000").split()
NAMES = ["submitter", "solver", "verifier"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = tempfile.mkdtemp(prefix="assay-withheld-")
    text = os.path.join(folder, "text")
    with open(text, "w") as file:
        file.write("what is kept back is worth nothing to anybody else. " * 200)
    with Town(sys.argv[1], folder, NAMES) as town:
        town.start_node()
        town.party("verifier", "verify", "--stake", "1000", "--tasks", "1").start()
        town.party("solver", "solve", "--price", "300", "--withhold", "--tasks", "1").start()
        watcher = town.party("watcher", "watch", "--tasks", "1").start()
        status = town.party("submitter", "submit", *TASK, text).start().process.wait(300)
        watcher.process.wait(60)
        town.stop()
        town.run("node-check", os.path.join(folder, "node"))
        wrong = [] if status == 3 else [f"the submitter ended with {status}, not 3"]
        said = open(watcher.log).read()
        solver, verifier = (town.identity[name][:8] for name in ("solver", "verifier"))
        for line in [f"{verifier} demands a part of checkpoint", f"what {verifier} demanded is withheld", f"SOLVER {solver} IS CONVICTED"]:
            if line not in said:
                wrong.append(f"the watcher never said: {line}")
        balance = int(re.findall(r"account \w+: (\d+) units", open(town.members["solver"].log).read())[-1])
        if balance > 1000000 - 2000:
            wrong.append(f"the solver has {balance} units, and its stake")
    if wrong:
        sys.exit("\n".join(wrong) + f"\nlogs: {folder}")
    shutil.rmtree(folder)
    print(f"a state was demanded and not shown; the solver has {balance} of 1000000 units left")


main()
