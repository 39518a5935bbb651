#!/usr/bin/env python3
"""Joins network namespaces to one of them by links with latency, loss and a partition that heals. Needs root and /dev/net/tun.

    link.py HUB LATENCY_MS LOSS_PERCENT [PARTITION_FILE] NAMESPACE...

Namespace i (from 1) reaches the hub at 10.77.i.1 and has 10.77.i.2. A packet takes LATENCY_MS each way and is lost with LOSS_PERCENT. While
PARTITION_FILE exists, the namespaces named in it (one a line) are cut off. Runs until it is stopped. Kernels without the netem queueing
discipline can do this; the packets are real, so TCP's own recovery is part of the picture.
"""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000
PACKETS_MAX = 20000  # in flight; more are dropped, as a router's queue would

libc = ctypes.CDLL(None, use_errno=True)


home = os.open("/proc/self/ns/net", os.O_RDONLY)


def enter(namespace):
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace: this needs root")


def tun(namespace, device, address):
    with open(f"/var/run/netns/{namespace}") as file:
        enter(file.fileno())
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    enter(home)
    for command in (f"addr add {address}/30 dev {device}", f"link set {device} mtu 1400 up", "link set lo up"):
        subprocess.run(["ip", "-n", namespace, *command.split()], check=True)
    return end


def main():
    hub, latency, loss = sys.argv[1], float(sys.argv[2]) / 1000, float(sys.argv[3]) / 100
    partition_file, namespaces = sys.argv[4], sys.argv[5:]
    other_end, owner = {}, {}
    for number, namespace in enumerate(namespaces, 1):
        near = tun(namespace, "assay0", f"10.77.{number}.2")
        far = tun(hub, f"assay{number}", f"10.77.{number}.1")
        other_end[near], other_end[far] = far, near
        owner[near] = owner[far] = namespace
    print("links are up", flush=True)
    chance = random.Random(1)
    in_flight, count, cut, checked = [], 0, set(), 0.0
    while True:
        now = time.monotonic()
        if now - checked > 0.1:
            checked = now
            before = cut
            cut = set(open(partition_file).read().split()) if os.path.exists(partition_file) else set()
            if cut != before:
                print(f"partition: {' '.join(sorted(cut)) or 'none'}", flush=True)
        while in_flight and in_flight[0][0] <= now:
            _, _, end, packet = heapq.heappop(in_flight)
            try:
                os.write(end, packet)
            except OSError:
                pass  # the device is going down
        timeout = min(0.1, max(0.0, in_flight[0][0] - now)) if in_flight else 0.1
        for end in select.select(list(other_end), [], [], timeout)[0]:
            try:
                packet = os.read(end, 65536)
            except OSError:
                continue
            if owner[end] in cut or chance.random() < loss or len(in_flight) >= PACKETS_MAX:
                continue
            count += 1
            heapq.heappush(in_flight, (time.monotonic() + latency, count, other_end[end], packet))


main()
