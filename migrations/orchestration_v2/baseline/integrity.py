"""Looks through the baseline's store for rows that are not what they should be; can spoil one row, and mend it."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from orchestration_v2.baseline.store import tasks, workflows
from orchestration_v2.baseline.tasks import task_view
from plumbing.store import writing

STATUSES = ("queued", "assigned", "completed", "failed", "cancelled")
SPOILED = "#"


def spoiled_ids(connection: sa.Connection) -> frozenset[str]:
    """Ids of the tasks whose timestamp or status cannot be."""
    wrong = sa.or_(tasks.c.created_at.not_like("____-__-__T%"), tasks.c.status.not_in(STATUSES))
    return frozenset(connection.scalars(sa.select(tasks.c.id).where(wrong)))


def scan(connection: sa.Connection) -> dict[str, Any]:
    """Counts, orphans, spoiled rows, and one checksum over all tasks that callers can see."""
    lines, unreadable = _canonical_lines(connection)
    here = sa.exists().where(workflows.c.id == tasks.c.workflow_id)
    orphaned = sa.and_(sa.not_(tasks.c.deleted), tasks.c.workflow_id.is_not(None), sa.not_(here))
    return {
        "tasks": len(lines),
        "workflows": connection.scalar(sa.select(sa.func.count()).select_from(workflows)),
        "orphans": connection.scalar(sa.select(sa.func.count()).select_from(tasks).where(orphaned)),
        "corrupt": len(spoiled_ids(connection) | unreadable),
        "checksum": hashlib.sha256("".join(lines).encode()).hexdigest(),
    }


def spoil(engine: sa.Engine) -> bool:
    """Damages the timestamp of the first task; says whether there was one."""
    with writing(engine) as connection:
        first = connection.scalar(sa.select(tasks.c.id).where(sa.not_(tasks.c.deleted)).order_by(tasks.c.id).limit(1))
        if first is not None:
            damage = {"created_at": sa.literal(SPOILED) + tasks.c.created_at}
            connection.execute(tasks.update().where(tasks.c.id == first).values(damage))
    return first is not None


def mend(engine: sa.Engine) -> None:
    """Undoes the damage."""
    with writing(engine) as connection:
        damaged = tasks.c.created_at.startswith(SPOILED)
        connection.execute(tasks.update().where(damaged).values(created_at=sa.func.substr(tasks.c.created_at, 2)))


def _canonical_lines(connection: sa.Connection) -> tuple[list[str], set[str]]:
    lines: list[str] = []
    unreadable: set[str] = set()
    for row in connection.execute(sa.select(tasks).where(sa.not_(tasks.c.deleted)).order_by(tasks.c.id)).mappings():
        try:
            view = task_view(row)
        except ValueError:
            unreadable.add(row["id"])
            view = task_view(dict(row) | {"result": None})
        lines.append(json.dumps(view, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n")
    return lines, unreadable
