#!/usr/bin/env python3
"""A verifier that is killed goes on from the blocks that it had followed; from a file that was damaged it does not, and follows all of them again.

    resumed.py ASSAY

Spec: PARTY-20.
"""
import os
import shutil
import sys
import tempfile
import time

from town import Town

TASK = ("--layers 1 --heads 2 --width 32 --context 16 --batch 4 --steps 60 --warm-up 5 --interval 10 --segments 6 --verifiers 1 --bidding 2 --answering 20 --window 2 --demand 0 "
        "--recording 60 --replaying 60 --clock 60 --reward 1000 --stake 2000").split()
NAMES = ["submitter", "solver", "verifier"]
RESUMED, REFUSED = "goes on from the blocks", "made anew from the first block"


def waits_for(what, condition, seconds=60):
    for _ in range(10 * seconds):
        if condition():
            return
        time.sleep(0.1)
    raise RuntimeError(f"{what} did not come about in {seconds} s")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = tempfile.mkdtemp(prefix="assay-resumed-")
    text = os.path.join(folder, "text")
    with open(text, "w") as file:
        file.write("who has followed a chain need not follow it again. " * 200)
    with Town(sys.argv[1], folder, NAMES) as town:
        town.start_node()
        verifier = town.party("verifier", "verify", "--stake", "1000").start()
        town.party("solver", "solve", "--price", "300").start()
        view = os.path.join(folder, "verifier", "view")

        def said(what):
            return open(verifier.log).read().count(what)

        def submits(number):
            status = town.party(f"submitter-{number}", "submit", *TASK, text, key="submitter").start().process.wait(200)
            if status != 0:
                raise RuntimeError(f"task {number} ended with {status}")

        submits(1)
        waits_for("the verifier's view", lambda: os.path.exists(view))
        verifier.kill()
        verifier.start()
        waits_for("going on", lambda: said(RESUMED) == 1)
        submits(2)
        verifier.kill()
        with open(view, "r+b") as file:
            file.seek(os.path.getsize(view) // 2)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 1]))
        verifier.start()
        waits_for("refusing what is damaged", lambda: said(REFUSED) == 1)
        submits(3)
        verifier.stop()
        verifier.start()
        waits_for("going on once more", lambda: said(RESUMED) == 2)
        town.stop()
        town.run("node-check", os.path.join(folder, "node"))
    shutil.rmtree(folder)
    print("a killed verifier went on from its blocks, and did not from damaged ones; three tasks were paid")


main()
