"""The door before the nodes: hands requests to them in turn, and to another one where one fails; keeps no state."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from plumbing.door import Door
from plumbing.forwarding import asked_from, send_answer
from plumbing.upstream import Answered, Asked, Upstream, UpstreamError

LOOK_S = 0.3
# Long enough for the others to elect a leader when it is the leader that was lost.
PATIENCE_S = 15.0
PAUSE_S = 0.1
TIMEOUT = aiohttp.ClientTimeout(total=3, connect=1)


class Nodes:
    """The nodes that are known, which of them are well, and how many requests each has answered."""

    def __init__(self, seeds: list[str]) -> None:
        self._seeds = seeds
        self.ids: dict[str, str] = {}
        self.healthy: dict[str, bool] = {}
        self.served: Counter[str] = Counter()
        self.upstream: Upstream | None = None

    async def look_always(self) -> None:
        """Learns from the nodes who there is, and asks each how it is."""
        while True:
            await asyncio.gather(*(self._look(url) for url in {*self._seeds, *self.ids}))
            await asyncio.sleep(LOOK_S)

    def in_turn(self) -> list[str]:
        """The nodes to try: those that are well, least used first; all where none is."""
        well = [url for url, is_well in self.healthy.items() if is_well]
        return sorted(well or self.healthy, key=lambda url: (self.served[url], url))

    async def _look(self, url: str) -> None:
        found = await self._json(url, "/cluster")
        health = await self._json(url, "/health")
        self.healthy[url] = bool(health and health.get("status") == "healthy")
        if found and found["quorum"]:
            for member in found["members"]:
                if member["url"] not in self.ids:
                    # Who comes later is not to make up for what the others have done.
                    self.served[member["url"]] = min((self.served[known] for known in self.ids), default=0)
                self.ids[member["url"]] = member["id"]

    async def _json(self, url: str, path: str) -> Any:
        with suppress(UpstreamError, ValueError):
            if self.upstream is not None:
                return json.loads((await self.upstream.ask(url, Asked("GET", path, (), b""))).body)
        return None


class Balancer:
    """The ASGI application for everything that is not the balancer's own."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        asked = _repeatable(await asked_from(scope, receive))
        loop = asyncio.get_running_loop()
        ends = loop.time() + PATIENCE_S
        answered = None
        while answered is None and loop.time() < ends:
            answered = await self._one_round(asked)
        await send_answer(send, answered or Answered(503, (("content-type", "application/json"),), NOBODY))

    async def _one_round(self, asked: Asked) -> Answered | None:
        for url in self._nodes.in_turn():
            self._nodes.served[url] += 1
            try:
                answered = await self._nodes.upstream.ask(url, asked) if self._nodes.upstream else None
            except UpstreamError:
                answered = None
            if answered is not None and answered.status != 503:
                return answered
            self._nodes.served[url] -= 1
            self._nodes.healthy[url] = False
        await asyncio.sleep(PAUSE_S)
        return None


NOBODY = json.dumps({"error": {"code": "no_quorum", "message": "no node can serve now"}}).encode()


def create_app(seeds: list[str]) -> ASGIApp:
    """The balancer before the nodes that these ones know."""
    nodes = Nodes(seeds)

    async def health(_request: Request) -> Response:
        is_well = any(nodes.healthy.values())
        body = {"status": "healthy" if is_well else "unhealthy"}
        return JSONResponse(body, status_code=200 if is_well else 503)

    async def listing(_request: Request) -> Response:
        found = [
            {"id": nodes.ids[url], "url": url, "healthy": nodes.healthy.get(url, False), "served": nodes.served[url]}
            for url in sorted(nodes.ids, key=nodes.ids.__getitem__)
        ]
        return JSONResponse({"nodes": found})

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        nodes.upstream = Upstream(TIMEOUT)
        door.proxy = Balancer(nodes)
        looking = asyncio.create_task(nodes.look_always())
        yield
        looking.cancel()
        await nodes.upstream.close()

    routes = [Route("/balancer/health", health), Route("/balancer/nodes", listing)]
    door = Door(Starlette(routes=routes, lifespan=running), ("/balancer/",))
    return door


def _repeatable(asked: Asked) -> Asked:
    """A change under a name of its own, so that a node that did it without saying so does it no second time."""
    operation = secrets.token_hex(8)
    if asked.method == "DELETE" and "?" not in asked.target:
        return replace(asked, target=f"{asked.target}?operation={operation}")
    if asked.method in {"PUT", "POST"}:
        with suppress(ValueError):
            given = json.loads(asked.body)
            if isinstance(given, dict):
                return replace(asked, body=json.dumps({"operation": operation} | given).encode())
    return asked
