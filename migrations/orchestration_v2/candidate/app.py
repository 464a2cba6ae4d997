"""Puts the candidate's engine, the v1 adapter, its own routes and the plumbing together into one application."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from orchestration_v2.candidate import refusals
from orchestration_v2.candidate.adapter import V1Adapter
from orchestration_v2.candidate.processes import WorkflowDesk
from orchestration_v2.candidate.service import V2OrchestrationEngine
from orchestration_v2.candidate.store import STATE_VERSION
from orchestration_v2.candidate.team_routes import TeamRoutes
from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.fault_routes import fault_routes
from plumbing.faults import FaultInjection
from plumbing.identifiers import Identifiers

SERVED_BY = os.environ.get("ORCHESTRATION_SERVED_BY", "v2")


def create_app(engine: V2OrchestrationEngine, identifiers: Identifiers) -> FastAPI:
    """The whole service around an engine; its bus lives as long as the application."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        yield
        await engine.stop()

    app = FastAPI(title="orchestration", version=STATE_VERSION, lifespan=lifespan)
    app.include_router(V1Adapter(engine, WorkflowDesk(engine, identifiers)).router())
    app.include_router(TeamRoutes(engine).router())
    app.include_router(fault_routes(engine.faults))
    refusals.register(app)
    app.add_middleware(FaultInjection, faults=engine.faults)
    app.add_middleware(MeasuredRequests, metrics=engine.metrics, served_by=SERVED_BY, clock=monotonic_s)
    return app
