"""Tables compared in every store that can hold them: each difference is found, and nothing else."""

import csv
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pyarrow
import pytest

from godwit.plan import ComparedColumn, Comparison, RowSource, Settling
from godwit.state.rows import compare_tables
from godwit.verdict import HarnessError

COLUMNS = {"id": "bigint", "team": "int", "name": "varchar", "amount": "double"}
ROWS = [(number, number % 7, f"näme {number}", number / 4) for number in range(3000)]
STORES = ("duckdb", "sqlite", "parquet", "csv", "jsonl", "arrow", "postgresql")


@dataclass
class Tables:
    """Makes tables in stores of a kind, and compares them."""

    folder: Path
    database: Callable[[], str]

    def make(self, kind, side, rows, columns=COLUMNS):
        if kind == "postgresql":
            return self._postgresql(side, rows, columns)
        path = self.folder / f"{side}.{kind}"
        if kind == "sqlite":
            return self._sqlite(path, rows, columns)
        with duckdb.connect(str(path) if kind == "duckdb" else ":memory:") as store:
            store.execute(f"create table t ({_declared(columns)})")
            marks = ", ".join("?" * len(columns))
            for start in range(0, len(rows), 500):
                chunk = rows[start : start + 500]
                said = ", ".join([f"({marks})"] * len(chunk))
                store.execute(f"insert into t values {said}", [cell for row in chunk for cell in row])
            if kind in ("parquet", "csv"):
                store.execute(f"copy t to '{path}' (format {kind})")
            if kind == "jsonl":
                store.execute(f"copy t to '{path}' (format json)")
            if kind == "arrow":
                table = store.execute("from t").to_arrow_table()
                with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_file(file, table.schema) as written:
                    written.write_table(table)
        return RowSource(store=f"duckdb:///{path}", table="t") if kind == "duckdb" else RowSource(store=str(path))

    def compare(self, one, other, key=("id",), tell=lambda _: None, sleep=lambda _: None, **words):
        asked = Comparison(id="t", sentence="t", baseline=one, candidate=other, key=key, **words)
        return compare_tables(asked, (one, other), self.folder / "work", self.folder / "t.csv", tell, sleep)

    def write(self, source, sql):
        """Carry out a statement on the store of a source, as somebody else."""
        sql = sql.replace("{table}", source.table)
        if source.store.startswith("postgresql"):
            with psycopg.connect(source.store.replace("+psycopg", "")) as store:
                store.execute(sql)
            return
        with sqlite3.connect(source.store.removeprefix("sqlite:///")) as store:
            store.execute(sql)
        store.close()

    def _sqlite(self, path, rows, columns):
        with sqlite3.connect(path) as store:
            store.execute(f"create table t ({_declared(columns)})")
            store.executemany(f"insert into t values ({', '.join('?' * len(columns))})", rows)
        store.close()
        return RowSource(store=f"sqlite:///{path}", table="t")

    def _postgresql(self, side, rows, columns):
        url = self.database()
        with psycopg.connect(url.replace("+psycopg", "")) as store:
            declared = _declared(columns).replace("double", "double precision")
            store.execute(f"create table {side} ({declared})")
            store.cursor().executemany(f"insert into {side} values ({', '.join(['%s'] * len(columns))})", rows)
        return RowSource(store=url, table=side)


@pytest.fixture
def tables(tmp_path, new_database):
    return Tables(tmp_path, new_database)


def _declared(columns):
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def _changed(rows):
    """Rows with two missing, one extra and three changed; two of these swap a value, so that no plain sum tells."""
    found = {row[0]: list(row) for row in rows}
    del found[5], found[2900]
    found[9999] = [9999, 1, "new", 0.5]
    found[100][2], found[101][2] = found[101][2], found[100][2]
    found[1500][3] = None
    return [tuple(row) for row in found.values()]


def _seen(found):
    cells = {column.column: sorted(int(cell.place[0]) for cell in column.cells) for column in found.changed}
    return found.missing.count, found.extra.count, cells


@pytest.mark.parametrize("kind", STORES)
def test_every_difference_is_found_in_each_kind_of_store(tables, kind):
    one, other = tables.make(kind, "one", ROWS), tables.make(kind, "other", _changed(ROWS))
    found = tables.compare(one, other)
    assert _seen(found) == (2, 1, {"name": [100, 101], "amount": [1500]})
    assert (found.baseline_rows, found.candidate_rows, found.changed_rows) == (3000, 2999, 3)


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("key", [("id",), (), ("team", "name")], ids=["number", "none", "composite"])
def test_the_same_rows_in_another_order_are_the_same(tables, kind, key):
    rows = [*ROWS, *ROWS[:10], (None, None, None, None), (None, None, None, None)]
    shuffled = random.Random(4).sample(rows, len(rows))
    found = tables.compare(tables.make(kind, "one", rows), tables.make(kind, "other", shuffled), key)
    assert _seen(found) == (0, 0, {})
    assert found.baseline_rows == len(rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [("sqlite", "duckdb"), ("csv", "parquet"), ("jsonl", "arrow"), ("sqlite", "csv"), ("duckdb", "jsonl")],
    ids=lambda value: value,
)
def test_every_difference_is_found_between_two_kinds_of_store(tables, one, other):
    sides = tables.make(one, "one", ROWS), tables.make(other, "other", _changed(ROWS))
    assert _seen(tables.compare(*sides)) == (2, 1, {"name": [100, 101], "amount": [1500]})


@pytest.mark.parametrize("kind", ["duckdb", "postgresql"])
@pytest.mark.parametrize("key", [("id",), ()], ids=["key", "no-key"])
def test_a_row_that_comes_again_is_told_from_a_new_one(tables, kind, key):
    one, other = tables.make(kind, "one", ROWS), tables.make(kind, "other", [*ROWS, ROWS[7], ROWS[7], (-1, 0, "", 0)])
    found = tables.compare(one, other, key)
    assert (found.extra.count, found.extra.again, found.missing.count) == (3, 2, 0)


@pytest.mark.parametrize("kind", ["duckdb", "postgresql"])
def test_rows_with_null_as_key_are_compared(tables, kind):
    one = tables.make(kind, "one", [*ROWS, (None, 1, "a", 1.0), (None, 2, "b", 2.0)])
    other = tables.make(kind, "other", [*ROWS, (None, 1, "a", 1.0), (None, 2, "c", 2.0)])
    found = tables.compare(one, other)
    assert [(column.column, column.cells[0].place) for column in found.changed] == [("name", (None,))]


def test_numbers_may_differ_by_a_tolerance(tables):
    moved = [(number, team, name, amount + (0.5 if number == 9 else 1e-9)) for number, team, name, amount in ROWS]
    sides = tables.make("parquet", "one", ROWS), tables.make("parquet", "other", moved)
    found = tables.compare(*sides, columns={"amount": ComparedColumn(tolerance=1e-6)})
    assert _seen(found) == (0, 0, {"amount": [9]})


def test_a_tolerance_holds_between_numbers_of_two_types(tables):
    exact, rough = {"id": "int", "n": "decimal(12, 4)"}, {"id": "int", "n": "double"}
    one = tables.make("parquet", "one", [(1, 1.5), (2, 7)], exact)
    other = tables.make("parquet", "other", [(1, 1.5004), (2, 7.1)], rough)
    assert _seen(tables.compare(one, other, columns={"n": ComparedColumn(tolerance=0.001)})) == (0, 0, {"n": [2]})


def test_a_tolerance_of_texts_is_one_clear_error(tables):
    one = tables.make("csv", "one", ROWS[:3])
    with pytest.raises(HarnessError, match="a tolerance needs numbers on both sides"):
        tables.compare(one, one, columns={"amount": ComparedColumn(tolerance=0.1)})


def test_a_tolerance_holds_between_numbers_of_any_precision(tables):
    columns = {"id": "int", "n": "numeric"}
    one = tables.make("postgresql", "one", [(1, 1.5), (2, 7)], columns)
    other = tables.make("postgresql", "other", [(1, 1.5004), (2, 7.1)], columns)
    found = tables.compare(one, other, columns={"n": ComparedColumn(tolerance=0.001)})
    assert _seen(found) == (0, 0, {"n": [2]})
    assert "n: numbers of any precision compared as doubles: not told apart past 15 digits" in found.notes


@pytest.mark.parametrize("kind", ["duckdb", "postgresql", "sqlite"])
def test_renamed_computed_and_ignored_columns_are_compared_as_the_plan_says(tables, kind):
    columns = {"id": "bigint", "label": "varchar", "cents": "bigint", "seen": "int"}
    made = [(number, name, int(amount * 100), 0) for number, _, name, amount in ROWS]
    made[11] = (11, "näme 11", 1, 0)
    words = {
        "label": ComparedColumn(column="name"),
        "cents": ComparedColumn(column="amount", sql="cast(amount * 100 as bigint)"),
        "team": ComparedColumn(ignored="teams are gone"),
    }
    found = tables.compare(tables.make(kind, "one", ROWS), tables.make(kind, "other", made, columns), columns=words)
    assert _seen(found) == (0, 0, {"cents": [11]})
    assert {"team ignored: teams are gone", "not in the baseline: seen"} <= set(found.notes)


def test_a_column_that_the_candidate_lacks_is_told(tables):
    less = {name: kind for name, kind in COLUMNS.items() if name != "team"}
    rows = [(number, name, amount) for number, _, name, amount in ROWS]
    found = tables.compare(tables.make("duckdb", "one", ROWS), tables.make("duckdb", "other", rows, less))
    assert found.absent == ("team",)


def test_a_column_whose_name_another_one_took_is_told(tables):
    one = tables.make("duckdb", "one", [(1, 5, 6), (2, 7, 8)], {"id": "int", "old": "int", "new": "int"})
    other = tables.make("duckdb", "other", [(1, 6), (2, 8)], {"id": "int", "old": "int"})
    taken = ComparedColumn(column="new")
    assert tables.compare(one, other, columns={"old": taken}).absent == ("old",)
    meant = {"old": taken, "older": ComparedColumn(column="old", ignored="nobody reads it")}
    assert tables.compare(one, other, columns=meant).absent == ()


def test_what_all_missing_rows_share_is_told(tables):
    kept = [row for row in ROWS if row[1] != 3]
    found = tables.compare(tables.make("parquet", "one", ROWS), tables.make("parquet", "other", kept))
    assert (found.missing.count, dict(found.missing.shared)) == (len(ROWS) - len(kept), {"team": 3})


def test_a_large_whole_number_that_went_through_a_double_is_found(tables):
    exact, rough = {"id": "int", "n": "bigint"}, {"id": "int", "n": "double"}
    one = tables.make("parquet", "one", [(1, 2**53 + 1), (2, 7)], exact)
    found = tables.compare(one, tables.make("parquet", "other", [(1, float(2**53)), (2, 7.0)], rough))
    assert _seen(found) == (0, 0, {"n": [1]})


@pytest.mark.parametrize(
    ("kind", "value", "text", "same"),
    [
        ("decimal(12, 2)", "1.50", "1.5", True),
        ("decimal(12, 2)", "1.24", "1.239", False),
        ("bigint", 8, "7.6", False),
        ("bigint", 7, "007", False),
        ("timestamp", "2026-01-02 03:04:05", "2026-01-02T03:04:05", True),
        ("timestamp", "2026-01-02 03:04:05", "yesterday", False),
        ("boolean", True, "true", True),
        ("date", "2026-01-02", "2026-01-03", False),
    ],
    ids=["zeros", "rounded", "cut", "leading-zeros", "time", "no-time", "truth", "date"],
)
def test_a_text_equals_what_it_says_and_nothing_that_it_would_be_rounded_to(tables, kind, value, text, same):
    one = tables.make("parquet", "one", [(1, value)], {"id": "int", "v": kind})
    found = tables.compare(one, tables.make("parquet", "other", [(1, text)], {"id": "int", "v": "varchar"}))
    assert found.changed_rows == (0 if same else 1)


def test_every_difference_is_listed_and_no_more_than_asked_for(tables):
    one, other = tables.make("parquet", "one", ROWS), tables.make("parquet", "other", _changed(ROWS))
    found = tables.compare(one, other)
    with (tables.folder / "t.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["difference", "key: id", "occurrence", "column", "baseline", "candidate"]
    assert ["changed", "1500", "1", "amount", "375.0", ""] in lines
    assert [int(line[1]) for line in lines[1:]] == [5, 100, 101, 1500, 2900, 9999]
    assert (found.listed, len(lines) - 1, found.evidence) == (6, 6, "t.csv")
    assert tables.compare(one, other, at_most=2).listed == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_arrives_a_little_later_is_no_difference_where_it_may_settle(tables, kind):
    one, other = tables.make(kind, "one", ROWS), tables.make(kind, "other", ROWS[:-2])

    def arrives(_):
        tables.write(other, f"insert into {{table}} values {ROWS[-1]}")

    found = tables.compare(one, other, sleep=arrives, settle=Settling(times=2, pause_s=1.0))
    assert (found.missing.count, found.missing.places) == (1, ((2998,),))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("engine", ["auto", "duckdb"])
def test_one_reading_sees_one_moment_of_a_database(tables, kind, engine):
    one, other = tables.make(kind, "one", ROWS), tables.make(kind, "other", ROWS[:-1])
    tables.write(other, "pragma journal_mode=wal" if kind == "sqlite" else "select 1")
    said = []

    def meanwhile(text):
        said.append(text)
        if "buckets differ" in text:
            tables.write(other, "delete from {table} where id > 2950")

    found = tables.compare(one, other, tell=meanwhile, engine=engine)
    assert (found.missing.count, len(said) > 2) == (1, True)


def test_a_file_that_is_written_to_meanwhile_is_no_evidence(tables):
    one, other = tables.make("csv", "one", ROWS), tables.make("csv", "other", ROWS)

    def written(_):
        with (tables.folder / "other.csv").open("a", encoding="utf-8") as file:
            file.write("4000,1,x,1\n")

    with pytest.raises(HarnessError, match="written to while it was read"):
        tables.compare(one, other, tell=written)


@pytest.mark.parametrize(
    ("store", "table", "said"),
    [
        ("mysql://u:secret@h/d", "t", "rows are read from sqlite:///FILE"),
        ("{}/nothing.parquet", None, "there is no such file"),
        ("sqlite:///{}/nothing.db", "t", "there is no such file"),
        ("duckdb:///{}/one.duckdb", "u", "no table u; there are t"),
        ("duckdb:///{}/one.duckdb", None, "say which table of it"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/d", "t", "127.0.0.1"),
    ],
    ids=["scheme", "file", "database", "table", "no-table", "server"],
)
@pytest.mark.parametrize("engine", ["auto", "duckdb"])
def test_what_cannot_be_read_is_one_clear_error(tables, store, table, said, engine):
    tables.make("duckdb", "one", ROWS[:3])
    source = RowSource(store=store.format(tables.folder), table=table)
    with pytest.raises(HarnessError, match=said) as raised:
        tables.compare(source, source, engine=engine)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("engine", ["auto", "duckdb"])
def test_a_database_without_a_table_is_one_clear_error(tables, engine):
    source = RowSource(store=tables.database())
    with pytest.raises(HarnessError, match="say which table of it, or write a query"):
        tables.compare(source, source, engine=engine)


def test_a_key_that_is_no_column_is_one_clear_error(tables):
    one = tables.make("duckdb", "one", ROWS[:3])
    with pytest.raises(HarnessError, match=r"no column ident to compare .*there are id, team, name, amount"):
        tables.compare(one, one, ("ident",))


def test_it_tells_how_far_it_is(tables):
    said = []
    tables.compare(tables.make("csv", "one", ROWS), tables.make("csv", "other", _changed(ROWS)), tell=said.append)
    assert [text for text in said if "3000 and 2999 rows" in text]
    assert said[-1] == "6 rows differ"


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("citext", "'Ann'", "'ANN'"),
        ("text collate either", "'Ann'", "'ANN'"),
        ("varchar(9) collate either", "'Ann'", "'ANN'"),
        ("char(6)", "'a'", "'b'"),
        ("name", "'a'", "'A'"),
        ("numeric(8, 2)", "1.10", "1.20"),
        ("interval", "'1 month'", "'30 days'"),
        ("jsonb", """'{"a": 1}'""", """'{"a": 2}'"""),
        ("citext[]", "'{Ann}'", "'{ANN}'"),
        ("mood", "'low'", "'high'"),
    ],
)
def test_values_that_a_type_of_postgresql_takes_for_alike_are_told_apart(tables, kind, one, other):
    sides = [
        tables.make("postgresql", side, [(1, "x", None)], {"id": "int", "s": "text", "e": "text"}) for side in "ab"
    ]
    for side, value in zip(sides, (one, other), strict=True):
        with psycopg.connect(side.store.replace("+psycopg", "")) as store:
            store.execute("create extension if not exists citext")
            store.execute("create type mood as enum ('low', 'high')")
            store.execute("create collation either (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
            store.execute(f"alter table {side.table} add column v {kind}")
            store.execute(f"update {side.table} set v = {value}")
    assert _seen(tables.compare(*sides)) == (0, 0, {"v": [1]})
