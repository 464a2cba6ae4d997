"""Holds and releases user traffic: while it is held, requests wait at the door and none is refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LONGEST_HOLD_S = 30.0
DRAIN_S = 10.0


class Traffic:
    """The door that every user request passes."""

    def __init__(self, longest_hold_s: float = LONGEST_HOLD_S) -> None:
        self._longest_hold_s = longest_hold_s
        self._open = asyncio.Event()
        self._open.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.held = 0
        self.in_flight = 0

    @property
    def state(self) -> str:
        """'hold' or 'release'."""
        return "release" if self._open.is_set() else "hold"

    async def hold(self) -> None:
        """Lets nobody in any more, and waits for those inside to leave, DRAIN_S seconds at most."""
        self._open.clear()
        try:
            await asyncio.wait_for(self._idle.wait(), DRAIN_S)
        except TimeoutError:
            pass

    def release(self) -> None:
        """Lets everybody in who waits, and all who come."""
        self._open.set()

    async def wait_at_door(self) -> None:
        """Returns when traffic is released, or after the longest hold, whichever comes first."""
        if self._open.is_set():
            return
        self.held += 1
        try:
            await asyncio.wait_for(self._open.wait(), self._longest_hold_s)
        except TimeoutError:
            pass
        finally:
            self.held -= 1

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """One user request from the door to its answer."""
        await self.wait_at_door()
        self.in_flight += 1
        self._idle.clear()
        try:
            yield
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self._idle.set()
