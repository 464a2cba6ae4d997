"""The router's own endpoints: flags, assignments, traffic, status, metrics."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fleet_1_0_5.router.flags import FlagError, FlagFile, Flags, percent_of
from fleet_1_0_5.router.metrics import RouterMetrics
from fleet_1_0_5.router.selector import side_of
from plumbing.journal import Journal
from plumbing.metrics import CONTENT_TYPE
from plumbing.traffic import Traffic

VERSION = "1.0.5"
PERCENT = "canary_percent"


class Admin:
    """One method per endpoint."""

    def __init__(
        self, sides: dict[str, str], flags: FlagFile, traffic: Traffic, metrics: RouterMetrics, audit: Journal
    ) -> None:
        self._sides = sides
        self._flags = flags
        self._traffic = traffic
        self._metrics = metrics
        self._audit = audit

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/admin/flags", self.get_flags, methods=["GET"]),
            Route("/admin/flags", self.put_flags, methods=["PUT"]),
            Route("/admin/assignments", self.assignments, methods=["POST"]),
            Route("/admin/traffic", self.put_traffic, methods=["PUT"]),
            Route("/admin/health", self.health),
            Route("/admin/status", self.status),
            Route("/metrics", self.metrics),
        ]

    async def get_flags(self, _request: Request) -> Response:
        """The flags in force."""
        return JSONResponse(self._flags.in_force.document())

    async def put_flags(self, request: Request) -> Response:
        """Changes some flags, or none if one of them is wrong."""
        try:
            after = self._flags.change(await _json(request))
        except FlagError as error:
            return _refusal("invalid_flags", str(error), error.names)
        self._metrics.flag_changes.inc()
        return JSONResponse(after.document())

    async def assignments(self, request: Request) -> Response:
        """The side of each of the users, pairs of id and team; with `canary_percent`, as if that were the only flag."""
        body = await _json(request)
        users = body.get("users") if isinstance(body, dict) else None
        if not isinstance(users, list) or not all(map(_is_pair, users)):
            return _refusal("invalid_users", "users is a list of [id, team]", ["users"])
        flags = self._flags.in_force
        if PERCENT in body:
            percent = percent_of(body[PERCENT])
            if percent is None:
                return _refusal("invalid_flags", f"{PERCENT} is 0 to 100 in steps of 0.1", [PERCENT])
            flags = Flags(canary_enabled=True, canary_percent=percent)
        return JSONResponse({"assignments": [side_of(flags, user, team) for user, team in users]})

    async def put_traffic(self, request: Request) -> Response:
        """Holds user traffic, or releases it."""
        body = await _json(request)
        state = body.get("state") if isinstance(body, dict) else None
        if state not in {"hold", "release"}:
            return _refusal("invalid_traffic", "state is hold or release", ["state"])
        self._audit.append({"event": "traffic", "state": state, "held": self._traffic.held})
        if state == "hold":
            await self._traffic.hold()
        else:
            self._traffic.release()
        return JSONResponse(self._traffic_document())

    async def health(self, _request: Request) -> Response:
        """Whether the router works; says nothing about the sides."""
        return JSONResponse({"status": "healthy", "version": VERSION, "flags": self._flags.in_force.document()})

    async def status(self, _request: Request) -> Response:
        """Flags, traffic and sides at one glance."""
        shown = {"version": VERSION, "flags": self._flags.in_force.document(), "traffic": self._traffic_document()}
        return JSONResponse(shown | self._sides)

    async def metrics(self, _request: Request) -> Response:
        """Metrics as Prometheus text."""
        return Response(self._metrics.exposition(), media_type=CONTENT_TYPE)

    def _traffic_document(self) -> dict[str, Any]:
        return {"state": self._traffic.state, "held": self._traffic.held, "in_flight": self._traffic.in_flight}


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError:
        return None


def _refusal(code: str, message: str, fields: list[str]) -> Response:
    return JSONResponse({"error": {"code": code, "message": message, "fields": fields}}, status_code=422)


def _is_pair(user: object) -> bool:
    return isinstance(user, list) and len(user) == 2 and all(part is None or isinstance(part, str) for part in user)
