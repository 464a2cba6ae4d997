"""Counts the statements that a PostgreSQL database was sent, by its own statistics; resets nothing, sends none of the stack's."""

from contextlib import closing

import sqlalchemy as sa

from godwit.state.stores import Store

_THERE = "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'"
_SENT = r"""
SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND toplevel
AND query !~* '^\s*(begin|start|commit|end|rollback|savepoint|release|set|show|reset|discard)\M'
AND query !~ '\m(pg_stat_statements|pg_extension|pg_type)\M'
AND query !~* '^\s*select\s+(pg_catalog\.)?(version|current_schema)\s*\(\s*\)\s*$'
"""
"""What brackets transactions and sets up connections is none, and neither is what is asked here."""


def statements_sent(url: str) -> int | None:
    """How many statements the database was sent since its statistics began; None where it does not count them.

    PostgreSQL counts with the extension pg_stat_statements; SQLite knows nothing beyond its own process. HarnessError where the
    extension is there and may not be read, or was not loaded at the server's start.
    """
    if sa.make_url(url).get_backend_name() != "postgresql":
        return None
    with closing(Store(url)) as store, store.reading() as connection:
        if not connection.exec_driver_sql(_THERE).scalar():
            return None
        return int(connection.exec_driver_sql(_SENT, execution_options={"no_parameters": True}).scalar_one())
