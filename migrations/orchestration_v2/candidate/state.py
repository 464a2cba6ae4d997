"""The state manager: the only module that reads and writes the candidate's items; each call is one transaction."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from orchestration_v2.candidate.store import (
    STATE_VERSION,
    Row,
    capacity,
    event_log,
    idempotency,
    messages,
    meta,
    subscriptions,
    teams,
    work_items,
    work_steps,
)
from orchestration_v2.candidate.teams import Roster
from plumbing.store import writing

IS_TASK = sa.and_(work_items.c.kind == "task", sa.not_(work_items.c.deleted))
IS_WORKFLOW = work_items.c.kind == "workflow"
INBOX_SIZE = 200


class State:
    """The state as one transaction sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def roles(self, *, hold: bool = False) -> dict[str, Any]:
        """Capacity and connections of each role; `hold` makes other writers of tasks wait for this transaction."""
        query = sa.select(meta.c.value).where(meta.c.key == "roles")
        found = self.connection.scalar(query.with_for_update() if hold else query)
        return json.loads(found) if found else {}

    def roster(self, *, hold: bool = False) -> Roster:
        """All roles with the number of tasks that each holds."""
        roles = self.roles(hold=hold)
        held = sa.select(work_items.c.role, sa.func.count()).where(IS_TASK, work_items.c.status == "claimed")
        counted = self.connection.execute(held.group_by(work_items.c.role)).all()
        return Roster.of(roles, {role: count for role, count in counted if role is not None})

    def task(self, identifier: str) -> Row | None:
        """A task that is not deleted."""
        return self._one(sa.select(work_items).where(IS_TASK, work_items.c.id == identifier), identifier)

    def task_of_key(self, key: str) -> Row | None:
        """The task that an idempotency key made, deleted or not."""
        joined = sa.select(work_items).join(idempotency, idempotency.c.item_id == work_items.c.id)
        return self._one(joined.where(idempotency.c.key == key), key)

    def tasks_after(self, cursor: str | None, wanted: Mapping[str, str], limit: int) -> Sequence[Row]:
        """Up to `limit` tasks whose ids come after the cursor, in the order of ids."""
        conditions = [IS_TASK, *(work_items.c[column] == value for column, value in wanted.items())]
        if cursor is not None:
            conditions.append(work_items.c.id > cursor)
        query = sa.select(work_items).where(*conditions).order_by(work_items.c.id).limit(limit)
        return self.connection.execute(query).mappings().all()

    def count_tasks(self) -> int:
        """How many tasks callers can see."""
        return self.connection.execute(sa.select(sa.func.count(work_items.c.id)).where(IS_TASK)).scalar_one()

    def workflow(self, identifier: str) -> Row | None:
        """A workflow."""
        return self._one(sa.select(work_items).where(IS_WORKFLOW, work_items.c.id == identifier), identifier)

    def workflows(self, status: str | None) -> Sequence[Row]:
        """Workflows in the order of ids."""
        query = sa.select(work_items).where(IS_WORKFLOW).order_by(work_items.c.id)
        return self.connection.execute(query.where(work_items.c.status == status) if status else query).mappings().all()

    def known_workflows(self, identifiers: set[str]) -> set[str]:
        """Those of the ids that belong to a workflow."""
        query = sa.select(work_items.c.id).where(IS_WORKFLOW, work_items.c.id.in_(identifiers))
        return set(self.connection.scalars(query)) if identifiers else set()

    def steps(self, identifier: str) -> Sequence[Row]:
        """Steps of a workflow in their order."""
        query = sa.select(work_steps).where(work_steps.c.item_id == identifier).order_by(work_steps.c.seq)
        return self.connection.execute(query).mappings().all()

    def inbox(self, role: str) -> Sequence[Row]:
        """The newest messages to a role, newest last."""
        newest_first = (messages.c.sent_at.desc(), messages.c.id.desc())
        query = sa.select(messages).where(messages.c.recipient == role).order_by(*newest_first).limit(INBOX_SIZE)
        return self.connection.execute(query).mappings().all()[::-1]

    def subscriptions(self) -> list[dict[str, Any]]:
        """Who hears of what, and which connection of v1 each subscription came from."""
        rows = self.connection.execute(sa.select(subscriptions).order_by(subscriptions.c.topic)).mappings()
        lists = ("subscriber_teams", "origin")
        return [dict(row) | {name: json.loads(row[name]) for name in lists} for row in rows]

    def teams(self) -> list[dict[str, Any]]:
        """Teams in the order of their names, with members and capacity."""
        rows = self.connection.execute(sa.select(teams).order_by(teams.c.team)).mappings()
        return [dict(row) | {"members": json.loads(row["members"])} for row in rows]

    def capacities(self) -> dict[str, int]:
        """Capacity of each team and in total, as the state keeps it."""
        return {row.team: row.n for row in self.connection.execute(sa.select(capacity).order_by(capacity.c.team))}

    def events_after(self, seq: int, topic: str | None, limit: int) -> list[dict[str, Any]]:
        """Processed events in their order."""
        query = sa.select(event_log).where(event_log.c.seq > seq).order_by(event_log.c.seq).limit(limit)
        rows = self.connection.execute(query.where(event_log.c.topic == topic) if topic else query).mappings()
        return [dict(row) | {"payload": json.loads(row["payload"])} for row in rows]

    def is_valid(self) -> bool:
        """Whether version, teams and capacities agree with each other."""
        version = self.connection.scalar(sa.select(meta.c.value).where(meta.c.key == "version"))
        roles, kept = self.roles(), self.capacities()
        summed = {t["team"]: sum(roles.get(role, {}).get("capacity", 0) for role in t["members"]) for t in self.teams()}
        stated = {team["team"]: team["capacity"] for team in self.teams()}
        total = kept.pop("total", 0)
        return version == STATE_VERSION and summed == stated == kept and total == sum(kept.values())

    def add(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Adds rows to a table."""
        if rows:
            self.connection.execute(table.insert(), [dict(row) for row in rows])

    def change(self, identifier: str, **values: object) -> None:
        """Changes columns of one work item."""
        self.connection.execute(work_items.update().where(work_items.c.id == identifier).values(**values))

    def finish_steps(self, identifier: str, seqs: Sequence[int]) -> None:
        """Marks steps as done."""
        here = sa.and_(work_steps.c.item_id == identifier, work_steps.c.seq.in_(seqs))
        self.connection.execute(work_steps.update().where(here).values(state="done"))

    def replace(self, table: sa.Table, key: sa.Column[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Puts rows in the place of those with the same key."""
        self.connection.execute(table.delete().where(key.in_({row[key.name] for row in rows})))
        self.add(table, rows)

    def _one(self, query: sa.Select[Any], word: str) -> Row | None:
        # PostgreSQL cannot even be asked for a text with U+0000 in it.
        return None if "\0" in word else self.connection.execute(query).mappings().one_or_none()


class StateManager:
    """Opens the state for reading or for writing."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[State]:
        """The state as it is now."""
        with self._engine.connect() as connection:
            yield State(connection)

    @contextmanager
    def writing(self) -> Iterator[State]:
        """The state for changes that are all kept, or none if an exception leaves the block."""
        with writing(self._engine) as connection:
            yield State(connection)
