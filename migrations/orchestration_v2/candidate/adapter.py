"""The v1 API over the candidate's engine, endpoint by endpoint; no caller needs to know that there are teams."""

import asyncio
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from orchestration_v2.candidate import documents as d
from orchestration_v2.candidate import views
from orchestration_v2.candidate.processes import WorkflowDesk
from orchestration_v2.candidate.refusals import Declined
from orchestration_v2.candidate.service import V2OrchestrationEngine
from orchestration_v2.candidate.store import STATE_VERSION

Key = Annotated[str | None, Header(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=500)]


class V1Adapter:
    """Speaks the v1 API."""

    def __init__(self, engine: V2OrchestrationEngine, workflows: WorkflowDesk) -> None:
        self._engine = engine
        self._workflows = workflows

    def router(self) -> APIRouter:
        """All routes of the v1 API."""
        router = APIRouter()
        router.add_api_route("/health", self.health, response_model=d.HealthDocument)
        router.add_api_route("/api/integrity", self.integrity, response_model=d.IntegrityDocument)
        self._add_agents(router)
        self._add_tasks(router)
        self._add_workflows(router)
        return router

    def _add_agents(self, router: APIRouter) -> None:
        router.add_api_route("/api/agents", self.agents, response_model=d.Agents)
        router.add_api_route("/api/agents/{agent_id}", self.agent, response_model=d.AgentDocument)
        router.add_api_route("/api/agents/{agent_id}/messages", self.inbox, response_model=d.Messages)
        router.add_api_route(
            "/api/messages", self.send_message, methods=["POST"], response_model=d.Receipt, status_code=202
        )

    def _add_tasks(self, router: APIRouter) -> None:
        router.add_api_route(
            "/api/tasks", self.create_task, methods=["POST"], response_model=d.TaskDocument, status_code=201
        )
        router.add_api_route(
            "/api/tasks/batch", self.create_batch, methods=["POST"], response_model=d.Accepted, status_code=201
        )
        router.add_api_route("/api/tasks", self.tasks, response_model=d.Tasks)
        router.add_api_route("/api/tasks/{task_id}", self.task, response_model=d.TaskDocument)
        router.add_api_route(
            "/api/tasks/{task_id}/complete", self.complete_task, methods=["POST"], response_model=d.TaskDocument
        )
        router.add_api_route(
            "/api/tasks/{task_id}", self.delete_task, methods=["DELETE"], status_code=204, response_class=Response
        )

    def _add_workflows(self, router: APIRouter) -> None:
        document = d.WorkflowDocument
        router.add_api_route(
            "/api/workflows", self.create_workflow, methods=["POST"], response_model=document, status_code=201
        )
        router.add_api_route("/api/workflows", self.workflows, response_model=d.Workflows)
        router.add_api_route("/api/workflows/{workflow_id}", self.workflow, response_model=document)
        for command in ("pause", "resume", "advance", "complete"):
            path = f"/api/workflows/{{workflow_id}}/{command}"
            router.add_api_route(path, self._carrying_out(command), methods=["POST"], response_model=document)

    def _carrying_out(self, command: str) -> Callable[[str], Coroutine[Any, Any, Response]]:
        async def handler(workflow_id: str) -> Response:
            return JSONResponse(await self._workflows.command(workflow_id, command))

        handler.__name__ = f"{command}_workflow"
        return handler

    async def health(self) -> Response:
        """Whether the state can be read."""
        try:
            with self._engine.state.reading() as state:
                tasks = state.count_tasks()
        except SQLAlchemyError as error:
            content = {"status": "unhealthy", "version": STATE_VERSION, "message": f"no state: {type(error).__name__}"}
            return JSONResponse(content, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"status": "healthy", "version": STATE_VERSION, "tasks": tasks})

    async def integrity(self) -> Response:
        """A scan of the state."""
        return JSONResponse(await asyncio.to_thread(self._engine.integrity))

    async def agents(self) -> Response:
        """All roles as agents."""
        return JSONResponse({"agents": self._engine.agents()})

    async def agent(self, agent_id: str) -> Response:
        """One role as an agent."""
        for agent in self._engine.agents():
            if agent["id"] == agent_id:
                return JSONResponse(agent)
        raise Declined.missing("agent", agent_id)

    async def inbox(self, agent_id: str) -> Response:
        """Messages to a role."""
        return JSONResponse({"messages": self._engine.inbox(agent_id)})

    async def send_message(self, new: d.NewMessage) -> Response:
        """Sends a message along a subscription."""
        identifier = await self._engine.send_message(new)
        return JSONResponse({"id": identifier, "delivered": True}, HTTPStatus.ACCEPTED)

    async def create_task(self, new: d.NewTask, idempotency_key: Key = None) -> Response:
        """Submits a task to the teams."""
        view, made = await self._engine.create_task(new, idempotency_key)
        status = HTTPStatus.CREATED if made else HTTPStatus.OK
        return JSONResponse(view, status, {"Location": f"/api/tasks/{view['id']}"})

    async def create_batch(self, batch: d.NewBatch) -> Response:
        """Submits many tasks."""
        ids = await self._engine.create_batch(batch)
        return JSONResponse({"accepted": len(ids), "ids": ids}, HTTPStatus.CREATED)

    async def tasks(
        self,
        status: d.TaskState | None = None,
        agent: d.String | None = None,
        created_by: d.String | None = None,
        limit: Limit = 50,
        cursor: d.String | None = None,
    ) -> Response:
        """Tasks page by page; one row more than a page tells whether there is another."""
        own = views.TASK_STATUS[status] if status else None
        asked = {"status": own, "role": agent, "owner": created_by}
        with self._engine.state.reading() as state:
            items = state.tasks_after(
                cursor, {name: text for name, text in asked.items() if text is not None}, limit + 1
            )
        page = [views.task_view(item) for item in items[:limit]]
        return JSONResponse({"tasks": page, "next": page[-1]["id"] if len(items) > limit else None})

    async def task(self, task_id: str) -> Response:
        """One task."""
        with self._engine.state.reading() as state:
            item = state.task(task_id)
        if item is None:
            raise Declined.missing("task", task_id)
        return JSONResponse(views.task_view(item))

    async def complete_task(self, task_id: str, ending: d.Ending) -> Response:
        """Ends a task."""
        return JSONResponse(await self._engine.close_task(task_id, ending))

    async def delete_task(self, task_id: str) -> Response:
        """Hides a task."""
        await self._engine.delete_task(task_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def create_workflow(self, new: d.NewWorkflow) -> Response:
        """Starts a workflow."""
        view = await self._workflows.create(new)
        return JSONResponse(view, HTTPStatus.CREATED, {"Location": f"/api/workflows/{view['id']}"})

    async def workflows(self, status: d.WorkflowState | None = None) -> Response:
        """Workflows without their steps."""
        return JSONResponse({"workflows": self._workflows.all(status)})

    async def workflow(self, workflow_id: str) -> Response:
        """One workflow."""
        return JSONResponse(self._workflows.one(workflow_id))
