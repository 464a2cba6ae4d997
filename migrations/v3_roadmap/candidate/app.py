"""V3's HTTP surface: routes to the service, one function per endpoint; decides nothing."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.door import json_of
from plumbing.fault_control import fault_control
from plumbing.faults import FaultInjection, Faults
from plumbing.metrics import CONTENT_TYPE
from v3_roadmap.candidate import events
from v3_roadmap.candidate.model_client import NoAnswer
from v3_roadmap.candidate.page import PAGE
from v3_roadmap.candidate.refusals import Declined
from v3_roadmap.candidate.service import CoordinationService
from v3_roadmap.candidate.traces import CLIENT, TracedRequests

VERSION = "3.0.0"
SERVED_BY = os.environ.get("V3_SERVED_BY", "candidate")
MEASURED = ("/commands/", "/agents", "/work", "/status", "/models/")


def create_app(service: CoordinationService, *inside: BaseRoute) -> ASGIApp:
    """The whole service; `inside` are routes that are not for users."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await service.tracer.start()
        yield
        await service.close()

    faults = Faults(lambda: False, lambda: None)
    routes = [*Surface(service).routes(), fault_control(faults), *inside]
    app: ASGIApp = Starlette(routes=routes, lifespan=lifespan, exception_handlers={Declined: _declined})
    app = FaultInjection(TracedRequests(app, service.tracer, MEASURED), faults, MEASURED)
    return MeasuredRequests(app, service.metrics, SERVED_BY, monotonic_s, MEASURED)


class Surface:
    """One method per endpoint."""

    def __init__(self, service: CoordinationService) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """All endpoints."""
        return [
            Route("/health", self.health),
            Route("/commands", self.catalogue),
            Route("/commands/{name}", self.command, methods=["POST"]),
            Route("/agents", self.agents),
            Route("/work", self.work),
            Route("/status", self.status),
            Route("/models/ask", self.ask, methods=["POST"]),
            Route("/dashboard", self.dashboard),
            Route("/events", self.events),
            Route("/audit", self.audit),
            Route("/metrics", self.metrics),
        ]

    async def health(self, _request: Request) -> Response:
        """Whether the store answers; and what the store and the cache are."""
        store, cache = self._service.store, self._service.cache
        try:
            await self._service.in_store(events.last)
            is_well = True
        except Exception:  # noqa: BLE001 - whatever a driver raises, a store that cannot be read is not well
            is_well = False
        body = {
            "status": "healthy" if is_well else "unhealthy",
            "version": VERSION,
            "store": {"kind": store.kind, "fallback": store.is_fallback},
            "cache": {"kind": cache.kind, "fallback": cache.is_fallback, "up": await cache.is_up()},
        }
        return JSONResponse(body, status_code=200 if is_well else 503)

    async def catalogue(self, _request: Request) -> Response:
        """All commands."""
        known = [{"name": name, "present": True} for name in sorted(self._service.commands)]
        return JSONResponse({"documented": len(known), "commands": known})

    async def command(self, request: Request) -> Response:
        """Carries out a command."""
        name = request.path_params["name"]
        return JSONResponse({"command": name, "result": await self._service.run(name, await json_of(request))})

    async def agents(self, _request: Request) -> Response:
        """All agents."""
        return JSONResponse(await self._service.run("list-agents", {}))

    async def work(self, _request: Request) -> Response:
        """The first work."""
        return JSONResponse(await self._service.run("list-work", {}))

    async def status(self, _request: Request) -> Response:
        """The system at a glance."""
        return JSONResponse(await self._service.run("dashboard", {}))

    async def ask(self, request: Request) -> Response:
        """Asks the model."""
        body: Any = await json_of(request)
        if not isinstance(body, dict) or not isinstance(body.get("prompt"), str) or self._service.models is None:
            raise Declined(422, "invalid_arguments", "prompt: a text is wanted", "prompt")
        try:
            with self._service.tracer.span("model call", CLIENT):
                answer = await self._service.models.ask(body["prompt"])
        except NoAnswer as error:
            raise Declined(502, "model_unavailable", str(error)) from error
        return JSONResponse({"answer": answer.text, "source": answer.source, "attempts": answer.attempts})

    async def dashboard(self, _request: Request) -> Response:
        """The dashboard."""
        return HTMLResponse(PAGE)

    async def events(self, request: Request) -> Response:
        """Operations as they happen, after ?since or the header of a reader that comes back; new ones only without."""
        word = request.headers.get("last-event-id") or request.query_params.get("since")
        since = _number(word) if word else await self._service.in_store(events.last)
        headers = {"cache-control": "no-store"}
        return StreamingResponse(self._service.feed.lines(since), media_type="text/event-stream", headers=headers)

    async def audit(self, request: Request) -> Response:
        """The trail of operations, page by page."""
        return JSONResponse({"events": await self._service.trail(_number(request.query_params.get("since", "0")))})

    async def metrics(self, _request: Request) -> Response:
        """Metrics as Prometheus text."""
        return Response(await self._service.exposition(), media_type=CONTENT_TYPE)


def _number(word: str) -> int:
    if not word.isascii() or not word.isdecimal() or len(word) > 18:
        raise Declined(422, "invalid_query", "since: a number of an event is wanted", "since")
    return int(word)


async def _declined(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Declined):
        raise error
    return error.response()
