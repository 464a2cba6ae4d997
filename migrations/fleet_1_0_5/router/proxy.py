"""Serves user requests from the side that the flags choose, chunk by chunk; no side ever steps in for the other."""

import json
import time

from starlette.types import Receive, Scope, Send

from fleet_1_0_5.router.flags import FlagFile
from fleet_1_0_5.router.metrics import RouterMetrics
from fleet_1_0_5.router.selector import side_of
from plumbing.asgi import internal_error
from plumbing.forwarding import asked_from, send_answer
from plumbing.traffic import Traffic
from plumbing.upstream import SILENT, Answered, Asked, Begun, Upstream, UpstreamError

SERVED_BY = "x-served-by"


class Proxy:
    """The ASGI application for everything that is not the router's own; `sides` are URLs by role."""

    def __init__(
        self, upstream: Upstream, sides: dict[str, str], flags: FlagFile, traffic: Traffic, metrics: RouterMetrics
    ) -> None:
        self._upstream = upstream
        self._sides = sides
        self._flags = flags
        self._traffic = traffic
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        begun_at = time.perf_counter()
        asked = await asked_from(scope, receive)
        async with self._traffic.request():
            side = self.choose(asked)
            status = await self._serve(side, asked, send)
        self._metrics.requests.labels(side, str(status)).inc()
        self._metrics.seconds.labels(side).observe(time.perf_counter() - begun_at)

    def choose(self, asked: Asked) -> str:
        """The side that serves the request."""
        return side_of(self._flags.in_force, asked.header("x-user-id"), asked.header("x-user-team"))

    async def _serve(self, side: str, asked: Asked, send: Send) -> int:
        begun: Begun | None = None
        try:
            async with self._upstream.begin(self._sides[side], asked) as begun:
                await _forward(side, begun, send)
                return begun.status
        except UpstreamError as error:
            await send_answer(send, _unreachable(side, error))
        except SILENT:
            # The answer has begun already; that it stays incomplete is all that can be told.
            self._metrics.broken.inc()
        return 502


async def _forward(side: str, begun: Begun, send: Send) -> None:
    headers = [(name, value) for name, value in begun.headers if name != SERVED_BY]
    raw = [(name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in headers]
    marked = [*raw, (SERVED_BY.encode(), side.encode())]
    await send({"type": "http.response.start", "status": begun.status, "headers": marked})
    async for chunk in begun.chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _unreachable(side: str, error: UpstreamError) -> Answered:
    headers = (("content-type", "application/json"), (SERVED_BY, side))
    return Answered(502, headers, json.dumps(internal_error(str(error))).encode())
