"""The tables of V2: each application has a set of its own in one database, and reads those of the others."""

from collections.abc import Callable
from typing import Any, TypeAlias

import sqlalchemy as sa

from plumbing.store import ID_TEXT, writing

Values: TypeAlias = dict[str, Any]
Command: TypeAlias = Callable[[sa.Connection, Values], Values]

metadata = sa.MetaData()

registry_agents = sa.Table(
    "registry_agents",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("specialization", sa.Text),
    sa.Column("seen_at", sa.Text, nullable=False),
)

coordination_agents = sa.Table(
    "coordination_agents",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("claims", sa.Integer, nullable=False),
)

coordination_work = sa.Table(
    "coordination_work",
    metadata,
    sa.Column("id", ID_TEXT, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("prio", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("claimed_by", sa.Text),
    sa.Column("pct", sa.Integer, nullable=False),
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("updated", sa.Text, nullable=False),
)

xavos_log = sa.Table(
    "xavos_log",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("who", sa.Text),
)


def create_tables(engine: sa.Engine) -> None:
    """Makes the tables that are not there yet."""
    with writing(engine) as connection:
        metadata.create_all(connection)
