"""Takes over records that the candidate made, and hands out the baseline's own; the last one to write an id wins."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field

from orchestration_v2.baseline.documents import Document, Message, TaskCopy, TaskRemoval, Workflow
from orchestration_v2.baseline.store import idempotency, messages, tasks, workflow_steps, workflows
from orchestration_v2.baseline.tasks import as_text, task_view
from orchestration_v2.baseline.workflows import workflow_view

Kind = Literal["task", "workflow", "message"]


class Replica(Document):
    """One record, or several of one kind; their shape is checked when they are taken over."""

    kind: Kind
    record: dict[str, Any] | None = None
    records: Annotated[list[dict[str, Any]], Field(default_factory=list, max_length=500)]


class Wanted(Document):
    """Which records to hand out."""

    kind: Kind
    ids: Annotated[list[str], Field(max_length=500)]


def take_over(connection: sa.Connection, replica: Replica) -> None:
    """Stores all records of a replica; raises pydantic.ValidationError for a record of another shape."""
    records = [*([replica.record] if replica.record is not None else []), *replica.records]
    if replica.kind == "task":
        removals = [TaskRemoval.model_validate(record) for record in records if set(record) == {"id", "deleted"}]
        _hide(connection, [removal.id for removal in removals])
        _store_copies(connection, [TaskCopy.model_validate(r) for r in records if set(r) != {"id", "deleted"}])
    elif replica.kind == "workflow":
        for record in records:
            _store_workflow(connection, Workflow.model_validate(record))
    else:
        _replace(connection, messages, [Message.model_validate(record).model_dump() for record in records])


def hand_out(connection: sa.Connection, wanted: Wanted) -> list[dict[str, Any]]:
    """The records with these ids that are there, as callers see them; deleted tasks are left out."""
    if wanted.kind == "workflow":
        found = set(connection.scalars(sa.select(workflows.c.id).where(workflows.c.id.in_(wanted.ids))))
        return [workflow_view(connection, identifier) for identifier in wanted.ids if identifier in found]
    if wanted.kind == "message":
        rows = connection.execute(sa.select(messages).where(messages.c.id.in_(wanted.ids))).mappings()
        return [dict(row) for row in rows]
    query = sa.select(tasks).where(tasks.c.id.in_(wanted.ids), sa.not_(tasks.c.deleted)).order_by(tasks.c.id)
    return [task_view(row) for row in connection.execute(query).mappings()]


def _store_copies(connection: sa.Connection, copies: Sequence[TaskCopy]) -> None:
    rows = [copy.model_dump(exclude={"tags", "idempotency_key"}) | {"result": as_text(copy.result)} for copy in copies]
    _replace(connection, tasks, rows)
    keys = {copy.idempotency_key: copy.id for copy in copies if copy.idempotency_key}
    if keys:
        connection.execute(idempotency.delete().where(idempotency.c.key.in_(keys)))
        connection.execute(idempotency.insert(), [{"key": key, "task_id": task} for key, task in keys.items()])


def _store_workflow(connection: sa.Connection, workflow: Workflow) -> None:
    _replace(connection, workflows, [workflow.model_dump(exclude={"steps"})])
    connection.execute(workflow_steps.delete().where(workflow_steps.c.workflow_id == workflow.id))
    steps = [{"workflow_id": workflow.id, **step.model_dump()} for step in workflow.steps]
    if steps:
        connection.execute(workflow_steps.insert(), steps)


def _hide(connection: sa.Connection, identifiers: Sequence[str]) -> None:
    connection.execute(tasks.update().where(tasks.c.id.in_(identifiers)).values(deleted=True))


def _replace(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(table.delete().where(table.c.id.in_([row["id"] for row in rows])))
        connection.execute(table.insert(), [dict(row) for row in rows])
