"""The one door before V2's applications: says who answers which of the routes that several have; takes its time."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.door import Door, json_of
from plumbing.fault_control import fault_control
from plumbing.faults import FaultInjection, Faults
from plumbing.forwarding import asked_from, send_answer
from plumbing.metrics import CONTENT_TYPE
from plumbing.upstream import Answered, Asked, Upstream, UpstreamError
from v3_roadmap.baseline import model_client
from v3_roadmap.baseline.catalogue import APPS, documented
from v3_roadmap.baseline.delays import Delays
from v3_roadmap.baseline.metrics import DoorMetrics
from v3_roadmap.baseline.refusals import Refused
from v3_roadmap.models.beside import models_control

VERSION = "2.0.0"
SERVED_BY = os.environ.get("V3_SERVED_BY", "baseline")
# All three applications have these routes; what one of them says is not what another does.
OVERLAPPING = {"/agents": "registry", "/work": "coordination", "/status": "xavos"}
MEASURED = ("/commands/", "/agents", "/work", "/status", "/models/")
OWN = ("/health", "/metrics", "/internal/", "/models/")


class Applications:
    """The ASGI application that hands a request to the application it is for; `sides` are URLs by name."""

    def __init__(self, sides: Mapping[str, str], delays: Delays, metrics: DoorMetrics) -> None:
        self._sides = sides
        self._delays = delays
        self._metrics = metrics
        self._chance = random.Random(5)
        self.upstream: Upstream | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        asked = await asked_from(scope, receive)
        if asked.path == "/commands" and asked.method == "GET":
            known = documented()
            await JSONResponse({"documented": len(known), "commands": known})(scope, receive, send)
            return
        await asyncio.sleep(self._delays.next_s(self._chance))
        app, target = route_of(asked.target)
        if app not in self._sides or self.upstream is None:
            await _missing(asked)(scope, receive, send)
            return
        try:
            answered = await self.upstream.ask(self._sides[app], Asked(asked.method, target, asked.headers, asked.body))
        except UpstreamError as error:
            await Refused(502, "app_unavailable", f"{app}: {error}").answer()(scope, receive, send)
            return
        self._metrics.count_command(asked, answered)
        await send_answer(send, _plain(answered))

    async def healths(self) -> dict[str, str]:
        """How each application is."""
        return {app: await self._health(url) for app, url in self._sides.items()}

    async def _health(self, url: str) -> str:
        try:
            answered = await self.upstream.ask(url, Asked("GET", "/health", (), b"")) if self.upstream else None
        except UpstreamError:
            return "unreachable"
        return "healthy" if answered is not None and answered.status == 200 else "unhealthy"


def route_of(target: str) -> tuple[str, str]:
    """The application that answers a target, and the target there: /apps/NAME/... asks one application past the door."""
    path = target.partition("?")[0]
    if path.startswith("/apps/"):
        name, _, rest = target.removeprefix("/apps/").partition("/")
        return name, f"/{rest}"
    command = path.removeprefix("/commands/")
    owner = next((app for app, commands in APPS.items() if command in commands), "")
    return OVERLAPPING.get(path, owner), target


def create_app(sides: Mapping[str, str], models_url: str, delays: Delays) -> ASGIApp:
    """The door before the applications at `sides`."""
    metrics, faults = DoorMetrics(), Faults(lambda: False, lambda: None)
    applications = Applications(sides, delays, metrics)

    async def health(_request: Request) -> Response:
        found = await applications.healths()
        is_well = set(found.values()) == {"healthy"}
        body = {"status": "healthy" if is_well else "unhealthy", "version": VERSION, "apps": found}
        return JSONResponse(body, status_code=200 if is_well else 503)

    async def exposition(_request: Request) -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    async def ask(request: Request) -> Response:
        body = await json_of(request)
        if not isinstance(body, dict) or not isinstance(body.get("prompt"), str):
            return Refused(422, "invalid_arguments", "prompt: a text is wanted", ["prompt"]).answer()
        try:
            said = await model_client.ask(models_url, os.environ.get("V3_MODEL_KEY", "a-key"), body["prompt"])
        except model_client.ModelError as error:
            metrics.model_calls.labels("failed").inc()
            return Refused(502, "model_unavailable", str(error)).answer()
        metrics.model_calls.labels("ok").inc()
        return JSONResponse({"answer": said, "source": "model", "attempts": 1})

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        applications.upstream = Upstream()
        door.proxy = applications
        yield
        await applications.upstream.close()

    routes = [Route("/health", health), Route("/metrics", exposition), Route("/models/ask", ask, methods=["POST"])]
    routes += [fault_control(faults), models_control(models_url)]
    door = Door(Starlette(routes=routes, lifespan=running), OWN)
    failing = FaultInjection(door, faults, MEASURED)
    return MeasuredRequests(failing, metrics, SERVED_BY, monotonic_s, MEASURED)


def _missing(asked: Asked) -> Response:
    if asked.path.startswith("/commands/"):
        name = asked.path.removeprefix("/commands/")
        return Refused(404, "command_missing", f"there is no command {name!r}").answer()
    return Refused(404, "not_found", "Not Found").answer()


def _plain(answered: Answered) -> Answered:
    return Answered(answered.status, tuple(p for p in answered.headers if p[0] != "content-length"), answered.body)
