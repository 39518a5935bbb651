#!/usr/bin/env python3
"""What people do less often, with processes: a task is taken back, the beacon draws for a submitter that is gone, everybody's clock is set in the middle of a dispute.

    acts.py ASSAY LIBNODE_FAULTS
"""
import os
import shutil
import signal
import sys
import tempfile
import time

from town import Town

MODEL = "--layers 1 --heads 2 --width 16 --context 16 --batch 4 --steps 30 --warm-up 5 --interval 10 --segments 3".split()
TIMES = "--bidding 4 --answering 10 --window 1 --demand 0 --recording 600 --replaying 600 --turn 60 --clock 600".split()
SECONDS_MAX = 150


def wait_until(is_so, what):
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > SECONDS_MAX:
            raise RuntimeError(f"not within {SECONDS_MAX} s: {what}")
        time.sleep(0.02)


def says(member, words):
    return os.path.exists(member.log) and words in open(member.log).read()


def expect(member, status):
    """Waits for a process's end, which has to have this status."""
    wait_until(lambda: member.status() is not None, f"{member.name} ends")
    if member.status() != status:
        raise RuntimeError(f"{member.name} ended with {member.status()}, not {status}; its log: {member.log}")


def text_in(town):
    path = os.path.join(town.folder, "text")
    with open(path, "w") as file:
        file.write("".join(f"the quick brown fox number {i * i % 97} jumps over the lazy dog\n" for i in range(400)))
    return path


def take_back(program, folder):
    """PARTY-15: a submitter that is started again with --withdraw takes its task back while bids are sealed; the escrow comes home."""
    with Town(program, folder, ["submitter"]) as town:
        town.start_node()
        options = [*MODEL, *TIMES, "--bidding", "600", "--folder", os.path.join(folder, "task"), text_in(town)]
        posting = town.party("posting", "submit", *options, key="submitter").start()
        wait_until(lambda: says(posting, "0 of 3 segments recorded"), "the task is posted")
        posting.stop()
        withdrawing = town.party("withdrawing", "submit", "--withdraw", *options, key="submitter").start()
        expect(withdrawing, 6)
        if not says(withdrawing, "the task was taken back"):
            raise RuntimeError(f"nothing was taken back; the log: {withdrawing.log}")
        expect(town.party("watcher", "watch", "--tasks", "1").start(), 0)
        town.stop()


def draw_for_another(program, folder):
    """PARTY-14: the submitter is gone when it should draw; the beacon's holder does, and the solver is audited and paid."""
    with Town(program, folder, ["submitter", "solver", "verifier", "beacon"]) as town:
        town.start_node()
        beacon = town.party("beacon", "beacon").start()
        solver = town.party("solver", "solve", "--price", "500").start()
        town.party("verifier", "verify", "--stake", "1000").start()
        submitter = town.party("submitter", "submit", *MODEL, *TIMES, "--verifiers", "1", text_in(town)).start()
        wait_until(lambda: says(solver, "reveals its bid"), "the auction goes on without it")
        submitter.kill()
        expect(town.party("watcher", "watch", "--tasks", "1").start(), 0)
        for words in ("is drawn to verify", "saw the same", "closed"):
            if not says(town.members["watcher"], words):
                raise RuntimeError(f"nobody {words}; the logs are in {folder}")
        if not says(beacon, "draws"):
            raise RuntimeError(f"the beacon did not draw; its log: {beacon.log}")
        expect(submitter.start(), 0)
        town.stop()


def set_clocks(program, folder, faults):
    """NET-5: an hour forwards and two backwards, on all machines, while a dispute goes on: nobody misses a turn that it could have made."""
    with Town(program, folder, ["submitter", "cheat", "verifier"]) as town:
        environment = {**os.environ, "LD_PRELOAD": faults, "ASSAY_CLOCK": "0"}
        town.start_node(environment=environment)
        parties = [town.party("cheat", "solve", "--price", "300", "--cheat", "nudged-weight"), town.party("verifier", "verify", "--stake", "1000")]
        submitter = town.party("submitter", "submit", *MODEL, *TIMES, "--verifiers", "1", text_in(town))
        for member in [*parties, submitter]:
            member.environment = environment
            member.start()
        verifier = parties[1]
        wait_until(lambda: says(verifier, "challenges segment") or submitter.status() is not None, "a dispute begins")
        jumps = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR1]
        while submitter.status() is None:
            if jumps:
                jump = jumps.pop(0)
                for name in ("node", "cheat", "verifier"):
                    town.members[name].process.send_signal(jump)
            time.sleep(0.03)
        if jumps:
            raise RuntimeError("the dispute was over before all clocks were set")
        expect(submitter, 3)
        watcher = town.party("watcher", "watch", "--tasks", "1").start()
        expect(watcher, 0)
        if says(watcher, "fell silent") or not says(watcher, "IS CONVICTED"):
            raise RuntimeError(f"the cheat was not convicted by proof; the log: {watcher.log}")
        town.stop()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that nobody is left behind then, either
    folder = tempfile.mkdtemp(prefix="assay-acts-")
    for number, act in enumerate([take_back, draw_for_another, lambda *where: set_clocks(*where, sys.argv[2])]):
        act(sys.argv[1], os.path.join(folder, str(number)))
        print(f"act {number}: as it must be", flush=True)
    shutil.rmtree(folder)


main()
