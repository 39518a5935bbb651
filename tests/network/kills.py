#!/usr/bin/env python3
"""Runs markets of processes and kills any of them, at random moments, with SIGKILL; every one goes on where it was.

    kills.py ASSAY ROUNDS [SEED] [--slow] [--networks N]

A round is a task from its posting to its settlement. In every fourth one the solver cheats, and has to be convicted; in the others the result has
to come home. In each round several processes, the node among them, are killed and started again. After every network of eight rounds a watcher
checks the whole chain, and so does the node's own check of its folder. --slow gives the deadlines that a machine needs on which other work may
stop this one for seconds at a time. N networks live side by side, one by default: most of a round is waiting.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

from town import Town

ROUNDS_A_NETWORK = 8
TEXT = "".join(f"the quick brown fox number {i * i % 97} jumps over the lazy dog\n" for i in range(400))
MODEL = "--layers 1 --heads 2 --width 16 --context 16 --batch 4 --steps 30 --warm-up 5 --interval 10 --segments 3".split()
FAST = "--bidding 4 --answering 15 --window 1 --demand 0 --recording 60 --replaying 60 --turn 10 --clock 60".split()
SLOW = "--bidding 6 --answering 20 --window 2 --demand 0 --recording 600 --replaying 600 --turn 60 --clock 600".split()


stop = threading.Event()


class Ended:
    """What came of one network: its rounds that went well, who was killed, and what went wrong."""

    def __init__(self):
        self.rounds, self.convicted, self.killed, self.wrong = 0, 0, [], []


class Round:
    def __init__(self, town, number, chance, times):
        self.town, self.number, self.chance = town, number, chance
        self.cheats = number % 4 == 3
        text = os.path.join(town.folder, "text")
        if not os.path.exists(text):
            with open(text, "w") as file:
                file.write(TEXT)
        self.submitter = town.party(f"submitter-{number}", "submit", *MODEL, *times, text, key="submitter")
        self.kills, self.was_convicted = [], False

    def members(self):
        names = ["node", "cheat" if self.cheats else "honest", "verifier-1", "verifier-2"]
        return [self.town.members[name] for name in names] + [self.submitter]

    def is_disputed(self):
        return any("challenges segment" in open(self.town.members[name].log).read()[self.begun_at[name]:] for name in self.begun_at)

    def kill_one(self):
        member = self.chance.choice(self.members())
        if member.status() is not None:
            return
        member.kill()
        self.kills.append(member.name)
        time.sleep(self.chance.choice([0, 0, 0.05, 0.3]))
        member.start()
        # A network that is away for a whole phase is a deadline that nobody can meet; everybody else may die again at once.
        if member.name == "node":
            self.town.wait_for_node()

    def play(self, kills, seconds_max):
        """Returns: nothing when all went well, else what went wrong."""
        self.begun_at = {name: os.path.getsize(self.town.members[name].log) for name in ("verifier-1", "verifier-2")}
        # Half of the disputes are left alone until they have begun, and then nobody is.
        waits = self.cheats and self.chance.random() < 0.5
        self.submitter.start()
        began = time.monotonic()
        while self.submitter.status() is None:
            if stop.is_set():
                return "stopped"
            if time.monotonic() - began > seconds_max:
                return f"was not over after {seconds_max} s"
            for member in self.members():
                if member is not self.submitter and member.status() is not None:
                    return f"{member.name} ended with {member.status()}"
            waits = waits and not self.is_disputed()
            if len(self.kills) < kills and not waits:
                time.sleep(self.chance.uniform(0, 0.1 if self.cheats and self.is_disputed() else 2.5))
                self.kill_one()
            else:
                time.sleep(0.01)
        wanted = 3 if self.cheats else 0
        if self.submitter.status() != wanted:
            return f"the submitter ended with {self.submitter.status()}, not {wanted}"
        self.was_convicted = wanted == 3
        return None


def play_network(program, folder, first, rounds, chance, times, seconds_max):
    names = ["submitter", "honest", "cheat", "verifier-1", "verifier-2"]
    ended = Ended()
    with Town(program, folder, names) as town:
        town.start_node()
        town.party("honest", "solve", "--price", "500").start()
        town.party("cheat", "solve", "--price", "300", "--cheat", "nudged-weight")
        for name in ("verifier-1", "verifier-2"):
            town.party(name, "verify", "--stake", "1000").start()
        for number in range(first, first + rounds):
            if stop.is_set():
                return ended
            this = Round(town, number, chance, times)
            # Alone: whoever has kept its promises wins against a cheaper newcomer.
            if this.cheats:
                town.members["honest"].stop()
                town.members["cheat"].start()
            failure = this.play(chance.randint(1, 5), seconds_max)
            if stop.is_set():
                return ended
            ended.killed += this.kills
            print(f"round {number}: {'a cheat' if this.cheats else 'honest'}, killed {', '.join(this.kills) or 'nobody'}: {failure or 'as it must be'}", flush=True)
            if failure:
                ended.wrong.append(f"round {number}: {failure}")
                break
            ended.rounds += 1
            if this.cheats:
                ended.convicted += this.was_convicted
                town.members["cheat"].stop()
                town.members["honest"].start()
        watcher = town.party("watcher", "watch", "--tasks", "1").start()
        if watcher.process.wait(120) != 0:
            ended.wrong.append(f"the watcher says that the chain is bad: {watcher.log}")
        town.stop()
        if not ended.wrong:
            town.run("node-check", os.path.join(folder, "node"))
        return ended


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("rounds", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--networks", type=int, default=1)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # so that nobody is left behind then, either
    signal.signal(signal.SIGINT, lambda *_: stop.set())

    def play(first):
        folder = tempfile.mkdtemp(prefix="assay-kills-")
        count = min(ROUNDS_A_NETWORK, asked.rounds - first)
        times, seconds_max = (SLOW, 900) if asked.slow else (FAST, 120)
        ended = play_network(asked.assay, folder, first, count, random.Random(asked.seed * 1000003 + first), times, seconds_max)
        if ended.wrong:
            ended.wrong.append(f"seed {asked.seed}; logs: {folder}")
        else:
            shutil.rmtree(folder)
        return ended

    with concurrent.futures.ThreadPoolExecutor(asked.networks) as pool:
        all_ended = list(pool.map(play, range(0, asked.rounds, ROUNDS_A_NETWORK)))
    killed = collections.Counter(name.split("-")[0] for ended in all_ended for name in ended.killed)
    print(f"{sum(ended.rounds for ended in all_ended)} of {asked.rounds} rounds, {sum(ended.convicted for ended in all_ended)} cheats convicted, {killed.total()} kills: "
          + ", ".join(f"{name} {count}" for name, count in sorted(killed.items())))
    wrong = [line for ended in all_ended for line in ended.wrong]
    if wrong or stop.is_set():
        sys.exit("\n".join(wrong) or "stopped")


main()
