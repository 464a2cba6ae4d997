"""Tables of the baseline's store; holds their shape and nothing else."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

from plumbing.store import ID_TEXT, StoreError

Row: TypeAlias = Mapping[str, Any] | sa.RowMapping

metadata = sa.MetaData()

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("talks_to", sa.Text, nullable=False),
)

workflows = sa.Table(
    "workflows",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("critical", sa.Boolean, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
)

workflow_steps = sa.Table(
    "workflow_steps",
    metadata,
    sa.Column("workflow_id", ID_TEXT, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("agent", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("workflow_id", sa.Text),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("estimate", sa.BigInteger),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("notes", sa.Text),
    sa.Index("tasks_by_status", "status", "agent"),
    sa.Index("tasks_by_id", "deleted", "id"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("sent_at", ID_TEXT, nullable=False),
    sa.Index("messages_by_recipient", "recipient", "sent_at", "id"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("key", ID_TEXT, primary_key=True),
    sa.Column("task_id", sa.Text, nullable=False),
)

integrations = sa.Table(
    "integrations",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
)


def create_tables(engine: sa.Engine) -> None:
    """Creates the tables that are missing; leaves the others and every row as they are. StoreError for a store of v2."""
    if sa.inspect(engine).has_table("meta"):
        raise StoreError(
            "the store holds state of v2, which v1 cannot use; restore a backup of v1 into a store of its own"
        )
    metadata.create_all(engine)
