"""Puts the router together: its own endpoints first, the proxy for all others; what is inside stays inside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from fleet_1_0_5.router.admin import Admin
from fleet_1_0_5.router.flags import FlagFile
from fleet_1_0_5.router.metrics import RouterMetrics
from fleet_1_0_5.router.proxy import Proxy
from plumbing.asgi import send_json
from plumbing.journal import Journal
from plumbing.traffic import Traffic
from plumbing.upstream import Upstream

OWN = ("/admin/", "/metrics")
INSIDE = "/internal"
# Streams may last; a side that is silent for so long has failed.
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=2, sock_read=60)


class Router:
    """The ASGI application."""

    def __init__(self, own: ASGIApp) -> None:
        self._own = own
        self.proxy: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or starts and ends the application."""
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(OWN) or self.proxy is None:
            await self._own(scope, receive, send)
        elif path.startswith(INSIDE):
            await send_json(send, 404, {"error": {"code": "not_found", "message": "Not Found"}})
        else:
            await self.proxy(scope, receive, send)


def create_app(baseline: str, candidate: str, data: Path) -> ASGIApp:
    """The router between two URLs without path, with its files in `data`; raises FlagError for a bad flags.json."""
    sides = {"baseline": baseline, "candidate": candidate}
    audit = Journal(data / "audit.jsonl")
    flags = FlagFile(data / "flags.json", lambda change: _note(audit, change))
    metrics, traffic = RouterMetrics(), Traffic()
    admin = Admin(sides, flags, traffic, metrics, audit)

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        upstream = Upstream(TIMEOUT)
        router.proxy = Proxy(upstream, sides, flags, traffic, metrics)
        yield
        await upstream.close()

    router = Router(Starlette(routes=list(admin.routes()), lifespan=running))
    return router


def _note(audit: Journal, change: dict[str, object]) -> None:
    audit.append(change)
