"""Puts the router together: its own endpoints first, the proxy for all others; what is inside stays inside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from starlette.applications import Starlette
from starlette.types import ASGIApp

from fleet_1_0_5.router.admin import Admin
from fleet_1_0_5.router.flags import FlagFile
from fleet_1_0_5.router.metrics import RouterMetrics
from fleet_1_0_5.router.proxy import Proxy
from plumbing.door import Door
from plumbing.journal import Journal
from plumbing.traffic import Traffic
from plumbing.upstream import Upstream

OWN = ("/admin/", "/metrics")
# Streams may last; a side that is silent for so long has failed.
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=2, sock_read=60)


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

    router = Door(Starlette(routes=list(admin.routes()), lifespan=running), OWN)
    return router


def _note(audit: Journal, change: dict[str, object]) -> None:
    audit.append(change)
