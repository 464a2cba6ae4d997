"""Tells how much of the machine other work used meanwhile; a budget that is measured beside other work says nothing."""

import os
import time
from collections.abc import Sequence

import psutil

from godwit.stacks.stack import Stack


class Neighbours:
    """From `start` to `stop`: the share of all cores (0 to 1) used by anything but this process, its children and the stacks."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self._stacks = [stack for stack in stacks if stack.is_running()]
        self._began = (0.0, 0.0, 0.0)

    def start(self) -> None:
        """Begin to count."""
        self._began = self._now()

    def stop(self) -> float:
        """The share; a stack that was restarted meanwhile cannot make it negative."""
        wall, busy, ours = (now - then for now, then in zip(self._now(), self._began, strict=True))
        return max(0.0, busy - ours) / (wall * (os.cpu_count() or 1))

    def _now(self) -> tuple[float, float, float]:
        used = os.times()
        ours = used.user + used.system + used.children_user + used.children_system
        ours += sum(stack.sample().cpu_s for stack in self._stacks)
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        busy = sum(times) - idle - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        return time.monotonic(), busy, ours
