"""Resources of running stacks: one look at a process tree, and a thread that looks at intervals; judges nothing."""

import threading
import time
from typing import Protocol

import psutil

from godwit.verdict import Sample, StackError

_MB = 1_000_000.0


class Sampled(Protocol):
    """What can be sampled."""

    def sample(self) -> Sample:
        """Resources now; raises StackError when there are none to see."""
        ...


def sample_tree(leader: int, *, ended_cpu_s: float = 0.0) -> Sample:
    """Memory of a process and its descendants, and CPU seconds since it started, with children that have ended.

    `ended_cpu_s` is what earlier lives of the same stack used. Raises StackError when the leader is gone.
    """
    try:
        root = psutil.Process(leader)
        tree = [root, *root.children(recursive=True)]
        own = _one(root)
    except psutil.Error as error:
        raise StackError(f"process {leader} cannot be sampled: {error}") from None
    parts = [own]
    for process in tree[1:]:
        try:
            parts.append(_one(process))
        except psutil.Error:  # it ended between the two looks
            continue
    cpu, pss, rss = (sum(column) for column in zip(*parts, strict=True))
    return Sample(time.monotonic(), ended_cpu_s + cpu, pss / _MB, rss / _MB, len(parts))


def _one(process: psutil.Process) -> tuple[float, float, float]:
    with process.oneshot():
        times, memory = process.cpu_times(), process.memory_full_info()
    return times.user + times.system + times.children_user + times.children_system, memory.pss, memory.rss


class Sampler:
    """Samples a stack every `interval_s` in a thread, from `start` to `stop`; leaves out when it is down."""

    def __init__(self, stack: Sampled, interval_s: float) -> None:
        self._stack, self._interval_s = stack, interval_s
        self._samples: list[Sample] = []
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="godwit-sampler", daemon=True)

    def start(self) -> None:
        """Take the first sample and go on."""
        self._look()
        self._thread.start()

    def stop(self) -> tuple[Sample, ...]:
        """Take the last sample and give all of them, oldest first."""
        self._enough.set()
        self._thread.join()
        self._look()
        return tuple(self._samples)

    def _look(self) -> None:
        try:
            self._samples.append(self._stack.sample())
        except StackError:
            return

    def _run(self) -> None:
        while not self._enough.wait(self._interval_s):
            self._look()
