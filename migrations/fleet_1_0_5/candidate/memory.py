"""The fleet's memory in the shape that 1.0.4 gave it; partitions come into being with their first entry."""

import json
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, Table, Text, delete, insert, select
from sqlalchemy.engine import Connection, RowMapping

from plumbing.identifiers import now_text
from plumbing.store import ID_TEXT, writing

SCHEMA = MetaData()

TASKS = Table(
    "tasks",
    SCHEMA,
    Column("id", ID_TEXT, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("agent_type", "description", "status")),
    Column("priority", Integer, nullable=False),
    *(Column(name, Text) for name in ("label", "result", "model")),
    *(Column(name, BigInteger, nullable=False) for name in ("input_tokens", "output_tokens")),
    Column("created_at", Text, nullable=False),
)
ENTRIES = Table(
    "memory_entries",
    SCHEMA,
    *(Column(name, ID_TEXT, primary_key=True) for name in ("partition", "key")),
    *(Column(name, Text, nullable=False) for name in ("value", "owner", "access_level", "stored_at")),
)
NAMES = {"agentType": "agent_type", "createdAt": "created_at"}
PLAIN = ("id", "agentType", "description", "status", "priority", "label", "model", "createdAt")


class AccessLevel(StrEnum):
    """Who may read an entry."""

    PRIVATE = "private"
    TEAM = "team"
    SYSTEM = "system"


class SwarmMemoryManager:
    """What all agents of a fleet remember."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with writing(engine) as connection:
            SCHEMA.create_all(connection)

    def store(self, key: str, value: Any, options: dict[str, Any] | None = None) -> None:
        """Keeps a value under a key; options are partition, owner and accessLevel."""
        with writing(self._engine) as connection:
            _remember(connection, key, value, **(options or {}))

    def retrieve(self, key: str, partition: str = "default") -> Any:
        """The value of a key, None without one."""
        query = select(ENTRIES.c.value).where(ENTRIES.c.partition == partition, ENTRIES.c.key == key)
        with self._engine.connect() as connection:
            found = connection.scalar(query)
        return json.loads(found) if found is not None else None

    def clear(self, partition: str) -> int:
        """Empties a partition; how many entries it had."""
        with writing(self._engine) as connection:
            return connection.execute(delete(ENTRIES).where(ENTRIES.c.partition == partition)).rowcount

    def partitions(self) -> list[str]:
        """Names of all partitions that hold something."""
        with self._engine.connect() as connection:
            return sorted(connection.scalars(select(ENTRIES.c.partition).distinct()))

    def entries(self, partition: str, limit: int | None, prefix: str = "") -> list[dict[str, Any]]:
        """Entries of a partition by key, those with a prefix only."""
        if not _can_be_asked_for(partition):
            return []
        query = select(ENTRIES).where(ENTRIES.c.partition == partition).order_by(ENTRIES.c.key).limit(limit)
        if prefix:
            query = query.where(ENTRIES.c.key.startswith(prefix, autoescape=True))
        with self._engine.connect() as connection:
            return [_shown_entry(row) for row in connection.execute(query).mappings()]

    def stored_since(self, partition: str, prefix: str, moment: str) -> list[tuple[str, Any, str]]:
        """Key, value and time of all entries that were stored at a moment (ISO 8601 in UTC) or later."""
        query = select(ENTRIES.c.key, ENTRIES.c.value, ENTRIES.c.stored_at).where(
            ENTRIES.c.partition == partition,
            ENTRIES.c.key.startswith(prefix, autoescape=True),
            ENTRIES.c.stored_at >= moment,
        )
        with self._engine.connect() as connection:
            return [(key, json.loads(value), stored_at) for key, value, stored_at in connection.execute(query)]

    def keep_task(self, view: dict[str, Any], selection: dict[str, Any] | None) -> None:
        """Writes a finished task with what agents and the router remember of it."""
        with writing(self._engine) as connection:
            connection.execute(insert(TASKS).values(_stored_task(view)))
            note = {"agentType": view["agentType"], "status": view["status"]}
            key = f"tasks/{view['id']}"
            _remember(connection, key, note, "coordination", view["agentType"], AccessLevel.TEAM)
            if selection:
                _remember(connection, key, selection, "routing/selections", "model-router", AccessLevel.SYSTEM)

    def task(self, identifier: str) -> dict[str, Any] | None:
        """One task."""
        if not _can_be_asked_for(identifier):
            return None
        with self._engine.connect() as connection:
            found = connection.execute(select(TASKS).where(TASKS.c.id == identifier)).mappings().one_or_none()
        return _shown_task(found) if found else None

    def tasks_after(self, cursor: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """A page of tasks, and the cursor of the next."""
        query = select(TASKS).order_by(TASKS.c.id).limit(limit + 1)
        query = query if cursor is None else query.where(TASKS.c.id > cursor)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [_shown_task(row) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else None


def _can_be_asked_for(name: str) -> bool:
    # PostgreSQL has no texts with U+0000 and refuses to look for one.
    return "\x00" not in name


def _remember(
    connection: Connection,
    key: str,
    value: Any,
    partition: str = "default",
    owner: str = "system",
    accessLevel: str = AccessLevel.PRIVATE,
) -> None:
    connection.execute(delete(ENTRIES).where(ENTRIES.c.partition == partition, ENTRIES.c.key == key))
    row = {"partition": partition, "key": key, "value": json.dumps(value, ensure_ascii=False), "owner": owner}
    connection.execute(insert(ENTRIES).values(row | {"access_level": str(accessLevel), "stored_at": now_text()}))


def _shown_entry(row: RowMapping) -> dict[str, Any]:
    shown = {"key": row["key"], "value": json.loads(row["value"]), "owner": row["owner"]}
    return shown | {"accessLevel": row["access_level"]}


def _stored_task(view: dict[str, Any]) -> dict[str, Any]:
    row = {NAMES.get(name, name): view[name] for name in PLAIN}
    tokens = {"input_tokens": view["usage"]["inputTokens"], "output_tokens": view["usage"]["outputTokens"]}
    return row | tokens | {"result": json.dumps(view["result"], ensure_ascii=False)}


def _shown_task(row: RowMapping) -> dict[str, Any]:
    shown = {name: row[NAMES.get(name, name)] for name in PLAIN}
    shown["result"] = json.loads(row["result"]) if row["result"] is not None else None
    shown["usage"] = {"inputTokens": row["input_tokens"], "outputTokens": row["output_tokens"]}
    return shown
