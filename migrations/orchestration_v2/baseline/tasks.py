"""Tasks of the baseline: making, finding, closing and hiding them, each inside a transaction of the caller."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from orchestration_v2.baseline.agents import agent_for
from orchestration_v2.baseline.documents import Agent, Completion, TaskOrder
from orchestration_v2.baseline.refusals import RefusalError, not_found
from orchestration_v2.baseline.store import Row, idempotency, tasks, workflows

OPEN = ("queued", "assigned")
RUN_RESULT = {"output": "done"}
VISIBLE = ("id", "title", "agent", "status", "priority", "workflow_id", "created_by", "created_at", "estimate", "notes")


def task_view(row: Row) -> dict[str, Any]:
    """A stored row as callers see it."""
    view = {name: row[name] for name in VISIBLE}
    view["result"] = json.loads(row["result"]) if row["result"] is not None else None
    view["tags"] = []
    return view


def as_row(order: TaskOrder, *, identifier: str, agent: Agent | None, created_at: str, run: bool) -> dict[str, Any]:
    """The row of a new task; with `run` it is completed already."""
    status = "completed" if run else "assigned" if agent else "queued"
    return {
        "id": identifier,
        "title": order.title,
        "agent": agent.id if agent else None,
        "status": status,
        "priority": order.priority,
        "workflow_id": order.workflow_id,
        "created_by": order.created_by,
        "created_at": created_at,
        "estimate": order.estimate,
        "deleted": False,
        "result": as_text(RUN_RESULT) if run else None,
        "notes": order.notes,
    }


def make_task(
    order: TaskOrder,
    everyone: dict[str, Agent],
    *,
    new_id: Callable[[str], str],
    now: Callable[[], str],
    run: bool = False,
) -> dict[str, Any]:
    """Gives the task to an agent, or to the queue, and returns its row, not stored yet; `everyone` is updated."""
    agent = agent_for(order, everyone)
    if agent and not run:
        everyone[agent.id] = agent.model_copy(update={"load": agent.load + 1})
    return as_row(order, identifier=new_id("task"), agent=agent, created_at=now(), run=run)


def store_tasks(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows."""
    connection.execute(tasks.insert(), [dict(row) for row in rows])


def refuse_unknown_workflows(connection: sa.Connection, orders: Sequence[TaskOrder], *, batch: bool) -> None:
    """Raises RefusalError when an order names a workflow that is not there."""
    named = {order.workflow_id for order in orders if order.workflow_id is not None}
    known = set(connection.scalars(sa.select(workflows.c.id).where(workflows.c.id.in_(named)))) if named else set()
    wrong = [n for n, order in enumerate(orders) if order.workflow_id is not None and order.workflow_id not in known]
    if wrong:
        fields = [f"tasks.{n}.workflow_id" if batch else "workflow_id" for n in wrong]
        raise RefusalError(422, "invalid_task", f"{fields[0]}: there is no such workflow", fields)


def task_by_key(connection: sa.Connection, key: str) -> dict[str, Any] | None:
    """The task that was made with an idempotency key before."""
    query = sa.select(tasks).join(idempotency, idempotency.c.task_id == tasks.c.id).where(idempotency.c.key == key)
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def keep_key(connection: sa.Connection, key: str, task_id: str) -> None:
    """Remembers which task a key made."""
    connection.execute(idempotency.insert().values(key=key, task_id=task_id))


def task_by_id(connection: sa.Connection, identifier: str) -> dict[str, Any]:
    """A task that is not deleted; raises RefusalError with 404 otherwise."""
    query = sa.select(tasks).where(tasks.c.id == identifier, sa.not_(tasks.c.deleted))
    row = connection.execute(query).mappings().one_or_none() if "\x00" not in identifier else None
    if row is None:
        raise not_found("task", identifier)
    return dict(row)


def page_of_tasks(
    connection: sa.Connection, *, wanted: Mapping[str, str | None], limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """At most `limit` tasks after the cursor in the order of ids, and the cursor of the next page."""
    query = sa.select(tasks).where(sa.not_(tasks.c.deleted)).order_by(tasks.c.id).limit(limit + 1)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(tasks.c[name] == value)
    if cursor is not None:
        query = query.where(tasks.c.id > cursor)
    rows = connection.execute(query).mappings().all()
    following = rows[limit - 1]["id"] if len(rows) > limit else None
    return [task_view(row) for row in rows[:limit]], following


def close_task(connection: sa.Connection, identifier: str, completion: Completion) -> dict[str, Any]:
    """The view of the task after its end; raises RefusalError with 404 or 409."""
    row = task_by_id(connection, identifier)
    if row["status"] not in OPEN:
        raise RefusalError(409, "task_closed", f"task {identifier!r} is {row['status']} already")
    change = {"status": "completed" if completion.success else "failed", "result": as_text(completion.result)}
    connection.execute(tasks.update().where(tasks.c.id == identifier).values(change))
    return task_view(row | change)


def hide_task(connection: sa.Connection, identifier: str) -> None:
    """Marks a task as deleted; raises RefusalError with 404."""
    task_by_id(connection, identifier)
    connection.execute(tasks.update().where(tasks.c.id == identifier).values(deleted=True))


def as_text(value: object) -> str | None:
    """A JSON value as it is stored; null is no value."""
    return None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)
