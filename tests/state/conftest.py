"""Stores for the tests of state: a SQLite file, and a PostgreSQL database."""

import pytest
import sqlalchemy as sa

ROWS = [
    {"id": 3, "name": "Zoë", "amount": 2**60, "at": "2024-01-01T00:00:00+14:00", "note": None},
    {"id": 1, "name": "ärger", "amount": -1, "at": "", "note": "50% off; 'quoted'"},
    {"id": 2, "name": "👩‍🚀", "amount": 0, "at": "Z", "note": ""},
]


def make(url):
    """A store with one table of awkward rows, one without a key, and one that is empty."""
    engine = sa.create_engine(url)
    if url.startswith("sqlite"):
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma journal_mode=wal")
    metadata = sa.MetaData()
    tasks = sa.Table(
        "tasks",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger),
        sa.Column("at", sa.Text),
        sa.Column("note", sa.Text),
    )
    edges = sa.Table("edges", metadata, sa.Column("a", sa.Text), sa.Column("b", sa.Text))
    sa.Table("silence", metadata, sa.Column("id", sa.Integer, primary_key=True))
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        connection.execute(tasks.insert(), ROWS)
        connection.execute(edges.insert(), [{"a": "b", "b": "a"}, {"a": "a", "b": "b"}])
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    make(url)
    return url


@pytest.fixture
def postgresql_url(new_database):
    url = new_database()
    make(url)
    return url


@pytest.fixture(params=[pytest.param("sqlite_url", id="sqlite"), pytest.param("postgresql_url", id="postgresql")])
def url(request):
    return request.getfixturevalue(request.param)
