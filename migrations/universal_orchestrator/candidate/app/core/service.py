"""python -m app.core.service: the orchestrator service around one UniversalOrchestrator; old paths answer as they did."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, Response

from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.fault_routes import fault_routes
from plumbing.faults import FaultInjection, Faults
from plumbing.identifiers import Identifiers
from plumbing.metrics import CONTENT_TYPE, ServiceMetrics
from plumbing.server import fail, serve, service_parser

from .orchestrator_config import OrchestratorConfig
from .plugin_routes import plugin_routes
from .settings import BadConfigError, read_config, with_flags
from .universal_orchestrator import UniversalOrchestrator, get_universal_orchestrator
from .views import agent_view, status_view, task_view

NAME, VERSION = "orchestrator-service", "1.0.0"
SERVED_BY = os.environ.get("ORCHESTRATOR_SERVED_BY", "candidate")

IDENTIFIERS = Identifiers()


class AgentRequest(BaseModel):
    """A new agent; without an id it is given one."""

    model_config = ConfigDict(extra="forbid", title="AgentOrder")
    agent_id: str = Field(default_factory=lambda: IDENTIFIERS.new("agent"))
    role: str = "worker"
    capabilities: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)


class TaskRequest(BaseModel):
    """A new task; without an id it is given one, and with `run` it is completed at once."""

    model_config = ConfigDict(extra="forbid", title="TaskOrder")
    task_id: str = Field(default_factory=lambda: IDENTIFIERS.new("task"))
    task_type: str = "general"
    required_capabilities: list[str] = Field(default_factory=list)
    priority: str = "medium"
    metadata: dict[str, Any] = Field(default_factory=dict)
    run: bool = False


class CompletionRequest(BaseModel):
    """The end of a task."""

    model_config = ConfigDict(extra="forbid", title="Completion")
    agent_id: str
    result: Any = None
    success: bool = True


class Desk:
    """One method per endpoint. `orchestrator` is there once the service has started."""

    orchestrator: UniversalOrchestrator

    def __init__(self) -> None:
        self.metrics = ServiceMetrics()

    def join(self, app: FastAPI) -> None:
        """Add all routes."""
        app.get("/health")(self.health)
        app.get("/version")(self.version)
        app.get("/metrics", include_in_schema=False)(self.exposition)
        app.post("/api/agents", status_code=201)(self.register)
        app.get("/api/agents")(self.agents)
        app.get("/api/agents/{agent_id}")(self.agent)
        app.post("/api/tasks", status_code=201)(self.delegate)
        app.get("/api/tasks/{task_id}")(self.task)
        app.post("/api/tasks/{task_id}/complete")(self.complete)
        app.get("/api/status")(self.status)

    async def health(self) -> dict[str, str]:
        """Whether the orchestrator works."""
        return {"status": "healthy" if self.orchestrator.is_ready else "stopped", "version": VERSION}

    async def version(self) -> dict[str, str]:
        """Which version this is."""
        return {"version": VERSION}

    async def exposition(self) -> Response:
        """Metrics as Prometheus text."""
        return Response(self.metrics.exposition(), media_type=CONTENT_TYPE)

    async def register(self, order: AgentRequest) -> JSONResponse:
        """Register an agent."""
        roster, known = self.orchestrator.roster, order.agent_id in self.orchestrator.roster.agents
        try:
            new = await self.orchestrator.register_agent(order.agent_id, order.role, order.capabilities, order.metadata)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        if new:
            return JSONResponse(agent_view(roster.agents[order.agent_id]), status_code=201)
        if known:
            raise HTTPException(409, f"agent {order.agent_id!r} is registered")
        if len(roster.agents) >= roster.config.max_agents:
            raise HTTPException(429, f"no more than {roster.config.max_agents} agents")
        raise HTTPException(403, f"agent {order.agent_id!r} is refused")

    async def agents(self, capability: Annotated[str | None, Query()] = None) -> dict[str, Any]:
        """Ids of agents."""
        found = self.orchestrator.roster.agents.values()
        return {"agents": [agent.id for agent in found if capability is None or capability in agent.capabilities]}

    async def agent(self, agent_id: str) -> dict[str, Any]:
        """One agent."""
        try:
            return agent_view(self.orchestrator.roster.agents[agent_id])
        except KeyError as error:
            raise HTTPException(404, f"there is no agent {agent_id!r}") from error

    async def delegate(self, order: TaskRequest) -> JSONResponse:
        """Give a task to an agent."""
        began_s = monotonic_s()
        try:
            agent = await self.orchestrator.delegate_task(
                order.task_id, order.task_type, order.required_capabilities, order.priority, order.metadata
            )
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        except RuntimeError as error:
            raise HTTPException(429, str(error)) from error
        self.metrics.delegation_seconds.observe(monotonic_s() - began_s)
        if agent is not None and order.run:
            await self.orchestrator.complete_task(order.task_id, agent)
            self.metrics.tasks_completed.inc()
        return JSONResponse({"task_id": order.task_id, "agent": agent}, status_code=201)

    async def task(self, task_id: str) -> dict[str, Any]:
        """One task."""
        try:
            return task_view(self.orchestrator.roster.tasks[task_id])
        except KeyError as error:
            raise HTTPException(404, f"there is no task {task_id!r}") from error

    async def complete(self, task_id: str, completion: CompletionRequest) -> dict[str, Any]:
        """End a task."""
        try:
            done = await self.orchestrator.complete_task(
                task_id, completion.agent_id, completion.result, completion.success
            )
        except KeyError as error:
            raise HTTPException(404, f"there is no task {task_id!r}") from error
        self.metrics.tasks_completed.inc(int(done))
        return {"done": done}

    async def status(self) -> dict[str, Any]:
        """Counts, in the old words."""
        return status_view(self.orchestrator)


def create_app(config: OrchestratorConfig) -> FastAPI:
    """The whole service; its orchestrator lives as long as it does."""
    desk = Desk()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.orchestrator = await get_universal_orchestrator(config)
        yield
        await desk.orchestrator.shutdown()

    app = FastAPI(title="orchestrator", version=VERSION, lifespan=lifespan)
    desk.join(app)
    app.include_router(plugin_routes(lambda: desk.orchestrator))
    faults = Faults(lambda: False, lambda: None)
    app.include_router(fault_routes(faults))
    _install_refusals(app)
    app.add_middleware(FaultInjection, faults=faults)
    app.add_middleware(MeasuredRequests, metrics=desk.metrics, served_by=SERVED_BY, clock=monotonic_s)
    return app


def _install_refusals(app: FastAPI) -> None:
    @app.exception_handler(StarletteHTTPException)
    async def refused(_request: Request, error: StarletteHTTPException) -> JSONResponse:
        return JSONResponse({"error": {"status": error.status_code, "message": error.detail}}, error.status_code)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        fields = sorted({".".join(str(step) for step in problem["loc"][1:]) for problem in error.errors()})
        return JSONResponse({"error": {"status": 422, "message": "invalid fields", "fields": fields}}, 422)


def main() -> None:
    """Read the command line and serve until SIGTERM."""
    parser = service_parser(NAME, "The orchestrator service on the universal orchestrator.")
    parser.add_argument("--config", type=Path, help="JSON file, legacy or new; defaults where it is left out")
    parser.add_argument("--plugins", type=Path, help="JSON file of plugin flags; all off where it is left out")
    options = parser.parse_args()
    try:
        config = read_config(options.config) if options.config else OrchestratorConfig(queue_when_full=False)
        config = with_flags(config, options.plugins) if options.plugins else config
    except BadConfigError as error:
        fail(f"{NAME}: {error}", code=2)
    serve(create_app(config), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
