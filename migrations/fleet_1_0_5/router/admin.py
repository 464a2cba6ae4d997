"""The router's own endpoints: flags, assignments, traffic, status, metrics."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fleet_1_0_5.router.flags import FlagError, FlagFile, Flags, percent_of
from fleet_1_0_5.router.metrics import RouterMetrics
from fleet_1_0_5.router.selector import side_of
from plumbing.door import TrafficSwitch, json_of, refusal, users_of
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
        self._switch = TrafficSwitch(traffic, audit)
        self._metrics = metrics

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/admin/flags", self.get_flags, methods=["GET"]),
            Route("/admin/flags", self.put_flags, methods=["PUT"]),
            Route("/admin/assignments", self.assignments, methods=["POST"]),
            Route("/admin/traffic", self._switch.put, methods=["PUT"]),
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
            after = self._flags.change(await json_of(request))
        except FlagError as error:
            return refusal("invalid_flags", str(error), error.names)
        self._metrics.flag_changes.inc()
        return JSONResponse(after.document())

    async def assignments(self, request: Request) -> Response:
        """The side of each of the users, pairs of id and team; with `canary_percent`, as if that were the only flag."""
        body = await json_of(request)
        users = users_of(body)
        if users is None:
            return refusal("invalid_users", "users is a list of [id, team]", ["users"])
        flags = self._flags.in_force
        if PERCENT in body:
            percent = percent_of(body[PERCENT])
            if percent is None:
                return refusal("invalid_flags", f"{PERCENT} is 0 to 100 in steps of 0.1", [PERCENT])
            flags = Flags(canary_enabled=True, canary_percent=percent)
        return JSONResponse({"assignments": [side_of(flags, user, team) for user, team in users]})

    async def health(self, _request: Request) -> Response:
        """Whether the router works; says nothing about the sides."""
        return JSONResponse({"status": "healthy", "version": VERSION, "flags": self._flags.in_force.document()})

    async def status(self, _request: Request) -> Response:
        """Flags, traffic and sides at one glance."""
        shown = {"version": VERSION, "flags": self._flags.in_force.document(), "traffic": self._switch.document()}
        return JSONResponse(shown | self._sides)

    async def metrics(self, _request: Request) -> Response:
        """Metrics as Prometheus text."""
        return Response(self._metrics.exposition(), media_type=CONTENT_TYPE)
