"""What it costs to sample the resources of a tree of processes, as a share of one core; it asserts nothing.

`python benchmarks/sampling.py` starts ten idle processes of some 40 MB each, looks at them 10 times a second for 60 s through
the same sampler as a run does, and prints what the sampling thread used, beside psutil alone; --json for the same as JSON.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from godwit.stacks import Sampler
from godwit.stacks.looks import Tree
from godwit.verdict import Sample

_PROGRAM = """
import subprocess, sys
words, pipe = [sys.executable, "-c", sys.argv[1]], subprocess.PIPE
children = [subprocess.Popen(words, stdin=pipe, stdout=pipe) for _ in range(int(sys.argv[2]))]
for child in children:
    child.stdout.readline()
print(flush=True)
sys.stdin.read()
"""
_IDLE = """
import asyncio, http.server, json, sqlite3, sys
memory = bytearray(25_000_000)
memory[::4096] = b"x" * len(memory[::4096])
print(flush=True)
sys.stdin.read()
"""


class Timed:
    """A stack that only counts what its looks cost the thread that looks."""

    def __init__(self, look: Callable[[bool], Sample]) -> None:
        self._look = look
        self.cpu_s = {True: 0.0, False: 0.0}
        self.times = {True: 0, False: 0}

    def sample(self, *, whole: bool = True) -> Sample:
        """Resources now."""
        began = time.thread_time()
        try:
            return self._look(whole)
        finally:
            self.cpu_s[whole] += time.thread_time() - began
            self.times[whole] += 1


def by_psutil(leader: int) -> Callable[[bool], Sample]:
    """The same figures by psutil alone, everything at every look."""
    root = psutil.Process(leader)

    def look(_: bool) -> Sample:
        tree = [root, *root.children(recursive=True)]
        memory = [each.memory_full_info() for each in tree]
        cpu = sum(each.cpu_times().user + each.cpu_times().system for each in tree)
        threads, files = sum(each.num_threads() for each in tree), sum(each.num_fds() for each in tree)
        sockets = sum(len(each.net_connections("all")) for each in tree)
        pss, rss, uss = (sum(getattr(each, name) for each in memory) / 1e6 for name in ("pss", "rss", "uss"))
        return Sample(time.monotonic(), cpu, pss, rss, len(tree), uss, threads, files, sockets)

    return look


def measured(look: Callable[[bool], Sample], seconds: float, interval_s: float) -> dict[str, float]:
    """One run of a sampler: looks and CPU, and the whole process's CPU over what it uses when it only waits."""
    stack = Timed(look)
    sampler = Sampler(stack, interval_s)
    began, used = time.monotonic(), time.process_time()
    sampler.start()
    time.sleep(seconds)
    samples = sampler.stop()
    took = time.monotonic() - began
    return {
        "seconds": took,
        "samples_per_s": (len(samples) - 2) / took,
        "whole_per_s": stack.times[True] / took,
        "cheap_look_us": 1e6 * stack.cpu_s[False] / max(stack.times[False], 1),
        "whole_look_us": 1e6 * stack.cpu_s[True] / max(stack.times[True], 1),
        "percent_of_a_core": 100 * (time.process_time() - used) / took,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    words = [sys.executable, "-c", _PROGRAM, _IDLE, str(asked.processes - 1)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as leader:
        assert leader.stdout is not None
        leader.stdout.readline()
        tree = Tree(leader.pid)
        rows = {
            "godwit": measured(lambda whole: tree.sample(whole=whole), asked.seconds, 0.1),
            "psutil, everything each time": measured(by_psutil(leader.pid), asked.seconds / 2, 0.1),
        }
        leader.communicate()
    if asked.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{asked.processes} processes, asked for 10 Hz")
    for name, row in rows.items():
        print(f"  {name}: " + ", ".join(f"{word} {value:.4g}" for word, value in row.items()))


if __name__ == "__main__":
    main()
