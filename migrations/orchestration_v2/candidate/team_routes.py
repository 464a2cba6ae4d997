"""What only the candidate offers: its own health, teams, capacities, events and subscriptions."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from orchestration_v2.candidate import documents as d
from orchestration_v2.candidate.bus import BusError
from orchestration_v2.candidate.service import V2OrchestrationEngine
from orchestration_v2.candidate.store import STATE_VERSION
from plumbing.asgi import internal_error
from plumbing.metrics import CONTENT_TYPE


class TeamRoutes:
    """One method per endpoint."""

    def __init__(self, engine: V2OrchestrationEngine) -> None:
        self._engine = engine

    def router(self) -> APIRouter:
        """All routes that v1 does not have, and those for machines."""
        router = APIRouter()
        router.add_api_route("/health/v2", self.health)
        router.add_api_route("/api/v2/teams", self.teams)
        router.add_api_route("/api/v2/capacity", self.capacity)
        router.add_api_route("/api/v2/events", self.take_events, methods=["POST"], status_code=202)
        router.add_api_route("/api/v2/events", self.events)
        router.add_api_route("/api/v2/subscriptions", self.subscriptions)
        router.add_api_route("/internal/replicate", self.replicate, methods=["POST"], include_in_schema=False)
        router.add_api_route("/internal/records", self.records, methods=["POST"], include_in_schema=False)
        router.add_api_route("/metrics", self.metrics, include_in_schema=False)
        return router

    async def health(self) -> Response:
        """Whether bus and state are in order."""
        try:
            with self._engine.state.reading() as state:
                word = "valid" if state.is_valid() else "invalid"
        except SQLAlchemyError:
            word = "unreadable"
        bus = "up" if self._engine.bus.is_up() else "down"
        healthy = (bus, word) == ("up", "valid")
        content = {"status": "healthy" if healthy else "unhealthy", "version": STATE_VERSION, "bus": bus, "state": word}
        return JSONResponse(content, HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE)

    async def teams(self) -> Response:
        """Teams, their members, capacity and load."""
        with self._engine.state.reading() as state:
            teams, desks = state.teams(), state.roster().desks
        for team in teams:
            team["load"] = sum(desk.used for desk in desks.values() if desk.team == team["team"])
        return JSONResponse({"teams": teams})

    async def capacity(self) -> Response:
        """Capacity of each team and how much of it is used."""
        with self._engine.state.reading() as state:
            kept, desks = state.capacities(), state.roster().desks
        total = kept.pop("total", 0)
        used = {team: sum(desk.used for desk in desks.values() if desk.team == team) for team in kept}
        content: dict[str, object] = {team: {"capacity": n, "used": used[team]} for team, n in kept.items()}
        return JSONResponse(content | {"total": total})

    async def take_events(self, body: d.NewEvents) -> Response:
        """Accepts events; they are processed soon after."""
        try:
            accepted = await self._engine.accept_events(body)
        except BusError as error:
            return JSONResponse(internal_error(str(error)), HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"accepted": accepted}, HTTPStatus.ACCEPTED)

    async def events(
        self,
        after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        topic: d.String | None = None,
    ) -> Response:
        """Processed events in their order."""
        with self._engine.state.reading() as state:
            return JSONResponse({"events": state.events_after(after, topic, limit)})

    async def subscriptions(self) -> Response:
        """Who hears of what."""
        with self._engine.state.reading() as state:
            return JSONResponse({"subscriptions": state.subscriptions()})

    async def replicate(self, body: d.ReplicaBody) -> Response:
        """Takes records of the other side."""
        self._engine.adopt(body)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def records(self, wanted: d.RecordsWanted) -> Response:
        """Hands out records for the other side."""
        return JSONResponse({"records": self._engine.records(wanted)})

    async def metrics(self) -> Response:
        """Metrics as Prometheus text."""
        try:
            self._engine.note_damage()
        except SQLAlchemyError:
            pass
        return Response(self._engine.metrics.exposition(), media_type=CONTENT_TYPE)
