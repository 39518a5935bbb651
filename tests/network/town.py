"""Processes of a network on one machine: a node and parties, each with its folder, log and key; started, killed and started again."""
import json
import os
import re
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Member:
    """One process: what it is called, how it is started, and where its log goes."""

    def __init__(self, name, command, log, environment=None):
        self.name, self.command, self.log, self.environment = name, [str(word) for word in command], log, environment
        self.process, self.starts = None, 0

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=self.environment)
        self.starts += 1
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=20):
        """Asks it to stop. Returns: its exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise RuntimeError(f"{self.name} did not stop within {seconds} s; its log: {self.log}")
        return self.process.returncode

    def status(self):
        return self.process.poll()


class Town:
    """A folder with a chain's genesis, keys with money, and a node."""

    def __init__(self, program, folder, names, tick_milliseconds=50, prefix=lambda name: []):
        self.program, self.folder, self.prefix = program, folder, prefix
        os.makedirs(folder, exist_ok=True)
        self.keys = {}
        for name in dict.fromkeys(["node", "beacon", *names]):
            self.keys[name] = os.path.join(folder, name + ".key")
            self.run("key", "make", self.keys[name])
        self.identity = {name: self.field(name, "identity") for name in self.keys}
        self.port = free_port()
        self.hosts = {}  # of the node, as members see it, where that is not this machine's loopback
        self.genesis = os.path.join(folder, "genesis")
        self.make_genesis(names, tick_milliseconds)
        self.members = {}

    def run(self, *words):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"assay {' '.join(map(str, words))}: {done.stderr}{done.stdout}")
        return done.stdout

    def field(self, name, field):
        return re.search(rf"^{field}\s+(\S+)", self.run("key", "show", self.keys[name]), re.MULTILINE).group(1)

    def party(self, name, command, *options, key=None, folder=None):
        """A party's process, not started yet."""
        words = [*self.prefix(name), self.program, command, "--node", f"{self.hosts.get(name, '127.0.0.1')}:{self.port}"]
        if command != "watch":
            words += ["--key", self.keys[key or name]]
        if command not in ("watch", "beacon") and "--folder" not in options:
            words += ["--folder", folder or os.path.join(self.folder, name)]
        self.members[name] = Member(name, [*words, *options], os.path.join(self.folder, name + ".log"))
        return self.members[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Whatever has happened, nobody is left behind."""
        for member in self.members.values():
            if member.process is not None and member.process.poll() is None:
                member.kill()

    def stop(self):
        """Stops everybody, the node last."""
        for name, member in sorted(self.members.items(), key=lambda item: item[0] == "node"):
            member.stop()

    def make_genesis(self, names, tick_milliseconds):
        with open(self.genesis, "w") as file:
            json.dump({"name": "town", "tick_milliseconds": tick_milliseconds, "fee": 1, "account_minimum": 10, "verifier_minimum": 100, "unbonding_ticks": 20000,
                       "beacon": self.run("key", "beacon", self.keys["beacon"]).strip(),
                       "accounts": [{"id": self.identity[name], "amount": 1000000} for name in names]}, file)

    def start_node(self, *options, address="127.0.0.1", http_port=None, environment=None):
        """Starts the node, and waits until it listens; for people too, where a port is given."""
        words = [*self.prefix("node"), self.program, "node", "--key", self.keys["node"], "--folder", os.path.join(self.folder, "node"),
                 "--genesis", self.genesis, "--address", address, "--port", self.port,
                 *(["--no-http"] if http_port is None else ["--http-port", http_port]), *options]
        node = self.members["node"] = Member("node", words, os.path.join(self.folder, "node.log"), environment)
        node.start()
        self.wait_for_node()
        return node

    def wait_for_node(self):
        node = self.members["node"]
        while open(node.log).read().count("listens on port") < node.starts:
            if node.status() is not None:
                raise RuntimeError(f"the node did not start; its log: {node.log}")
            time.sleep(0.02)
