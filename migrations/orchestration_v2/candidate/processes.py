"""Workflows of the candidate: what each command needs and what it leads to, told to the teams as events."""

from collections.abc import Sequence
from typing import Any

from orchestration_v2.candidate import views
from orchestration_v2.candidate.documents import TEAM_OF_ROLE, NewWorkflow, WorkflowDocument
from orchestration_v2.candidate.refusals import Declined
from orchestration_v2.candidate.service import V2OrchestrationEngine
from orchestration_v2.candidate.state import State
from orchestration_v2.candidate.store import Row, work_items, work_steps
from plumbing.identifiers import Identifiers, now_text

TOPICS = {
    "pause": "workflow.held",
    "resume": "workflow.resumed",
    "advance": "step.done",
    "complete": "workflow.finished",
}


class WorkflowDesk:
    """Carries out commands about workflows."""

    def __init__(self, engine: V2OrchestrationEngine, identifiers: Identifiers) -> None:
        self._engine = engine
        self._new_id = identifiers.new

    async def create(self, new: NewWorkflow) -> dict[str, Any]:
        """A new running workflow."""
        identifier = self._new_id("workflow")
        steps = [{"seq": place, "agent": s.agent, "state": "pending"} for place, s in enumerate(new.steps, 1)]
        view = {"id": identifier, "title": new.title, "status": "active", "critical": new.critical}
        view |= {"owner": new.owner, "created_at": now_text(), "steps": steps}
        with self._engine.state.writing() as state:
            state.add(work_items, [views.item_from_workflow(WorkflowDocument.model_validate(view))])
            state.add(work_steps, [_step_row(identifier, step) for step in steps])
        await self._engine.tell("workflow.started", [view])
        return view

    def all(self, status: str | None) -> list[dict[str, Any]]:
        """Workflows without their steps."""
        with self._engine.state.reading() as state:
            own = views.WORKFLOW_STATUS[status] if status else None
            return [views.workflow_head(item) for item in state.workflows(own)]

    def one(self, identifier: str) -> dict[str, Any]:
        """A workflow with its steps."""
        with self._engine.state.reading() as state:
            return _view(_workflow(state, identifier), state.steps(identifier))

    async def command(self, identifier: str, command: str) -> dict[str, Any]:
        """Pauses, resumes, advances or completes a workflow."""
        steps = {"pause": self._pause, "resume": self._resume, "advance": self._advance, "complete": self._complete}
        with self._engine.state.writing() as state:
            item = _workflow(state, identifier)
            steps[command](state, item)
            view = _view(_workflow(state, identifier), state.steps(identifier))
        await self._engine.tell(TOPICS[command], [view])
        return view

    def _pause(self, state: State, item: Row) -> None:
        _expect(item, "running", "pause")
        state.change(item["id"], status="on_hold")

    def _resume(self, state: State, item: Row) -> None:
        _expect(item, "on_hold", "resume")
        state.change(item["id"], status="running")

    def _complete(self, state: State, item: Row) -> None:
        _expect(item, "running", "complete")
        state.finish_steps(item["id"], [step["seq"] for step in state.steps(item["id"])])
        state.change(item["id"], status="finished")

    def _advance(self, state: State, item: Row) -> None:
        _expect(item, "running", "advance")
        if item["critical"] and self._engine.faults.settings.critical_workflow_failure:
            self._engine.metrics.count_workflow_failure(critical=True)
            raise RuntimeError(f"critical workflow {item['id']} failed in a step")
        left = [step["seq"] for step in state.steps(item["id"]) if step["state"] != "done"]
        if not left:
            raise Declined.conflict("workflow_state", f"workflow {item['id']!r}: all steps are done")
        state.finish_steps(item["id"], left[:1])
        if not left[1:]:
            state.change(item["id"], status="finished")


def _workflow(state: State, identifier: str) -> Row:
    item = state.workflow(identifier)
    if item is None:
        raise Declined.missing("workflow", identifier)
    return item


def _view(item: Row, steps: Sequence[Row]) -> dict[str, Any]:
    return views.workflow_head(item) | {"steps": [views.step_view(step) for step in steps]}


def _expect(item: Row, status: str, command: str) -> None:
    if item["status"] != status:
        now = views.WORKFLOW_WORD.get(item["status"], item["status"])
        raise Declined.conflict("workflow_state", f"workflow {item['id']!r} is {now}: no {command} now")


def _step_row(identifier: str, step: dict[str, Any]) -> dict[str, Any]:
    role = step["agent"]
    return {"item_id": identifier, "seq": step["seq"], "team": TEAM_OF_ROLE[role], "role": role, "state": step["state"]}
