#!/usr/bin/env python3
"""Measures a dispute between remote parties: everybody in a network namespace of its own, each of them LATENCY away from the node. Needs root.

    dispute.py ASSAY TEXT [LATENCY_MS] [LOSS_PERCENT]

The task is nanoGPT's small setting on TEXT, cut to 60 steps. The solver changes a weight; a verifier replays, challenges, and the game is played
to its verdict. Times are the ledger's ticks of 20 ms, from the challenge's block to the verdict's, and to that in which all money is paid.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

from town import Town

TICK = 20
TASK = ("--layers 4 --heads 4 --width 128 --context 64 --batch 12 --steps 60 --warm-up 20 --rate 1e-3 --interval 20 --segments 3 --verifiers 1 "
        "--bidding 4 --answering 20 --window 4 --demand 0 --recording 300 --replaying 300 --turn 10 --clock 120").split()
NAMES = ["submitter", "solver", "verifier", "watcher"]


def namespace(name):
    return "assay-d-" + name


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, text = sys.argv[1], sys.argv[2]
    latency, loss = (sys.argv[3:] + ["50", "0"][len(sys.argv) - 3:])[:2]
    folder = tempfile.mkdtemp(prefix="assay-dispute-")
    here = os.path.dirname(os.path.abspath(__file__))
    links = None
    try:
        for name in ["node", *NAMES]:
            subprocess.run(["ip", "netns", "add", namespace(name)], check=True)
        links = subprocess.Popen([sys.executable, os.path.join(here, "../../examples/link.py"), namespace("node"), latency, loss,
                                  os.path.join(folder, "partition"), *map(namespace, NAMES)], stdout=subprocess.PIPE, text=True)
        links.stdout.readline()
        town = Town(program, folder, NAMES, TICK, prefix=lambda name: ["ip", "netns", "exec", namespace(name)])
        town.start_node(address="0.0.0.0")
        for number, name in enumerate(NAMES, 1):
            town.hosts[name] = f"10.77.{number}.1"
        watcher = town.party("watcher", "watch", "--tasks", "1").start()
        town.party("verifier", "verify", "--stake", "1000", "--tasks", "1").start()
        town.party("solver", "solve", "--price", "300", "--cheat", "nudged-weight", "--tasks", "1").start()
        submitter = town.party("submitter", "submit", *TASK, text).start()
        status = submitter.process.wait(600)
        watcher.process.wait(60)
        town.stop()
        log = open(watcher.log).read()
        if status != 3:
            sys.exit(f"the solver was not convicted (status {status}); logs: {folder}")

        def tick(pattern):
            return int(re.search(rf"tick (\d+): .*{pattern}", log).group(1))

        begun = tick("challenges segment")
        moves = len(re.findall("makes move", log))
        print(f"latency {latency} ms each way, loss {loss} %: {moves} moves; {(tick('IS CONVICTED') - begun) * TICK / 1000:.2f} s from the challenge to the verdict, "
              f"{(tick('closed') - begun) * TICK / 1000:.2f} s until everything is paid (20 s of these are for revealing a planted fault); logs: {folder}")
    finally:
        if links:
            links.kill()
        for name in ["node", *NAMES]:
            subprocess.run(["ip", "netns", "del", namespace(name)], stderr=subprocess.DEVNULL)


main()
