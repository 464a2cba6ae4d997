"""PostgreSQL says how many statements it was sent, where it counts them; what brackets transactions is none."""

import pytest
import sqlalchemy as sa

from godwit.state import statements_sent


@pytest.fixture
def counting(new_database):
    """A database that counts its statements."""
    url = new_database()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create extension pg_stat_statements")
    yield url, engine
    engine.dispose()


def test_each_statement_is_counted_once_and_nothing_else(counting):
    url, engine = counting
    before = statements_sent(url)
    for number in range(5):
        with engine.begin() as connection:
            connection.execute(sa.text("select :n"), {"n": number})
            connection.exec_driver_sql("create table if not exists notes (note text)")
    assert statements_sent(url) - before == 10
    assert statements_sent(url) - before == 10


def test_what_another_database_was_sent_is_not_counted(counting, new_database):
    url, _ = counting
    before = statements_sent(url)
    other = sa.create_engine(new_database())
    with other.begin() as connection:
        connection.exec_driver_sql("select 1")
    other.dispose()
    assert statements_sent(url) == before


def test_a_store_that_does_not_count_says_nothing(new_database, sqlite_url):
    assert statements_sent(new_database()) is None
    assert statements_sent(sqlite_url) is None
