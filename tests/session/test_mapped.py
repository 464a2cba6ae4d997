"""A pair of stores is held against a mapping with columns in SQL and Python; bad keys are listed; invariants are read."""

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from godwit.plan import Column, Each, Invariant, Mapping, SameOrder, TableRef, Tallies, Tally, Unique
from godwit.session.mapped import judge_mapped
from godwit.session.stated import judge_stated
from godwit.verdict import Outcome

SOURCE = """
create table people (id integer primary key, first text, last text, cents integer, tags text);
insert into people values (1, 'Ada', 'King', 150, '["a", "b"]'), (2, 'Bo', null, 99, '[]'), (3, 'Çelik', 'Ö', 0, '["a"]');
"""
TARGET = """
create table persons (nr integer primary key, name text, owes real, code text);
insert into persons values (1, 'Ada King', 1.5, '1-3'), (2, 'Bo', 0.99, '2-2'), (3, 'Çelik Ö', 0.0, '3-5');
create table tags (person integer, tag text);
insert into tags values (1, 'b'), (3, 'a'), (1, 'a');
"""
PEOPLE = Mapping(
    id="people",
    sentence="Everybody is there.",
    source=TableRef(table="people", key=("id",)),
    target=TableRef(table="persons", key=("nr",)),
    columns=(
        Column(to="nr", column="id"),
        Column(to="name", merge=("first", "last")),
        Column(to="owes", sql="cents / 100.0"),
        Column(to="code", merge=("id", "first"), python="rules:code"),
    ),
)
TAGS = Mapping(
    id="tags",
    sentence="Every tag is a row.",
    kind="one-to-many",
    source=TableRef(table="people", key=("id",)),
    target=TableRef(table="tags", key=()),
    each=Each(column="tags", item="tag"),
    columns=(Column(to="person", column="id"), Column(to="tag", column="tag")),
)


class Pair:
    """Two stores and the folder in which they lie, with the plan's rules beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "rules.py").write_text("def code(nr, name):\n    return f'{nr}-{len(name)}'\n", encoding="utf-8")
        for name, script in (("source", SOURCE), ("target", TARGET)):
            self.change(name, script)

    def change(self, name: str, script: str) -> None:
        with closing(sqlite3.connect(self.folder / f"{name}.db")) as store:
            store.executescript(script)

    def urls(self) -> tuple[str, str]:
        return f"sqlite:///{self.folder / 'source.db'}", f"sqlite:///{self.folder / 'target.db'}"

    def mapped(self, mapping: Mapping):  # type: ignore[no-untyped-def]
        return judge_mapped(mapping, {}, *self.urls(), self.folder, self.folder / "state")


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


@pytest.mark.parametrize("mapping", [pytest.param(PEOPLE, id="computed"), pytest.param(TAGS, id="split")])
def test_what_is_made_as_stated_passes_and_leaves_no_list(pair: Pair, mapping: Mapping) -> None:
    judgement = pair.mapped(mapping)
    assert judgement.outcome is Outcome.PASSED, judgement
    assert not (pair.folder / "state").exists()


def test_every_bad_key_is_in_the_list_that_the_judgement_names(pair: Pair) -> None:
    pair.change("target", "update persons set owes = owes * 100, name = lower(name) where nr < 3")
    judgement = pair.mapped(PEOPLE)
    assert "every bad key is in state/people.csv" in judgement.reason
    with (pair.folder / "state" / "people.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {(line["key"], line["column"], line["cause"]) for line in lines} == {
        ("1", "name", "case folded: all small letters"),
        ("2", "name", "case folded: all small letters"),
        ("1", "owes", "multiplied by 100"),
        ("2", "owes", "multiplied by 100"),
    }


def test_a_tag_that_is_there_twice_fails_without_any_key(pair: Pair) -> None:
    pair.change("target", "insert into tags values (3, 'a')")
    assert [(it.what, it.count) for it in pair.mapped(TAGS).findings] == [("rows are extra", 1)]


@pytest.mark.parametrize(
    ("stated", "spoil"),
    [
        pytest.param(
            {"rows_per": Tallies(baseline=Tally(table="people"), candidate=Tally(table="persons"))},
            "delete from persons where nr = 1",
            id="rows-per",
        ),
        pytest.param(
            {"unique": Unique(table="persons", columns=("name",))}, "update persons set name = 'Bo'", id="unique"
        ),
        pytest.param(
            {
                "same_order": SameOrder(
                    baseline="select id from people order by first", candidate="select nr from persons order by name"
                )
            },
            "update persons set name = 'z' || name where nr = 1",
            id="order",
        ),
        pytest.param(
            {"baseline": "select count(*) from people", "candidate": "select count(*) from persons"},
            "delete from persons where nr = 1",
            id="sql",
        ),
    ],
)
def test_an_invariant_of_each_kind_is_read_from_the_stores(pair: Pair, stated: dict[str, object], spoil: str) -> None:
    invariant = Invariant.model_validate({"id": "i", "sentence": "I.", **stated})
    assert judge_stated(invariant, *pair.urls()).outcome is Outcome.PASSED
    pair.change("target", spoil)
    assert judge_stated(invariant, *pair.urls()).outcome is Outcome.FAILED
