"""Takes records of the other side into the candidate's state and hands its own out; the last writer of an id wins."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from orchestration_v2.candidate import views
from orchestration_v2.candidate.documents import (
    TEAM_OF_ROLE,
    MessageDocument,
    RecordsWanted,
    ReplicaBody,
    TaskCopyDocument,
    WorkflowDocument,
)
from orchestration_v2.candidate.state import IS_TASK, State
from orchestration_v2.candidate.store import idempotency, messages, work_items, work_steps

NO_TEAM = "none"


def adopt(state: State, body: ReplicaBody) -> None:
    """Stores every record of the body; pydantic.ValidationError for one that has another shape."""
    records = list(body.records)
    if body.record is not None:
        records.insert(0, body.record)
    match body.kind:
        case "task":
            _adopt_tasks(state, records)
        case "workflow":
            for record in records:
                _adopt_workflow(state, WorkflowDocument.model_validate(record))
        case "message":
            parsed = [MessageDocument.model_validate(record).model_dump() for record in records]
            state.replace(messages, messages.c.id, [_with_teams(message) for message in parsed])


def records(state: State, wanted: RecordsWanted) -> list[dict[str, Any]]:
    """The wanted records that are there, in the words of the v1 API."""
    match wanted.kind:
        case "task":
            query = sa.select(work_items).where(IS_TASK, work_items.c.id.in_(wanted.ids)).order_by(work_items.c.id)
            return [views.task_view(item) for item in state.connection.execute(query).mappings()]
        case "workflow":
            found = [item for item in map(state.workflow, wanted.ids) if item is not None]
            return [_whole_workflow(state, item["id"], views.workflow_head(item)) for item in found]
        case "message":
            query = sa.select(messages).where(messages.c.id.in_(wanted.ids)).order_by(messages.c.id)
            return [views.message_view(message) for message in state.connection.execute(query).mappings()]


def _adopt_tasks(state: State, records: Sequence[Mapping[str, Any]]) -> None:
    copies: list[TaskCopyDocument] = []
    for record in records:
        if record.keys() == {"id", "deleted"} and record["deleted"] is True:
            state.change(record["id"], deleted=True)
        else:
            copies.append(TaskCopyDocument.model_validate(record))
    state.replace(work_items, work_items.c.id, [views.item_from_task(copy) for copy in copies])
    keys = [{"key": copy.idempotency_key, "item_id": copy.id} for copy in copies if copy.idempotency_key]
    state.replace(idempotency, idempotency.c.key, keys)


def _adopt_workflow(state: State, workflow: WorkflowDocument) -> None:
    state.replace(work_items, work_items.c.id, [views.item_from_workflow(workflow)])
    state.connection.execute(work_steps.delete().where(work_steps.c.item_id == workflow.id))
    state.add(
        work_steps,
        [
            {
                "item_id": workflow.id,
                "seq": step.seq,
                "state": step.state,
                "role": step.agent,
                "team": _team(step.agent),
            }
            for step in workflow.steps
        ],
    )


def _with_teams(message: Mapping[str, Any]) -> dict[str, Any]:
    return dict(message) | {"sender_team": _team(message["sender"]), "recipient_team": _team(message["recipient"])}


def _team(role: str) -> str:
    return TEAM_OF_ROLE.get(role, NO_TEAM)


def _whole_workflow(state: State, identifier: str, head: dict[str, Any]) -> dict[str, Any]:
    return head | {"steps": [views.step_view(step) for step in state.steps(identifier)]}
