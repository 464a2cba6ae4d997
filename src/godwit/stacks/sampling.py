"""Samples running stacks in a thread: cheap looks at a steady rate, dear ones as often as their cost allows; judges nothing."""

import threading
import time
from typing import Protocol

from godwit.verdict import Sample, StackError

_SHARE = 0.0025
"""The part of one core that dear looks may take for long. PSS makes the kernel walk every page, 1 ms for some 40 MB."""

_CREDIT_S = 0.1
_DEAR_EVERY_S = 0.2
"""No dear look comes sooner after another; until the credit of CPU time is used up, so often they come."""


class Sampled(Protocol):
    """What can be sampled."""

    def sample(self, *, whole: bool = True) -> Sample:
        """Resources now; raises StackError when there are none to see."""
        ...


class Allowance:
    """What dear looks may cost: a credit to begin with, then a share of the time that passes. Seconds."""

    def __init__(self, share: float, credit_s: float, every_s: float) -> None:
        self._share, self._left_s, self._every_s = share, credit_s, every_s
        self._last_s: float | None = None
        self._dear_s = float("-inf")

    def affords(self, at_s: float) -> bool:
        """Whether a dear look may be taken now."""
        if self._last_s is not None:
            self._left_s += (at_s - self._last_s) * self._share
        self._last_s = at_s
        return self._left_s > 0 and at_s - self._dear_s >= self._every_s

    def spend(self, at_s: float, cost_s: float) -> None:
        """Note what a dear look took."""
        self._dear_s = at_s
        self._left_s -= cost_s


class Sampler:
    """Samples a stack every `interval_s` in a thread, from `start` to `stop`; leaves out when it is down.

    The first and the last sample are whole, and so are as many between as `share` of one core pays for.
    """

    def __init__(self, stack: Sampled, interval_s: float, share: float = _SHARE) -> None:
        self._stack, self._interval_s = stack, interval_s
        self._allowance = Allowance(share, _CREDIT_S, _DEAR_EVERY_S)
        self._samples: list[Sample] = []
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="godwit-sampler", daemon=True)

    def start(self) -> None:
        """Take the first sample and go on."""
        self._look(whole=True)
        self._thread.start()

    def stop(self) -> tuple[Sample, ...]:
        """Take the last sample and give all of them, oldest first."""
        self._enough.set()
        self._thread.join()
        self._look(whole=True)
        return tuple(self._samples)

    def _look(self, *, whole: bool) -> None:
        began_s = time.thread_time()
        try:
            self._samples.append(self._stack.sample(whole=whole))
        except StackError:
            return
        finally:
            if whole:
                self._allowance.spend(time.monotonic(), time.thread_time() - began_s)

    def _run(self) -> None:
        due_s = time.monotonic()
        while True:
            now_s = time.monotonic()
            due_s = max(due_s + self._interval_s, now_s)
            if self._enough.wait(due_s - now_s):
                return
            self._look(whole=self._allowance.affords(time.monotonic()))
