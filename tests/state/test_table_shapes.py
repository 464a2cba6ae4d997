"""What a store says of its own tables is read as it stands there."""

import sqlite3

import pytest

from godwit.plan import GeneratedStates, Hint
from godwit.state import read_shapes, sketch
from godwit.verdict import HarnessError

SCHEMA = """
CREATE TABLE a_entries (id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL REFERENCES shops(id), cents NUMERIC(6, 2));
CREATE TABLE shops (id INTEGER PRIMARY KEY, name VARCHAR(8) NOT NULL UNIQUE, kind TEXT CHECK (kind IN ('it''s', 'big')),
  stars INTEGER CHECK (stars > 0), open BOOLEAN);
"""


@pytest.fixture
def url(tmp_path):
    """A store with two tables, of which the first by name refers to the second."""
    connection = sqlite3.connect(tmp_path / "shops.db")
    connection.executescript(SCHEMA)
    connection.close()
    return f"sqlite:///{tmp_path / 'shops.db'}"


def test_a_table_comes_after_those_that_it_refers_to(url):
    assert [table.name for table in read_shapes(url)] == ["shops", "a_entries"]


def test_types_lengths_and_choices_are_read(url):
    shops, entries = read_shapes(url)
    read = {it.name: (it.kind, it.nullable, it.length, it.choices) for it in shops.columns}
    assert read["name"] == ("text", False, 8, ())
    assert read["kind"] == ("text", True, None, ("it's", "big"))
    assert read["open"][0] == "boolean"
    assert entries.columns[2].places == (6, 2)


def test_a_check_that_is_no_list_of_values_is_left_to_the_store(url):
    assert read_shapes(url)[0].checks == ("stars > 0",)


def test_keys_and_references_are_read(url):
    shops, entries = read_shapes(url)
    assert shops.unique == (("id",), ("name",))
    assert [(key.columns, key.table, key.targets) for key in entries.references] == [(("shop_id",), "shops", ("id",))]


def test_a_hint_that_refers_to_no_column_is_told(url):
    wanted = GeneratedStates(hints={"shops.name": Hint(refers="shops.nmae")})
    with pytest.raises(HarnessError, match=r"no column shops\.nmae; did you mean 'shops\.name'"):
        sketch(read_shapes(url), wanted, {})
