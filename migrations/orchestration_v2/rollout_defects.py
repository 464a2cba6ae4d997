"""Defects that a rollout is to notice: a limit on one percentile does not see them, users do; production code knows none."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
FEW, FEW_S = 0.03, 0.06
HALF, HALF_S = 0.5, 0.025
TEAM, TEAM_S = b"qa", 0.03
FAILING = 0.0125

Act = Callable[[Any], Awaitable[bool]]


def _around_each_request(act: Act) -> None:
    """Have `act` see each request before it is served; where it says true the request is answered with 500 instead."""
    from plumbing.asgi import MEASURED, internal_error, send_json
    from plumbing.faults import FaultInjection

    serve = FaultInjection.__call__

    async def changed(self: FaultInjection, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(MEASURED) and await act(scope):
            await send_json(send, 500, internal_error("now and then"))
            return
        await serve(self, scope, receive, send)

    FaultInjection.__call__ = changed  # type: ignore[method-assign]


def _waiting(picks: Callable[[Any], bool], seconds: float) -> Act:
    async def act(scope: Any) -> bool:
        if picks(scope):
            await asyncio.sleep(seconds)
        return False

    return act


@DEFECTS.defect("slow-few", part="candidate", sentence="Three requests to /api in a hundred take 60 ms longer.")
def _slow_few() -> None:
    from plumbing.faults import EvenShare

    share = EvenShare()
    _around_each_request(_waiting(lambda _: share.picks(FEW), FEW_S))


@DEFECTS.defect("two-speeds", part="candidate", sentence="Every second request to /api takes 25 ms longer.")
def _two_speeds() -> None:
    from plumbing.faults import EvenShare

    share = EvenShare()
    _around_each_request(_waiting(lambda _: share.picks(HALF), HALF_S))


@DEFECTS.defect("slow-for-a-team", part="candidate", sentence="Requests of the QA team take 30 ms longer.")
def _slow_for_a_team() -> None:
    _around_each_request(_waiting(lambda scope: dict(scope["headers"]).get(b"x-user-team") == TEAM, TEAM_S))


@DEFECTS.defect(
    "few-errors", part="candidate", sentence="One request to /api in eighty fails, one in a hundred of all."
)
def _few_errors() -> None:
    from plumbing.faults import EvenShare

    share = EvenShare()

    async def act(_: Any) -> bool:
        return share.picks(FAILING)

    _around_each_request(act)
