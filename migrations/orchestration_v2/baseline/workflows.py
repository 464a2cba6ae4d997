"""Workflows of the baseline: their steps and the changes of status that are allowed; runs nothing by itself."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from orchestration_v2.baseline.documents import WorkflowOrder
from orchestration_v2.baseline.refusals import RefusalError, not_found
from orchestration_v2.baseline.store import Row, workflow_steps, workflows

# action: the status that it needs, the status that it leads to
CHANGES = {"pause": ("active", "paused"), "resume": ("paused", "active"), "complete": ("active", "completed")}


def summary(row: Row) -> dict[str, Any]:
    """A stored workflow without its steps."""
    return {name: row[name] for name in ("id", "title", "status", "critical", "owner", "created_at")}


def make_workflow(connection: sa.Connection, order: WorkflowOrder, *, identifier: str, now: str) -> dict[str, Any]:
    """Stores a new active workflow and returns its view."""
    row = {"id": identifier, "title": order.title, "status": "active", "critical": order.critical}
    row |= {"owner": order.owner, "created_at": now}
    steps = [{"seq": n, "agent": step.agent, "state": "pending"} for n, step in enumerate(order.steps, start=1)]
    connection.execute(workflows.insert().values(row))
    connection.execute(workflow_steps.insert(), [{"workflow_id": identifier, **step} for step in steps])
    return row | {"steps": steps}


def workflow_list(connection: sa.Connection, status: str | None) -> list[dict[str, Any]]:
    """All workflows, or those with one status, in the order of ids."""
    query = sa.select(workflows).order_by(workflows.c.id)
    if status is not None:
        query = query.where(workflows.c.status == status)
    return [summary(row) for row in connection.execute(query).mappings()]


def workflow_view(connection: sa.Connection, identifier: str) -> dict[str, Any]:
    """A workflow with its steps; raises RefusalError with 404."""
    query = sa.select(workflows).where(workflows.c.id == identifier)
    row = connection.execute(query).mappings().one_or_none() if "\x00" not in identifier else None
    if row is None:
        raise not_found("workflow", identifier)
    steps = (
        sa.select(workflow_steps.c.seq, workflow_steps.c.agent, workflow_steps.c.state)
        .where(workflow_steps.c.workflow_id == identifier)
        .order_by(workflow_steps.c.seq)
    )
    return summary(row) | {"steps": [dict(step) for step in connection.execute(steps).mappings()]}


def change_workflow(connection: sa.Connection, identifier: str, action: str) -> dict[str, Any]:
    """Pauses, resumes or completes a workflow; raises RefusalError with 404 or 409."""
    view = workflow_view(connection, identifier)
    needed, following = CHANGES[action]
    _require(view, needed, action)
    _set_status(connection, identifier, following)
    if following == "completed":
        _finish_steps(connection, identifier)
    return workflow_view(connection, identifier)


def advance_workflow(connection: sa.Connection, identifier: str) -> dict[str, Any]:
    """Runs the next step that is not done; the last one completes the workflow. Raises RefusalError with 404 or 409."""
    view = workflow_view(connection, identifier)
    _require(view, "active", "advance")
    waiting = [step["seq"] for step in view["steps"] if step["state"] != "done"]
    if not waiting:
        raise RefusalError(409, "workflow_state", f"workflow {identifier!r} has no step left to run")
    _finish_steps(connection, identifier, waiting[0])
    if len(waiting) == 1:
        _set_status(connection, identifier, "completed")
    return workflow_view(connection, identifier)


def _require(view: Mapping[str, Any], needed: str, action: str) -> None:
    if view["status"] != needed:
        text = f"cannot {action} workflow {view['id']!r}: it is {view['status']}, not {needed}"
        raise RefusalError(409, "workflow_state", text)


def _set_status(connection: sa.Connection, identifier: str, status: str) -> None:
    connection.execute(workflows.update().where(workflows.c.id == identifier).values(status=status))


def _finish_steps(connection: sa.Connection, identifier: str, only: int | None = None) -> None:
    change = workflow_steps.update().where(workflow_steps.c.workflow_id == identifier).values(state="done")
    connection.execute(change if only is None else change.where(workflow_steps.c.seq == only))
