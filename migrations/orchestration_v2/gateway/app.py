"""Puts the gateway together: its own endpoints behind their paths, the proxy behind all others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from orchestration_v2.gateway.admin import Admin
from orchestration_v2.gateway.flags import FlagFile
from orchestration_v2.gateway.journal import FeedbackBox
from orchestration_v2.gateway.metrics import GatewayMetrics
from orchestration_v2.gateway.proxy import Proxy
from orchestration_v2.gateway.selector import Selection, V1OrchestrationEngine, V2OrchestrationEngine, configure
from plumbing.door import Door
from plumbing.journal import Journal
from plumbing.traffic import Traffic
from plumbing.upstream import Upstream

OWN = ("/admin/", "/feedback-v2", "/metrics")


def create_app(baseline: str, candidate: str, data: Path) -> ASGIApp:
    """The gateway between two URLs without path, with its files in `data`; raises FlagError for a bad flags.json."""
    audit = Journal(data / "audit.jsonl")
    flags = FlagFile(data / "flags.json", lambda event, entry: _note(audit, event, entry))
    metrics, traffic = GatewayMetrics(), Traffic()
    configure(Selection(lambda: flags.in_force, V1OrchestrationEngine(baseline), V2OrchestrationEngine(candidate)))
    admin = Admin(flags, traffic, metrics, FeedbackBox(Journal(data / "feedback.jsonl")), audit)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        upstream = Upstream()
        gateway.proxy = Proxy(upstream, flags, traffic, metrics)
        yield
        await upstream.close()

    gateway = Door(Starlette(routes=list(admin.routes()), lifespan=lifespan), OWN)
    return gateway


def _note(audit: Journal, event: str, entry: dict[str, object]) -> None:
    audit.append({"event": event} | entry)
