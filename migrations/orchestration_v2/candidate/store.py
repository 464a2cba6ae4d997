"""Tables of the candidate's store; holds their shape and the version mark, nothing else."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

from plumbing.store import ID_TEXT, StoreError

STATE_VERSION = "2.0.0"

Row: TypeAlias = Mapping[str, Any] | sa.RowMapping

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", ID_TEXT, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

teams = sa.Table(
    "teams",
    metadata,
    sa.Column("team", ID_TEXT, primary_key=True),
    sa.Column("members", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
)

work_items = sa.Table(
    "work_items",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("team", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer),
    sa.Column("parent_id", sa.Text),
    sa.Column("critical", sa.Boolean),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("estimate", sa.BigInteger),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("notes", sa.Text),
    sa.Index("work_items_by_status", "kind", "status", "role"),
    sa.Index("work_items_by_id", "kind", "deleted", "id"),
)

work_steps = sa.Table(
    "work_steps",
    metadata,
    sa.Column("item_id", ID_TEXT, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("topic", ID_TEXT, primary_key=True),
    sa.Column("publisher_team", sa.Text, nullable=False),
    sa.Column("subscriber_teams", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
)

capacity = sa.Table(
    "capacity",
    metadata,
    sa.Column("team", ID_TEXT, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("sender_team", sa.Text, nullable=False),
    sa.Column("recipient_team", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("sent_at", ID_TEXT, nullable=False),
    sa.Index("messages_by_recipient", "recipient", "sent_at", "id"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("key", ID_TEXT, primary_key=True),
    sa.Column("item_id", sa.Text, nullable=False),
)

integrations = sa.Table(
    "integrations",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
)

event_log = sa.Table(
    "event_log",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("team", sa.Text),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)


def refuse_foreign(engine: sa.Engine) -> None:
    """Raises StoreError for a store of v1."""
    found = sa.inspect(engine)
    if found.has_table("tasks") and not found.has_table("meta"):
        raise StoreError("the store holds state of v1, which v2 cannot use; convert it into a store of its own first")


def create_tables(engine: sa.Engine) -> None:
    """Creates the tables that are missing and marks an unmarked store with the version; leaves every row as it is.

    StoreError for a store of v1.
    """
    refuse_foreign(engine)
    metadata.create_all(engine)
    with engine.begin() as connection:
        if connection.scalar(sa.select(meta.c.value).where(meta.c.key == "version")) is None:
            connection.execute(meta.insert().values(key="version", value=STATE_VERSION))
