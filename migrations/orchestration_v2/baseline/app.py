"""The baseline's HTTP surface: routes to the engine, one method per endpoint; decides nothing."""

import os
from asyncio import to_thread
from typing import Annotated

from fastapi import FastAPI, Header, Query, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from orchestration_v2.baseline import documents as d
from orchestration_v2.baseline import refusals
from orchestration_v2.baseline.replication import Replica, Wanted
from orchestration_v2.baseline.service import V1OrchestrationEngine
from plumbing.asgi import MeasuredRequests, monotonic_s
from plumbing.fault_routes import fault_routes
from plumbing.faults import FaultInjection
from plumbing.metrics import CONTENT_TYPE

VERSION = "1.4.0"
SERVED_BY = os.environ.get("ORCHESTRATION_SERVED_BY", "v1")


def create_app(engine: V1OrchestrationEngine) -> FastAPI:
    """The whole service around an engine."""
    app = FastAPI(title="orchestration", version=VERSION)
    Surface(engine).join(app)
    app.include_router(fault_routes(engine.faults))
    refusals.install(app)
    app.add_middleware(FaultInjection, faults=engine.faults)
    app.add_middleware(MeasuredRequests, metrics=engine.metrics, served_by=SERVED_BY, clock=monotonic_s)
    return app


class Surface:
    """One method per endpoint."""

    def __init__(self, engine: V1OrchestrationEngine) -> None:
        self._engine = engine

    def join(self, app: FastAPI) -> None:
        """Adds all routes."""
        app.get("/health", response_model=d.Health)(self.health)
        app.get("/api/agents", response_model=d.AgentList)(self.agents)
        app.get("/api/agents/{agent_id}", response_model=d.Agent)(self.agent)
        app.get("/api/agents/{agent_id}/messages", response_model=d.MessageList)(self.inbox)
        app.post("/api/tasks", response_model=d.Task, status_code=201)(self.create_task)
        app.post("/api/tasks/batch", response_model=d.BatchReceipt, status_code=201)(self.create_batch)
        app.get("/api/tasks", response_model=d.TaskPage)(self.tasks)
        app.get("/api/tasks/{task_id}", response_model=d.Task)(self.task)
        app.post("/api/tasks/{task_id}/complete", response_model=d.Task)(self.complete_task)
        app.delete("/api/tasks/{task_id}", status_code=204, response_class=Response)(self.delete_task)
        app.post("/api/workflows", response_model=d.Workflow, status_code=201)(self.create_workflow)
        app.get("/api/workflows", response_model=d.WorkflowList)(self.workflows)
        app.get("/api/workflows/{workflow_id}", response_model=d.Workflow)(self.workflow)
        app.post("/api/workflows/{workflow_id}/pause", response_model=d.Workflow)(self.pause_workflow)
        app.post("/api/workflows/{workflow_id}/resume", response_model=d.Workflow)(self.resume_workflow)
        app.post("/api/workflows/{workflow_id}/advance", response_model=d.Workflow)(self.advance_workflow)
        app.post("/api/workflows/{workflow_id}/complete", response_model=d.Workflow)(self.complete_workflow)
        app.post("/api/messages", response_model=d.Delivery, status_code=202)(self.send_message)
        app.get("/api/integrity", response_model=d.Integrity)(self.integrity)
        app.post("/internal/replicate", include_in_schema=False)(self.replicate)
        app.post("/internal/records", include_in_schema=False)(self.records)
        app.get("/metrics", include_in_schema=False)(self.metrics)

    async def health(self) -> Response:
        """Whether the store can be used."""
        try:
            return JSONResponse({"status": "healthy", "version": VERSION, "tasks": self._engine.count_tasks()})
        except SQLAlchemyError as error:
            reason = f"the store cannot be used: {type(error).__name__}"
            return JSONResponse({"status": "unhealthy", "version": VERSION, "message": reason}, status_code=503)

    async def agents(self) -> Response:
        """All agents and their loads."""
        return JSONResponse({"agents": self._engine.agents()})

    async def agent(self, agent_id: str) -> Response:
        """One agent."""
        return JSONResponse(self._engine.agent(agent_id))

    async def inbox(self, agent_id: str) -> Response:
        """The newest messages of an agent."""
        return JSONResponse({"messages": self._engine.inbox(agent_id)})

    async def create_task(
        self, order: d.TaskOrder, idempotency_key: Annotated[str | None, Header(max_length=200)] = None
    ) -> Response:
        """Makes a task and gives it to an agent."""
        view, is_new = self._engine.create_task(order, idempotency_key)
        headers = {"Location": f"/api/tasks/{view['id']}"}
        return JSONResponse(view, status_code=201 if is_new else 200, headers=headers)

    async def create_batch(self, batch: d.BatchOrder) -> Response:
        """Makes many tasks."""
        ids = self._engine.create_batch(batch)
        return JSONResponse({"accepted": len(ids), "ids": ids}, status_code=201)

    async def tasks(
        self,
        status: d.TaskStatus | None = None,
        agent: d.Text | None = None,
        created_by: d.Text | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        cursor: d.Text | None = None,
    ) -> Response:
        """Tasks in the order of their ids, page by page."""
        wanted = {"status": status, "agent": agent, "created_by": created_by}
        return JSONResponse(self._engine.task_page(wanted, limit, cursor))

    async def task(self, task_id: str) -> Response:
        """One task."""
        return JSONResponse(self._engine.task(task_id))

    async def complete_task(self, task_id: str, completion: d.Completion) -> Response:
        """Ends a task."""
        return JSONResponse(self._engine.close_task(task_id, completion))

    async def delete_task(self, task_id: str) -> Response:
        """Hides a task."""
        self._engine.delete_task(task_id)
        return Response(status_code=204)

    async def create_workflow(self, order: d.WorkflowOrder) -> Response:
        """Makes a workflow."""
        view = self._engine.create_workflow(order)
        return JSONResponse(view, status_code=201, headers={"Location": f"/api/workflows/{view['id']}"})

    async def workflows(self, status: d.WorkflowStatus | None = None) -> Response:
        """Workflows in the order of their ids."""
        return JSONResponse({"workflows": self._engine.workflows(status)})

    async def workflow(self, workflow_id: str) -> Response:
        """One workflow with its steps."""
        return JSONResponse(self._engine.workflow(workflow_id))

    async def pause_workflow(self, workflow_id: str) -> Response:
        """Pauses an active workflow."""
        return JSONResponse(self._engine.change_workflow(workflow_id, "pause"))

    async def resume_workflow(self, workflow_id: str) -> Response:
        """Resumes a paused workflow."""
        return JSONResponse(self._engine.change_workflow(workflow_id, "resume"))

    async def advance_workflow(self, workflow_id: str) -> Response:
        """Runs the next step."""
        return JSONResponse(self._engine.change_workflow(workflow_id, "advance"))

    async def complete_workflow(self, workflow_id: str) -> Response:
        """Completes an active workflow."""
        return JSONResponse(self._engine.change_workflow(workflow_id, "complete"))

    async def send_message(self, order: d.MessageOrder) -> Response:
        """Delivers a message along a connection."""
        return JSONResponse({"id": self._engine.send_message(order), "delivered": True}, status_code=202)

    async def integrity(self) -> Response:
        """A scan of the whole store."""
        return JSONResponse(await to_thread(self._engine.integrity))

    async def replicate(self, replica: Replica) -> Response:
        """Takes over records of the other side."""
        self._engine.take_over(replica)
        return Response(status_code=204)

    async def records(self, wanted: Wanted) -> Response:
        """Hands out records for the other side."""
        return JSONResponse({"records": self._engine.hand_out(wanted)})

    async def metrics(self) -> Response:
        """Metrics as Prometheus text; the store's state is looked at first if it can be."""
        try:
            self._engine.note_spoiled_rows()
        except SQLAlchemyError:
            pass
        return Response(self._engine.metrics.exposition(), media_type=CONTENT_TYPE)
