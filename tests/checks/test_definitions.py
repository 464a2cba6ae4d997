"""A store's tables are held against what they must be, its next numbers against those in use; no table proves nothing."""

from typing import Any

import pytest

from godwit.checks import declared_definitions, judge_definitions, judge_numbering
from godwit.plan import Column, DeclaredTable, Mapping, SchemaAllowance, TableRef
from godwit.verdict import ColumnDefinition, Numbering, Outcome, PlanError, TableDefinition

WHOLE: dict[str, Any] = {
    "columns": {"id": ColumnDefinition("INTEGER", nullable=False), "name": ColumnDefinition("TEXT", default="'x'")},
    "key": ("id",),
    "unique": frozenset({"name"}),
    "indices": frozenset({"name, id"}),
    "foreign": frozenset({"id -> items.id"}),
    "checks": frozenset({"id > 0"}),
}


def shape(**changes: Any) -> TableDefinition:
    return TableDefinition(**{**WHOLE, **changes})


@pytest.mark.parametrize(
    ("changes", "what", "where"),
    [
        pytest.param({"columns": {"id": WHOLE["columns"]["id"]}}, "column is missing", "t.name", id="column"),
        pytest.param({"columns": {**WHOLE["columns"], "more": ColumnDefinition("TEXT")}}, "column is extra", "t.more", id="more"),
        pytest.param({"columns": {**WHOLE["columns"], "id": ColumnDefinition("REAL", False)}}, "type changed", "t.id", id="type"),
        pytest.param({"columns": {**WHOLE["columns"], "id": ColumnDefinition("INTEGER")}}, "NULLability changed", "t.id", id="null"),
        pytest.param({"columns": {**WHOLE["columns"], "name": ColumnDefinition("TEXT")}}, "default changed", "t.name", id="default"),
        pytest.param({"key": ("name",)}, "primary key changed", "t", id="key"),
        pytest.param({"unique": frozenset()}, "unique constraint is missing", "t(name)", id="unique"),
        pytest.param({"indices": frozenset({"name, id", "id"})}, "index is extra", "t(id)", id="index"),
        pytest.param({"foreign": frozenset()}, "foreign key is missing", "t(id -> items.id)", id="foreign"),
        pytest.param({"checks": frozenset()}, "check constraint is missing", "t(id > 0)", id="check"),
    ],
)  # fmt: skip
def test_each_difference_of_a_table_is_found(changes: dict[str, Any], what: str, where: str) -> None:
    (finding,) = judge_definitions({"t": shape()}, {"t": shape(**changes)}).findings
    assert (finding.what, finding.where) == (what, where)


def test_equal_tables_pass_and_other_tables_do_not_count() -> None:
    assert judge_definitions({"t": shape()}, {"t": shape(), "u": shape()}).outcome is Outcome.PASSED


def test_a_table_that_is_not_there_is_found_and_no_table_is_inconclusive() -> None:
    assert [it.what for it in judge_definitions({"t": shape()}, {}).findings] == ["table is missing"]
    assert judge_definitions({}, {"t": shape()}).outcome is Outcome.INCONCLUSIVE


def test_a_difference_that_is_meant_is_allowed_until_it_is_gone() -> None:
    allow = [SchemaAllowance(what="t.id type changed from INTEGER to BIG*", reason="Ids grow")]
    wide = shape(columns={**WHOLE["columns"], "id": ColumnDefinition("BIGINT", nullable=False)})
    assert judge_definitions({"t": shape()}, {"t": wide}, allow).outcome is Outcome.PASSED
    stale = judge_definitions({"t": shape()}, {"t": shape()}, allow)
    assert [it.what for it in stale.findings] == ["allowance meets no difference"]


def test_a_declared_table_is_read_from_its_texts() -> None:
    declared = DeclaredTable(columns={"id": "integer not null", "name": "VARCHAR(20) default 'not null'"}, key=("id",))
    found = declared_definitions({"t": declared})["t"]
    assert found.columns == {
        "id": ColumnDefinition("integer", nullable=False),
        "name": ColumnDefinition("VARCHAR(20)", True, "'not null'"),
    }
    assert (found.key, found.unique) == (("id",), None)


def test_what_a_declaration_leaves_out_may_be_anything() -> None:
    declared = declared_definitions(
        {"t": DeclaredTable(columns={"id": "INTEGER not null", "name": "TEXT default 'x'"})}
    )
    assert judge_definitions(declared, {"t": shape()}).outcome is Outcome.PASSED


def test_a_declared_column_without_a_type_is_refused() -> None:
    with pytest.raises(PlanError, match="names no type"):
        declared_definitions({"t": DeclaredTable(columns={"id": "not null"})})


MOVED = Mapping(
    id="m",
    sentence="M.",
    source=TableRef(table="old", key=("id",)),
    target=TableRef(table="new", key=("nr",)),
    columns=(Column(to="nr", column="id"),),
)


@pytest.mark.parametrize(
    ("numbering", "what"),
    [
        pytest.param(Numbering("new", "nr", 11, 10), None, id="past-the-highest"),
        pytest.param(Numbering("new", "nr", 1, None), "numbers are given out again", id="started-anew"),
        pytest.param(Numbering("new", "nr", 10, 10), "next number is in use", id="behind"),
        pytest.param(Numbering("new", "nr", None, 10), "no sequence numbers new rows", id="none"),
        pytest.param(Numbering("other", "id", 1, None), None, id="another-table"),
    ],
)
def test_the_next_number_is_past_all_that_were_given_out(numbering: Numbering, what: str | None) -> None:
    judgement = judge_numbering([numbering], [Numbering("old", "id", 11, 7)], [MOVED])
    assert [it.what for it in judgement.findings] == ([what] if what else [])


def test_no_numbered_column_is_inconclusive() -> None:
    assert judge_numbering([], [], []).outcome is Outcome.INCONCLUSIVE
