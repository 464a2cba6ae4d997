"""Faults on request: errors, delays, failing workflows, one spoiled row; how they are asked for is fault_routes' to say."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.types import ASGIApp, Receive, Scope, Send

from plumbing.asgi import MEASURED, internal_error, send_json

Share = Annotated[float, Field(ge=0, le=1)]


class FaultSettings(BaseModel):
    """What is to go wrong: shares of requests (0 to 1), a delay in milliseconds, two switches."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error_rate: Share = 0.0
    delay_ms: Annotated[float, Field(ge=0, le=60_000)] = 0.0
    delay_share: Share = 1.0
    critical_workflow_failure: bool = False
    corrupt: bool = False


class EvenShare:
    """Picks a share of calls, evenly spread instead of by chance: 0.25 picks every fourth."""

    def __init__(self) -> None:
        self._owed = 0.0

    def picks(self, share: float) -> bool:
        """Whether this call is one of the share."""
        self._owed += share
        if self._owed < 1 - 1e-9:
            return False
        self._owed -= 1
        return True


class Faults:
    """The faults in force; `spoil` damages one stored row and says whether it could, `mend` undoes that."""

    def __init__(self, spoil: Callable[[], bool], mend: Callable[[], None]) -> None:
        self.settings = FaultSettings()
        self.errors = EvenShare()
        self.delays = EvenShare()
        self._spoil = spoil
        self._mend = mend

    def apply(self, settings: FaultSettings) -> None:
        """Puts exactly these faults in force; raises LookupError when a row is to be spoiled and there is none."""
        if settings.corrupt and not self.settings.corrupt and not self._spoil():
            raise LookupError("there is no task whose row could be spoiled")
        if not settings.corrupt:
            self._mend()
        self.settings = settings
        self.errors, self.delays = EvenShare(), EvenShare()


class FaultInjection:
    """ASGI middleware that delays and fails the wanted shares of requests under some paths, /api/ unless told."""

    def __init__(self, app: ASGIApp, faults: Faults, paths: tuple[str, ...] = (MEASURED,)) -> None:
        self._app = app
        self._paths = paths
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or fails it."""
        if scope["type"] == "http" and scope["path"].startswith(self._paths):
            settings = self._faults.settings
            if settings.delay_ms and self._faults.delays.picks(settings.delay_share):
                await asyncio.sleep(settings.delay_ms / 1000)
            if settings.error_rate and self._faults.errors.picks(settings.error_rate):
                await send_json(send, 500, internal_error("injected fault"))
                return
        await self._app(scope, receive, send)
