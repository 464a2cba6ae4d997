"""A node's HTTP surface: reads its replica, asks for changes; a node without a majority says so and changes nothing."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client import Gauge
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.door import json_of, refusal
from plumbing.metrics import CONTENT_TYPE, RequestMetrics
from v3_roadmap.cluster.replica import NoQuorumError, Replica

VERSION = "3.0.0"
MEASURED = ("/state", "/messages")


class NodeMetrics(RequestMetrics):
    """What a node counts, and what it knows of the cluster."""

    def __init__(self) -> None:
        super().__init__("v3_cluster", "state and messages")
        self._of = {
            "members": "Nodes that ever joined",
            "alive": "Nodes that are there",
            "is_leader": "Whether this node leads",
            "has_quorum": "Whether this node reaches a majority",
            "applied": "Changes that this node has applied",
        }
        self._gauges = {n: Gauge(f"v3_cluster_{n}", text, registry=self.registry) for n, text in self._of.items()}
        self._agents = Gauge("v3_cluster_agents", "Agents by node", ["node"], registry=self.registry)

    def read(self, replica: Replica) -> bytes:
        """All metrics as Prometheus text."""
        members = replica.state.members
        figures = {
            "members": len(members),
            "alive": sum(member["alive"] for member in members.values()),
            "is_leader": replica.is_leader,
            "has_quorum": replica.has_quorum,
            "applied": replica.state.changes,
        }
        for name, value in figures.items():
            self._gauges[name].set(value)
        self._agents.clear()
        for node, count in replica.state.load().items():
            self._agents.labels(node).set(count)
        return self.exposition()


class Surface:
    """One method per endpoint."""

    def __init__(self, replica: Replica, metrics: NodeMetrics) -> None:
        self._replica = replica
        self._metrics = metrics

    def routes(self) -> list[Route]:
        """All endpoints."""
        return [
            Route("/health", self.health),
            Route("/cluster", self.cluster),
            Route("/state", self.state),
            Route("/state/{agent}", self.agent),
            Route("/state/{agent}", self.put, methods=["PUT"]),
            Route("/state/{agent}", self.drop, methods=["DELETE"]),
            Route("/messages", self.send, methods=["POST"]),
            Route("/messages/{agent}", self.inbox),
            Route("/audit", self.audit),
            Route("/metrics", self.metrics),
            Route("/internal/partition", self.partition, methods=["GET", "PUT", "DELETE"]),
        ]

    async def health(self, _request: Request) -> Response:
        """Whether this node can change the state."""
        replica = self._replica
        is_well = replica.has_quorum and replica.place.id in replica.state.members
        body = {
            "status": "healthy" if is_well else "unhealthy",
            "version": VERSION,
            "id": replica.place.id,
            "role": replica.role,
            "leader": replica.leader,
            "quorum": replica.has_quorum,
        }
        return JSONResponse(body, status_code=200 if is_well else 503)

    async def cluster(self, _request: Request) -> Response:
        """Who there is."""
        replica = self._replica
        members = [{"id": node} | member for node, member in sorted(replica.state.members.items())]
        body = {"members": members, "leader": replica.leader, "quorum": replica.has_quorum}
        return JSONResponse(body | {"applied": replica.state.changes})

    async def state(self, request: Request) -> Response:
        """All agents; with ?consistent=1 no older than the question."""
        await self._settled(request)
        state = self._replica.state
        return JSONResponse({"agents": state.agents, "applied": state.changes, "digest": state.digest()})

    async def agent(self, request: Request) -> Response:
        """One agent; with ?consistent=1 no older than the question."""
        await self._settled(request)
        found = self._replica.state.agents.get(request.path_params["agent"])
        return JSONResponse(found) if found else _missing(request)

    async def put(self, request: Request) -> Response:
        """What an agent does."""
        given = await json_of(request)
        wrong = _wrong(given, {"task": str, "status": str}, {"expect": int, "operation": str})
        if wrong:
            return refusal("invalid_state", f"{wrong[0]}: is missing, or not of the kind wanted", wrong)
        words = {"expect": given.get("expect"), "operation": given.get("operation")}
        result = await self._replica.do(
            "put", agent=request.path_params["agent"], task=given["task"], status=given["status"], **words
        )
        if "conflict" in result:
            message = f"version {given['expect']} is expected, but it is {result['conflict']}"
            return JSONResponse({"error": {"code": "conflict", "message": message}}, status_code=409)
        return JSONResponse(result)

    async def drop(self, request: Request) -> Response:
        """An agent leaves."""
        words = {"agent": request.path_params["agent"], "operation": request.query_params.get("operation")}
        result = await self._replica.do("drop", **words)
        return Response(status_code=204) if result["dropped"] else _missing(request)

    async def send(self, request: Request) -> Response:
        """A message to an agent."""
        given = await json_of(request)
        wrong = _wrong(given, {"to": str, "body": str}, {"operation": str})
        if wrong:
            return refusal("invalid_message", f"{wrong[0]}: a text is wanted", wrong)
        words = {"to": given["to"], "body": given["body"], "operation": given.get("operation")}
        result = await self._replica.do("send", sent_at=time.time(), **words)
        return JSONResponse(result, status_code=404 if "unknown" in result else 201)

    async def inbox(self, request: Request) -> Response:
        """The last messages to an agent."""
        messages = self._replica.state.inboxes.get(request.path_params["agent"], [])
        return JSONResponse({"messages": messages})

    async def audit(self, request: Request) -> Response:
        """Changes after the one of that number."""
        since = request.query_params.get("since", "0")
        if not since.isascii() or not since.isdecimal():
            return refusal("invalid_query", "since: a number is wanted", ["since"])
        changes = [entry for entry in self._replica.state.trail if entry["index"] > int(since)]
        return JSONResponse({"changes": changes})

    async def metrics(self, _request: Request) -> Response:
        """Metrics as Prometheus text."""
        return Response(self._metrics.read(self._replica), media_type=CONTENT_TYPE)

    async def partition(self, request: Request) -> Response:
        """Cuts this node off from others, or from none."""
        transport = self._replica.transport
        if request.method == "PUT":
            given = await json_of(request)
            peers = given.get("cut_off") if isinstance(given, dict) else None
            if not isinstance(peers, list) or not all(isinstance(peer, str) for peer in peers):
                return refusal("invalid_partition", "cut_off: a list of ids is wanted", ["cut_off"])
            transport.cut(frozenset(peers))
        elif request.method == "DELETE":
            transport.cut(frozenset())
        return JSONResponse({"cut_off": sorted(transport.cut_off)})

    async def _settled(self, request: Request) -> None:
        if request.query_params.get("consistent"):
            await self._replica.do("barrier")


def create_app(make: Callable[[], Replica], url: str) -> ASGIApp:
    """The whole node; `make` makes its replica inside the event loop, `url` is where others find it."""
    metrics = NodeMetrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        replica = make()
        app.router.routes.extend(Surface(replica, metrics).routes())
        await replica.start(url)
        yield
        await replica.stop()

    app = Starlette(lifespan=lifespan, exception_handlers={NoQuorumError: _no_quorum})
    return MeasuredRequests(app, metrics, "cluster", monotonic_s, MEASURED)


def _wrong(given: Any, wanted: dict[str, type], optional: dict[str, type]) -> list[str]:
    if not isinstance(given, dict):
        return ["body"]
    missing = [name for name, kind in wanted.items() if type(given.get(name)) is not kind]
    other = [name for name, kind in optional.items() if given.get(name) is not None and type(given[name]) is not kind]
    return sorted({*missing, *other, *(set(given) - set(wanted) - set(optional))})


def _missing(request: Request) -> Response:
    message = f"no agent is called {json.dumps(request.path_params['agent'])}"
    return JSONResponse({"error": {"code": "agent_not_found", "message": message}}, status_code=404)


async def _no_quorum(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": {"code": "no_quorum", "message": str(error)}}, status_code=503)
