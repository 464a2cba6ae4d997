"""Wakes an event loop at a time on the performance counter, to some ten microseconds; libuv's own timers know milliseconds only."""

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import Callable
from typing import Any

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
        libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        self._file = libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK) if libc else -1
        self._settime: Any = libc.timerfd_settime if libc else None
        self._has_been_set = False
        self._timer: asyncio.TimerHandle | None = None
        self._setting = _Setting()
        self._first, self._by_reference = self._setting.first, ctypes.byref(self._setting)
        if self._file >= 0:
            loop.add_reader(self._file, self._due)

    def at(self, moment: float) -> None:
        """Ring at a time of `time.perf_counter()`; one that has passed rings at once."""
        wait_s = max(moment - time.perf_counter(), 1e-6)
        if self._file >= 0:
            self._set(wait_s)
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

    def _set(self, wait_s: float) -> None:
        """Set the timer, or with 0 unset it. Either makes its file silent again, so that it need never be read."""
        whole = int(wait_s)
        self._first.seconds, self._first.nanoseconds = whole, int((wait_s - whole) * 1e9)
        self._has_been_set = True
        self._settime(self._file, 0, self._by_reference, None)

    def _due(self) -> None:
        self._has_been_set = False
        self._ring()
        if not self._has_been_set and self._file >= 0:
            self._set(0.0)
