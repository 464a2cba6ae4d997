"""The fleet's memory: tasks, and entries in partitions, in one store; every call is one transaction."""

import json
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from plumbing.identifiers import now_text
from plumbing.store import ID_TEXT, writing

metadata = sa.MetaData()

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("agent_type", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("label", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
)

memory_entries = sa.Table(
    "memory_entries",
    metadata,
    sa.Column("partition", ID_TEXT, primary_key=True),
    sa.Column("key", ID_TEXT, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("access_level", sa.Text, nullable=False),
    sa.Column("stored_at", sa.Text, nullable=False),
)


class AccessLevel(StrEnum):
    """Who may read an entry."""

    PRIVATE = "private"
    TEAM = "team"
    SYSTEM = "system"


class SwarmMemoryManager:
    """What all agents of a fleet remember."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        # Two services that start on one new store would otherwise both find the tables missing.
        with writing(engine) as connection:
            metadata.create_all(connection)

    def store(self, key: str, value: Any, options: dict[str, Any] | None = None) -> None:
        """Keeps a value under a key; options are partition, owner and accessLevel."""
        with writing(self._engine) as connection:
            _put(connection, key, value, options or {})

    def retrieve(self, key: str, partition: str = "default") -> Any:
        """The value of a key, None without one."""
        wanted = (memory_entries.c.partition == partition) & (memory_entries.c.key == key)
        with self._engine.connect() as connection:
            text = connection.scalar(sa.select(memory_entries.c.value).where(wanted))
        return None if text is None else json.loads(text)

    def clear(self, partition: str) -> int:
        """Empties a partition; how many entries it had."""
        with writing(self._engine) as connection:
            return connection.execute(memory_entries.delete().where(memory_entries.c.partition == partition)).rowcount

    def partitions(self) -> list[str]:
        """Names of all partitions that hold something."""
        query = sa.select(memory_entries.c.partition).distinct().order_by(memory_entries.c.partition)
        with self._engine.connect() as connection:
            return list(connection.scalars(query))

    def entries(self, partition: str, limit: int) -> list[dict[str, Any]]:
        """The first entries of a partition, by key."""
        if "\x00" in partition:
            return []  # PostgreSQL keeps no such text and would not compare it
        wanted = memory_entries.c.partition == partition
        query = sa.select(memory_entries).where(wanted).order_by(memory_entries.c.key).limit(limit)
        with self._engine.connect() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def keep_task(self, view: dict[str, Any]) -> None:
        """Writes a finished task, and remembers it for the coordination of agents."""
        note = {"agentType": view["agentType"], "status": view["status"]}
        options = {"partition": "coordination", "owner": view["agentType"], "accessLevel": AccessLevel.TEAM}
        with writing(self._engine) as connection:
            connection.execute(tasks.insert().values(_row(view)))
            _put(connection, f"tasks/{view['id']}", note, options)

    def task(self, identifier: str) -> dict[str, Any] | None:
        """One task."""
        if "\x00" in identifier:
            return None
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(tasks).where(tasks.c.id == identifier)).mappings().first()
        return None if row is None else _view(row)

    def task_page(self, limit: int, cursor: str | None) -> dict[str, Any]:
        """Tasks after a cursor, and the next cursor."""
        query = sa.select(tasks).order_by(tasks.c.id).limit(limit + 1)
        if cursor is not None:
            query = query.where(tasks.c.id > cursor)
        with self._engine.connect() as connection:
            found = [_view(row) for row in connection.execute(query).mappings()]
        return {"tasks": found[:limit], "next": found[limit - 1]["id"] if len(found) > limit else None}


def _put(connection: sa.Connection, key: str, value: Any, options: dict[str, Any]) -> None:
    partition = options.get("partition", "default")
    place = (memory_entries.c.partition == partition) & (memory_entries.c.key == key)
    connection.execute(memory_entries.delete().where(place))
    connection.execute(
        memory_entries.insert().values(
            partition=partition,
            key=key,
            value=json.dumps(value, ensure_ascii=False),
            owner=options.get("owner", "system"),
            access_level=str(options.get("accessLevel", AccessLevel.PRIVATE)),
            stored_at=now_text(),
        )
    )


def _entry(row: sa.RowMapping) -> dict[str, Any]:
    value = json.loads(row["value"])
    return {"key": row["key"], "value": value, "owner": row["owner"], "accessLevel": row["access_level"]}


def _row(view: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": view["id"],
        "agent_type": view["agentType"],
        "description": view["description"],
        "status": view["status"],
        "priority": view["priority"],
        "label": view["label"],
        "result": json.dumps(view["result"], ensure_ascii=False),
        "model": view["model"],
        "input_tokens": view["usage"]["inputTokens"],
        "output_tokens": view["usage"]["outputTokens"],
        "created_at": view["createdAt"],
    }


def _view(row: sa.RowMapping) -> dict[str, Any]:
    return {
        "id": row["id"],
        "agentType": row["agent_type"],
        "description": row["description"],
        "status": row["status"],
        "priority": row["priority"],
        "label": row["label"],
        "result": None if row["result"] is None else json.loads(row["result"]),
        "model": row["model"],
        "usage": {"inputTokens": row["input_tokens"], "outputTokens": row["output_tokens"]},
        "createdAt": row["created_at"],
    }
