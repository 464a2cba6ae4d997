"""Searches the candidate's state for damage; can cause some in one row, and take it back."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from orchestration_v2.candidate import views
from orchestration_v2.candidate.state import IS_TASK, IS_WORKFLOW, State, StateManager
from orchestration_v2.candidate.store import Row, work_items

DAMAGE = "!"


def damaged_ids(state: State) -> frozenset[str]:
    """Ids of tasks with a status or a time that no task can have."""
    query = sa.select(work_items.c.id).where(
        work_items.c.kind == "task",
        ~work_items.c.status.in_(views.TASK_WORD) | ~work_items.c.created_at.like("____-__-__T%"),
    )
    return frozenset(state.connection.execute(query).scalars())


def integrity(state: State) -> dict[str, Any]:
    """The whole state in four counts and one checksum."""
    items = state.connection.execute(sa.select(work_items).where(IS_TASK).order_by(work_items.c.id)).mappings().all()
    workflows = set(state.connection.scalars(sa.select(work_items.c.id).where(IS_WORKFLOW)))
    damaged = set(damaged_ids(state))
    digest = hashlib.sha256()
    for item in items:
        view = _readable_view(item, damaged)
        digest.update(json.dumps(view, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return {
        "tasks": len(items),
        "workflows": len(workflows),
        "orphans": sum(item["parent_id"] is not None and item["parent_id"] not in workflows for item in items),
        "corrupt": len(damaged),
        "checksum": digest.hexdigest(),
    }


def damage(manager: StateManager) -> bool:
    """Spoils the time of the first task; False when there is none."""
    with manager.writing() as state:
        first = next(iter(state.tasks_after(None, {}, 1)), None)
        if first is None:
            return False
        state.change(first["id"], created_at=DAMAGE + first["created_at"])
    return True


def repair(manager: StateManager) -> None:
    """Takes the damage back wherever it is found."""
    with manager.writing() as state:
        query = sa.select(work_items.c.id, work_items.c.created_at).where(work_items.c.created_at.like(f"{DAMAGE}%"))
        for identifier, spoiled in state.connection.execute(query).all():
            state.change(identifier, created_at=spoiled.removeprefix(DAMAGE))


def _readable_view(item: Row, damaged: set[str]) -> dict[str, Any]:
    try:
        return views.task_view(item)
    except ValueError:
        damaged.add(item["id"])
        return views.task_view(dict(item) | {"result": None})
