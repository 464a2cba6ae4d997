"""python -m app.core.service: the orchestrator service around one AgentOrchestrator; refuses what the orchestrator refuses."""

import os
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

from .orchestrator import AgentOrchestrator
from .settings import DEFAULTS, BadConfigError, read_config

NAME, VERSION = "orchestrator-service", "28.0.0"
SERVED_BY = os.environ.get("ORCHESTRATOR_SERVED_BY", "baseline")

IDENTIFIERS = Identifiers()


class AgentOrder(BaseModel):
    """A new agent; without an id it is given one."""

    model_config = ConfigDict(extra="forbid")
    agent_id: str = Field(default_factory=lambda: IDENTIFIERS.new("agent"))
    role: str = "worker"
    capabilities: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)


class TaskOrder(BaseModel):
    """A new task; without an id it is given one, and with `run` it is completed at once."""

    model_config = ConfigDict(extra="forbid")
    task_id: str = Field(default_factory=lambda: IDENTIFIERS.new("task"))
    task_type: str = "general"
    required_capabilities: list[str] = Field(default_factory=list)
    priority: str = "medium"
    metadata: dict[str, Any] = Field(default_factory=dict)
    run: bool = False


class Completion(BaseModel):
    """The end of a task."""

    model_config = ConfigDict(extra="forbid")
    agent_id: str
    result: Any = None
    success: bool = True


class Desk:
    """One method per endpoint."""

    def __init__(self, orchestrator: AgentOrchestrator) -> None:
        self._orchestrator = orchestrator
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
        return {"status": str(self._orchestrator.get_status()["status"]), "version": VERSION}

    async def version(self) -> dict[str, str]:
        """Which version this is."""
        return {"version": VERSION}

    async def exposition(self) -> Response:
        """Metrics as Prometheus text."""
        return Response(self.metrics.exposition(), media_type=CONTENT_TYPE)

    async def register(self, order: AgentOrder) -> JSONResponse:
        """Register an agent."""
        try:
            new = self._orchestrator.register_agent(order.agent_id, order.role, order.capabilities, order.metadata)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        except RuntimeError as error:
            raise HTTPException(429, str(error)) from error
        if not new:
            raise HTTPException(409, f"agent {order.agent_id!r} is registered")
        return JSONResponse(self._orchestrator.get_agent(order.agent_id), status_code=201)

    async def agents(self, capability: Annotated[str | None, Query()] = None) -> dict[str, Any]:
        """Ids of agents."""
        return {"agents": self._orchestrator.list_agents(capability)}

    async def agent(self, agent_id: str) -> dict[str, Any]:
        """One agent."""
        try:
            return self._orchestrator.get_agent(agent_id)
        except KeyError as error:
            raise HTTPException(404, f"there is no agent {agent_id!r}") from error

    async def delegate(self, order: TaskOrder) -> JSONResponse:
        """Give a task to an agent."""
        began_s = monotonic_s()
        try:
            agent = self._orchestrator.delegate_task(
                order.task_id, order.task_type, order.required_capabilities, order.priority, order.metadata
            )
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        except RuntimeError as error:
            raise HTTPException(429, str(error)) from error
        self.metrics.delegation_seconds.observe(monotonic_s() - began_s)
        if agent is not None and order.run:
            self._orchestrator.complete_task(order.task_id, agent)
            self.metrics.tasks_completed.inc()
        return JSONResponse({"task_id": order.task_id, "agent": agent}, status_code=201)

    async def task(self, task_id: str) -> dict[str, Any]:
        """One task."""
        try:
            return self._orchestrator.get_task(task_id)
        except KeyError as error:
            raise HTTPException(404, f"there is no task {task_id!r}") from error

    async def complete(self, task_id: str, completion: Completion) -> dict[str, Any]:
        """End a task."""
        try:
            done = self._orchestrator.complete_task(task_id, completion.agent_id, completion.result, completion.success)
        except KeyError as error:
            raise HTTPException(404, f"there is no task {task_id!r}") from error
        self.metrics.tasks_completed.inc(int(done))
        return {"done": done}

    async def status(self) -> dict[str, Any]:
        """Counts."""
        return self._orchestrator.get_status()


def create_app(orchestrator: AgentOrchestrator) -> FastAPI:
    """The whole service."""
    app = FastAPI(title="orchestrator", version=VERSION)
    desk = Desk(orchestrator)
    desk.join(app)
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
    parser = service_parser(NAME, "The orchestrator service on the legacy orchestrators.")
    parser.add_argument("--config", type=Path, help="JSON file; defaults where it is left out")
    options = parser.parse_args()
    try:
        settings = read_config(options.config) if options.config else DEFAULTS
    except BadConfigError as error:
        fail(f"{NAME}: {error}", code=2)
    serve(create_app(AgentOrchestrator(settings)), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
