"""Spans of requests and of what they led to, sent as OTLP in JSON; a collector that is away costs spans, never requests."""

import asyncio
import json
import re
import secrets
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import aiohttp
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERY_S = 0.2
KEPT = 5000
SERVICE = "ai_coordination_system_v3"
SERVER, CLIENT, INTERNAL = 2, 3, 1
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_current: ContextVar[tuple[str, str]] = ContextVar("current_span")


class Tracer:
    """Collects spans and sends them; without a collector it does nothing."""

    def __init__(self, url: str | None) -> None:
        self._url = f"{url.rstrip('/').removesuffix('/v1/traces')}/v1/traces" if url else None
        self._ended: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._sender: asyncio.Task[None] | None = None

    @contextmanager
    def span(
        self, name: str, kind: int = INTERNAL, parent: str | None = None, **attributes: str
    ) -> Iterator[dict[str, Any]]:
        """One span around a block; `parent` is a traceparent header. The block may add attributes."""
        if self._url is None:
            yield {}
            return
        given = TRACEPARENT.fullmatch(parent or "")
        trace, above = given.groups() if given else _current.get((secrets.token_hex(16), ""))
        own = secrets.token_hex(8)
        token = _current.set((trace, own))
        begun_ns, failed = time.time_ns(), True
        try:
            yield attributes
            failed = False
        finally:
            _current.reset(token)
            self._ended.append(
                {
                    "traceId": trace,
                    "spanId": own,
                    "parentSpanId": above,
                    "name": name,
                    "kind": kind,
                    "startTimeUnixNano": str(begun_ns),
                    "endTimeUnixNano": str(time.time_ns()),
                    "attributes": [{"key": key, "value": {"stringValue": str(v)}} for key, v in attributes.items()],
                    "status": {"code": 2 if failed else 1},
                }
            )

    async def start(self) -> None:
        """Begins to send."""
        if self._url is not None:
            self._sender = asyncio.create_task(self._send_always(self._url))

    async def stop(self) -> None:
        """Sends what is left, then ends."""
        if self._sender is not None and self._url is not None:
            self._sender.cancel()
            async with aiohttp.ClientSession() as session:
                await self._send(session, self._url)

    async def _send_always(self, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                await asyncio.sleep(EVERY_S)
                await self._send(session, url)

    async def _send(self, session: aiohttp.ClientSession, url: str) -> None:
        spans = [self._ended.popleft() for _ in range(len(self._ended))]
        if not spans:
            return
        try:
            async with session.post(
                url,
                data=json.dumps(_document(spans)),
                headers={"content-type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=2),
            ) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            # They are tried again while there is room; a collector that is away for long loses the oldest.
            self._ended.extendleft(reversed(spans[-(KEPT - len(self._ended)) :]))


class TracedRequests:
    """ASGI middleware: a span for each request under some paths, with the caller's trace as parent if it names one."""

    def __init__(self, app: ASGIApp, tracer: Tracer, paths: tuple[str, ...]) -> None:
        self._app = app
        self._tracer = tracer
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._paths):
            await self._app(scope, receive, send)
            return
        parent = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        name = f"{scope['method']} {scope['path']}"
        with self._tracer.span(name, SERVER, parent) as attributes:

            async def marked(message: Message) -> None:
                if message["type"] == "http.response.start":
                    attributes["http.response.status_code"] = str(message["status"])
                await send(message)

            await self._app(scope, receive, marked)


def _document(spans: list[dict[str, Any]]) -> dict[str, Any]:
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": SERVICE}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"scope": {"name": "v3_roadmap"}, "spans": spans}]}]}
