"""Both databases say of a query whether an index finds its rows, without carrying it out, however few rows there are."""

from contextlib import closing

import pytest

from godwit.state import Store, explain
from godwit.verdict import HarnessError

MAKE = "create table work (id integer primary key, team text, at integer, note text); create index by_team on work (team, at)"


@pytest.fixture
def work(url):
    with closing(Store(url)) as store:
        store.execute("drop table if exists work;" + MAKE)
    return url


def ways(url: str, sql: str) -> list[tuple[str, str]]:
    return [(it.table, it.how) for it in explain(url, sql)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("select note from work where team = 'a'", [("work", "search")], id="through-an-index"),
        pytest.param("select note from work where id = 1", [("work", "search")], id="by-the-key"),
        pytest.param("select note from work where note like '%x'", [("work", "scan")], id="whole"),
        pytest.param("select note from work where team = 'a' order by at", [("work", "search")], id="in-order"),
        pytest.param("select note from work order by team, at", [("work", "walk")], id="whole-in-order"),
    ],
)
def test_the_way_to_the_rows_is_read(work, sql, expected):
    assert ways(work, sql) == expected


def test_a_sort_is_read(work):
    assert ("", "sort") in ways(work, "select note from work where team = 'a' order by note")


def test_a_lost_index_shows(work):
    with closing(Store(work)) as store:
        store.execute("drop index by_team")
    assert ways(work, "select note from work where team = 'a'") == [("work", "scan")]


def test_a_query_that_writes_is_not_carried_out(work):
    with closing(Store(work)) as store:
        store.execute("insert into work (id, team) values (1, 'a')")
        explain(work, "delete from work where id = 1")
        assert len(store.rows("work")) == 1


def test_an_index_that_is_made_for_one_query_is_a_whole_read(tmp_path, sqlite_url):
    with closing(Store(sqlite_url)) as store:
        store.execute("create table one (a); create table two (b)")
    assert [how for _, how in ways(sqlite_url, "select * from one join two on a = b")] == ["scan", "scan"]


def test_a_query_that_the_store_does_not_know_is_an_error(work):
    with pytest.raises(HarnessError, match="nothing"):
        explain(work, "select * from nothing")
