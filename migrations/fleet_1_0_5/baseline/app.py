"""The fleet's HTTP surface, version 1.0.4: routes to the fleet, one method per endpoint; decides nothing."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from fleet_1_0_5.baseline import documents as d
from fleet_1_0_5.baseline import refusals
from fleet_1_0_5.baseline.fleet import FleetManager
from fleet_1_0_5.baseline.metrics import PATHS
from fleet_1_0_5.baseline.refusals import FleetError
from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.fault_routes import fault_routes
from plumbing.faults import FaultInjection, Faults
from plumbing.metrics import CONTENT_TYPE

VERSION = "1.0.4"
SERVED_BY = os.environ.get("FLEET_SERVED_BY", "baseline")
Limit = Annotated[int, Query(ge=1, le=500)]


def create_app(fleet: FleetManager, *inside: APIRouter) -> FastAPI:
    """The whole service around a fleet; `inside` are routes that are not for users."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await fleet.initialize()
        yield
        await fleet.shutdown()

    app = FastAPI(title="fleet", version=VERSION, lifespan=lifespan)
    Surface(fleet).join(app)
    faults = Faults(lambda: False, lambda: None)
    for router in (fault_routes(faults), *inside):
        app.include_router(router)
    refusals.install(app)
    app.add_middleware(FaultInjection, faults=faults, paths=PATHS)
    app.add_middleware(MeasuredRequests, metrics=fleet.metrics, served_by=SERVED_BY, clock=monotonic_s, measured=PATHS)
    return app


class Surface:
    """One method per endpoint."""

    def __init__(self, fleet: FleetManager) -> None:
        self._fleet = fleet

    def join(self, app: FastAPI) -> None:
        """Adds all routes."""
        app.get("/health", response_model=d.Health)(self.health)
        app.get("/agents", response_model=d.AgentList)(self.agents)
        app.post("/agents", response_model=d.Agent, status_code=201)(self.spawn)
        app.post("/tasks", response_model=d.Task, status_code=201)(self.submit)
        app.get("/tasks", response_model=d.TaskPage)(self.tasks)
        app.get("/tasks/{task_id}", response_model=d.Task)(self.task)
        app.get("/tools", response_model=d.ToolList)(self.tools)
        app.post("/tools/{name}/execute", response_model=d.ToolResult)(self.execute)
        app.get("/memory", response_model=d.PartitionList)(self.partitions)
        app.get("/memory/{partition:path}", response_model=d.EntryList)(self.entries)
        app.get("/metrics", include_in_schema=False)(self.metrics)

    async def health(self) -> Response:
        """Whether the memory can be used."""
        try:
            self._fleet.memory.task_page(1, None)
            return JSONResponse({"status": "healthy", "version": VERSION})
        except SQLAlchemyError:
            return JSONResponse({"status": "unhealthy", "version": VERSION}, status_code=503)

    async def agents(self) -> Response:
        """All agents."""
        found = self._fleet.agents()
        return JSONResponse({"agents": [{"id": a.id, "type": a.type, "status": a.status} for a in found]})

    async def spawn(self, order: d.AgentOrder) -> Response:
        """Spawns an agent."""
        agent = await self._fleet.spawnAgent(order.type)
        return JSONResponse({"id": agent.id, "type": agent.type, "status": agent.status}, status_code=201)

    async def submit(self, order: d.TaskOrder) -> Response:
        """Has a task done."""
        view = await self._fleet.submit(order)
        return JSONResponse(view, status_code=201, headers={"Location": f"/tasks/{view['id']}"})

    async def tasks(self, limit: Limit = 50, cursor: d.Text | None = None) -> Response:
        """Tasks in the order of their ids, page by page."""
        return JSONResponse(self._fleet.memory.task_page(limit, cursor))

    async def task(self, task_id: str) -> Response:
        """One task."""
        found = self._fleet.memory.task(task_id)
        if found is None:
            raise FleetError(404, "task_not_found", f"there is no task {task_id!r}")
        return JSONResponse(found)

    async def tools(self) -> Response:
        """All tools."""
        found = sorted(self._fleet.tools.items())
        return JSONResponse({"tools": [{"name": name, "description": tool.description} for name, tool in found]})

    async def execute(self, name: str, call: d.ToolCall) -> Response:
        """Calls a tool."""
        return JSONResponse({"tool": name, "result": await self._fleet.call_tool(name, call.params)})

    async def partitions(self) -> Response:
        """Names of the memory's partitions."""
        return JSONResponse({"partitions": self._fleet.memory.partitions()})

    async def entries(self, partition: str, limit: Limit = 100) -> Response:
        """What a partition holds; an empty list for one that was never written to."""
        return JSONResponse({"partition": partition, "entries": self._fleet.memory.entries(partition, limit)})

    async def metrics(self) -> Response:
        """Metrics as Prometheus text."""
        return Response(self._fleet.metrics.exposition(), media_type=CONTENT_TYPE)
