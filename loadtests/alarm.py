"""Wakes an event loop at a time on the performance counter, to some ten microseconds; libuv's own timers know milliseconds only."""

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import Callable

_CLOCK_MONOTONIC = 1
_NONBLOCK = os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


class _Moment(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("every", _Moment), ("first", _Moment))


class Alarm:
    """One time at which a function is called; set again, it forgets the time before.

    Where the system has no timer that is a file (outside Linux), the loop's own timers stand in, late by up to 1 ms.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop, self._ring = loop, ring
        self._libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
        self._file = self._libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK) if self._libc else -1
        self._timer: asyncio.TimerHandle | None = None
        if self._file >= 0:
            loop.add_reader(self._file, self._due)

    def at(self, moment: float) -> None:
        """Ring at a time of `time.perf_counter()`; one that has passed rings at once."""
        wait_s = max(moment - time.perf_counter(), 1e-6)
        if self._libc is not None and self._file >= 0:
            whole = int(wait_s)
            setting = _Setting(_Moment(0, 0), _Moment(whole, int((wait_s - whole) * 1e9)))
            self._libc.timerfd_settime(self._file, 0, ctypes.byref(setting), None)
            return
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(wait_s, self._ring)

    def close(self) -> None:
        """Never ring again."""
        if self._timer:
            self._timer.cancel()
        if self._file >= 0:
            self._loop.remove_reader(self._file)
            os.close(self._file)
            self._file = -1

    def _due(self) -> None:
        try:
            os.read(self._file, 8)
        except BlockingIOError:
            return
        self._ring()
