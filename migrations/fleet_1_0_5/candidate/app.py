"""The fleet's HTTP surface, version 1.0.5: that of 1.0.4, with answers as events for those who ask when streaming is on."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Query, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from fleet_1_0_5.candidate import documents, refusals
from fleet_1_0_5.candidate.admin import admin_routes
from fleet_1_0_5.candidate.event_answers import EVENT_STREAM, EventAnswers
from fleet_1_0_5.candidate.fleet import FleetManager
from fleet_1_0_5.candidate.metrics import COUNTED
from fleet_1_0_5.candidate.refusals import Declined
from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.fault_routes import fault_routes
from plumbing.faults import FaultInjection, Faults
from plumbing.metrics import CONTENT_TYPE

VERSION = "1.0.5"
SERVED_BY = os.environ.get("FLEET_SERVED_BY", "candidate")
PageSize = Annotated[int, Query(ge=1, le=500)]
Accept = Annotated[str, Header(include_in_schema=False)]


def create_app(fleet: FleetManager, *inside: APIRouter) -> FastAPI:
    """The whole service around a fleet; `inside` are routes that are not for users."""
    events, faults = EventAnswers(fleet), Faults(lambda: False, lambda: None)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        await fleet.initialize()
        yield
        await events.settle()
        await fleet.shutdown()

    app = FastAPI(title="fleet", version=VERSION, lifespan=running)
    for router in (_agents(fleet), _tasks(fleet, events), _tools(fleet, events), _memory(fleet), _state(fleet)):
        app.include_router(router)
    for router in (admin_routes(fleet), fault_routes(faults), *inside):
        app.include_router(router)
    refusals.register(app)
    app.add_middleware(FaultInjection, faults=faults, paths=COUNTED)
    app.add_middleware(
        MeasuredRequests, metrics=fleet.metrics, served_by=SERVED_BY, clock=monotonic_s, measured=COUNTED
    )
    return app


def _agents(fleet: FleetManager) -> APIRouter:
    router = APIRouter()

    @router.get("/agents", response_model=documents.Agents)
    async def agents() -> Response:
        shown = [{"id": agent.id, "type": agent.type, "status": agent.status} for agent in fleet.agents()]
        return JSONResponse({"agents": shown})

    @router.post("/agents", response_model=documents.AgentView, status_code=201)
    async def spawn(order: documents.NewAgent) -> Response:
        agent = await fleet.spawnAgent(order.type)
        return JSONResponse({"id": agent.id, "type": agent.type, "status": agent.status}, 201)

    return router


def _tasks(fleet: FleetManager, events: EventAnswers) -> APIRouter:
    router = APIRouter()

    @router.post("/tasks", response_model=documents.TaskView, status_code=201)
    async def submit(order: documents.NewTask, accept: Accept = "") -> Response:
        run = await fleet.accept(order)
        if EVENT_STREAM in accept and fleet.flags.is_on("streaming", order.agentType):
            return events.of_task(run)
        view = await fleet.carry_out(run)
        return JSONResponse(view, 201, headers={"Location": f"/tasks/{view['id']}"})

    @router.get("/tasks", response_model=documents.Tasks)
    async def tasks(limit: PageSize = 50, cursor: documents.Text | None = None) -> Response:
        page, following = fleet.memory.tasks_after(cursor, limit)
        return JSONResponse({"tasks": page, "next": following})

    @router.get("/tasks/{task_id}", response_model=documents.TaskView)
    async def task(task_id: str) -> Response:
        found = fleet.memory.task(task_id)
        if not found:
            raise Declined.missing("task", task_id)
        return JSONResponse(found)

    return router


def _tools(fleet: FleetManager, events: EventAnswers) -> APIRouter:
    router = APIRouter()

    @router.get("/tools", response_model=documents.Tools)
    async def tools() -> Response:
        streams = fleet.flags.is_on("streaming")
        shown = [
            {"name": name, "description": tool.description}
            | ({"streaming": True} if streams and tool.supportsStreaming() else {})
            for name, tool in sorted(fleet.tools.items())
        ]
        return JSONResponse({"tools": shown})

    @router.post("/tools/{name}/execute", response_model=documents.Outcome)
    async def execute(name: str, call: documents.Call, accept: Accept = "") -> Response:
        tool = fleet.tool(name)
        if EVENT_STREAM in accept and fleet.flags.is_on("streaming") and tool.supportsStreaming():
            return events.of_tool(tool, call.params)
        return JSONResponse({"tool": name, "result": await tool.execute(call.params)})

    return router


def _memory(fleet: FleetManager) -> APIRouter:
    router = APIRouter()

    @router.get("/memory", response_model=documents.Partitions)
    async def partitions() -> Response:
        return JSONResponse({"partitions": fleet.memory.partitions()})

    @router.get("/memory/{partition:path}", response_model=documents.Entries)
    async def entries(partition: str, limit: PageSize = 100) -> Response:
        return JSONResponse({"partition": partition, "entries": fleet.memory.entries(partition, limit)})

    return router


def _state(fleet: FleetManager) -> APIRouter:
    router = APIRouter()

    @router.get("/health", response_model=documents.Health)
    async def health() -> Response:
        shown = {"version": VERSION, "features": fleet.flags.features()}
        try:
            fleet.memory.tasks_after(None, 1)
        except SQLAlchemyError:
            return JSONResponse({"status": "unhealthy"} | shown, 503)
        return JSONResponse({"status": "healthy"} | shown)

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(fleet.metrics.exposition(), media_type=CONTENT_TYPE)

    return router
