"""Agents of the baseline: who is how busy, who takes a task, who may write to whom; changes no task."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from orchestration_v2.baseline.documents import SKILLS, Agent, TaskOrder
from orchestration_v2.baseline.store import agents, messages, tasks

INBOX_SIZE = 200


def busy_agents(connection: sa.Connection, *, to_assign: bool = False) -> dict[str, Agent]:
    """All agents by id with their loads; `to_assign` keeps others from assigning until the transaction ends."""
    query = sa.select(agents).order_by(agents.c.id)
    rows = connection.execute(query.with_for_update() if to_assign else query).all()
    assigned = (
        sa.select(tasks.c.agent, sa.func.count())
        .where(tasks.c.status == "assigned", sa.not_(tasks.c.deleted))
        .group_by(tasks.c.agent)
    )
    loads: dict[str, int] = {agent: count for agent, count in connection.execute(assigned) if agent is not None}
    return {
        row.id: Agent(
            id=row.id,
            role=row.role,
            capacity=row.capacity,
            load=loads.get(row.id, 0),
            talks_to=json.loads(row.talks_to),
        )
        for row in rows
    }


def agent_for(order: TaskOrder, everyone: Mapping[str, Agent]) -> Agent | None:
    """Who gets the task: the agent asked for, else its least busy colleague that has room, else nobody."""
    role = order.role or (SKILLS[order.skill] if order.skill else None)
    if role is None:
        return _least_busy(everyone, list(everyone))
    wanted = everyone.get(role)
    if wanted is None:
        return None
    return wanted if _has_room(wanted) else _least_busy(everyone, wanted.talks_to)


def may_write(everyone: Mapping[str, Agent], sender: str, recipient: str) -> bool:
    """Whether the two are connected in this direction."""
    return sender in everyone and recipient in everyone and recipient in everyone[sender].talks_to


def inbox(connection: sa.Connection, agent: str) -> list[dict[str, Any]]:
    """The newest messages to an agent, newest last."""
    newest = (
        sa.select(messages)
        .where(messages.c.recipient == agent)
        .order_by(messages.c.sent_at.desc(), messages.c.id.desc())
        .limit(INBOX_SIZE)
    )
    return [dict(row) for row in reversed(connection.execute(newest).mappings().all())]


def _has_room(agent: Agent) -> bool:
    return agent.load < agent.capacity


def _least_busy(everyone: Mapping[str, Agent], names: list[str]) -> Agent | None:
    free = [everyone[name] for name in names if name in everyone and _has_room(everyone[name])]
    return min(free, key=lambda agent: (agent.load, agent.id), default=None)
