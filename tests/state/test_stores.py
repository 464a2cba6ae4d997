"""Stores read and copied."""

from contextlib import closing

import pytest

from godwit.plan import TableRef
from godwit.state import Store, clone, read_definitions
from godwit.verdict import HarnessError


@pytest.fixture
def store(url):
    with closing(Store(url)) as opened:
        yield opened


def test_rows_come_by_primary_key_and_as_they_are_stored(store):
    rows = store.rows("tasks")
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert rows[2] == {"id": 3, "name": "Zoë", "amount": 2**60, "at": "2024-01-01T00:00:00+14:00", "note": None}


def test_rows_are_ordered_by_the_key_that_is_named_in_code_points(store):
    ref = TableRef(table="tasks", key=("name",))
    assert [row["name"] for row in store.rows(ref)] == ["Zoë", "ärger", "👩‍🚀"]


def test_nothing_sorts_before_everything(store):
    assert [row["id"] for row in store.rows(TableRef(table="tasks", key=("note", "id")))] == [3, 2, 1]


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        pytest.param({"note": ""}, [2], id="empty-text"),
        pytest.param({"note": None}, [3], id="null"),
        pytest.param({"amount": 2**60}, [3], id="large-number"),
        pytest.param({"note": "50% off; 'quoted'"}, [1], id="quotes"),
    ],
)
def test_a_part_of_a_table_is_chosen_by_equality(store, where, ids):
    assert [row["id"] for row in store.rows(TableRef(table="tasks", key=("id",), where=where))] == ids


def test_a_table_without_a_key_is_ordered_by_all_columns(store):
    assert store.rows("edges") == [{"a": "a", "b": "b"}, {"a": "b", "b": "a"}]


def test_a_snapshot_holds_all_tables_even_the_empty_one(store):
    assert {name: len(rows) for name, rows in store.snapshot().items()} == {"edges": 2, "silence": 0, "tasks": 3}


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        pytest.param("select count(*) from tasks", 3, id="count"),
        pytest.param("select id from tasks where note like '50%'", 1, id="percent-sign"),
        pytest.param("select id from silence", None, id="no-row"),
    ],
)
def test_a_query_gives_one_value(store, sql, value):
    assert store.scalar(sql) == value


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("select id from tasks", id="many-rows"),
        pytest.param("select id, name from tasks where id = 1", id="many-columns"),
        pytest.param("select nonsense", id="wrong"),
    ],
)
def test_a_query_that_gives_no_single_value_is_an_error(store, sql):
    with pytest.raises(HarnessError):
        store.scalar(sql)


def test_statements_are_carried_out_all_or_none(store):
    store.execute("delete from edges; update tasks set note = 'a;b' where id = 1;")
    assert store.rows("edges") == []
    assert store.rows("tasks")[0]["note"] == "a;b"
    with pytest.raises(HarnessError):
        store.execute("delete from tasks; delete from no_such_table")
    assert len(store.rows("tasks")) == 3


def test_an_unknown_table_is_named_with_those_there_are(store):
    with pytest.raises(HarnessError, match="no table task; there are edges, silence, tasks"):
        store.rows("task")


def test_an_unknown_key_is_named(store):
    with pytest.raises(HarnessError, match="no column ident"):
        store.rows(TableRef(table="tasks", key=("ident",)))


def test_a_file_that_is_not_there_is_an_error_and_is_not_made(tmp_path):
    with pytest.raises(HarnessError, match="no such file"):
        Store(f"sqlite:///{tmp_path / 'no.db'}").columns()
    assert not (tmp_path / "no.db").exists()


@pytest.mark.parametrize(
    "bad", [pytest.param("mysql://u:secret@h/db", id="another-database"), pytest.param("what", id="no-url")]
)
def test_a_url_of_another_kind_is_refused_without_its_password(bad):
    with pytest.raises(HarnessError) as caught:
        Store(bad)
    assert "secret" not in str(caught.value)


def test_what_is_written_meanwhile_is_not_read(url):
    with closing(Store(url)) as writer, closing(Store(url)) as reader, reader.reading() as connection:
        seen = [connection.exec_driver_sql("select count(*) from edges").scalar()]
        writer.execute("delete from edges")
        seen.append(connection.exec_driver_sql("select count(*) from edges").scalar())
    assert seen == [2, 2]


def test_a_clone_has_the_same_rows_and_is_independent(url, tmp_path):
    to = f"sqlite:///{tmp_path / 'deep' / 'copy.db'}"
    clone(url, to)
    with closing(Store(url)) as source, closing(Store(to)) as copy:
        assert copy.snapshot() == source.snapshot()
        copy.execute("delete from tasks")
        assert len(source.rows("tasks")) == 3


def test_a_clone_has_the_indices_of_whole_columns(url, tmp_path):
    to = f"sqlite:///{tmp_path / 'copy.db'}"
    with closing(Store(url)) as source:
        source.execute("create index by_edge on edges (b, a); create unique index by_name on tasks (name)")
    clone(url, to)
    with closing(Store(to)) as copy:
        found = read_definitions(copy)
    assert (found["edges"].indices, found["tasks"].indices) == ({"b, a"}, {"unique name"})


def test_a_clone_of_a_sqlite_store_takes_what_is_still_in_its_write_ahead_log(sqlite_url, tmp_path):
    import sqlite3

    open_end = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    open_end.execute("pragma journal_mode=wal")
    open_end.execute("insert into silence values (5)")
    open_end.commit()
    clone(sqlite_url, f"sqlite:///{tmp_path / 'copy.db'}")
    with closing(Store(f"sqlite:///{tmp_path / 'copy.db'}")) as copy:
        assert copy.rows("silence") == [{"id": 5}]
    open_end.close()


def test_a_clone_never_overwrites(sqlite_url, tmp_path):
    clone(sqlite_url, f"sqlite:///{tmp_path / 'copy.db'}")
    with pytest.raises(HarnessError, match="there already"):
        clone(sqlite_url, f"sqlite:///{tmp_path / 'copy.db'}")
