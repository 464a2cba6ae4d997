"""Columns are merged, split, computed and given defaults; rows are split and gathered; nothing is left unmapped unnoticed."""

from typing import Any

import pytest

from godwit.checks import Unmapped, apply_mapping, compare_mapping, judge_mapped_columns
from godwit.plan import Column, Each, LeftBehind, Mapping, Split, TableRef
from godwit.verdict import Outcome, PlanError

LOOKUPS = {"towns": {"ulm": "Ulm"}}


def mapping(*columns: Column, **more: Any) -> Mapping:
    return Mapping(
        id="m",
        sentence="M.",
        source=TableRef(table="s", key=("id",)),
        target=TableRef(table="t", key=more.pop("key", ("id",))),
        columns=columns,
        **more,
    )


def cell(column: Column, row: dict[str, Any], **functions: Any) -> Any:
    return apply_mapping(mapping(column), LOOKUPS, [row], {f"rules:{name}": it for name, it in functions.items()})[0][
        "c"
    ]


@pytest.mark.parametrize(
    ("column", "row", "value"),
    [
        pytest.param(Column(to="c", merge=("a", "b")), {"a": "Ada", "b": "King"}, "Ada King", id="merged"),
        pytest.param(Column(to="c", merge=("a", "b"), joined_by="-"), {"a": None, "b": 3}, "3", id="merged-null"),
        pytest.param(Column(to="c", merge=("a", "b")), {"a": None, "b": None}, None, id="merged-nothing"),
        pytest.param(Column(to="c", column="a", split=Split(by=" ")), {"a": "Ada M. King"}, "Ada", id="first-part"),
        pytest.param(Column(to="c", column="a", split=Split(by=" ", part=2, at_most=2)), {"a": "Ada M. King"}, "M. King", id="rest"),
        pytest.param(Column(to="c", column="a", split=Split(by=" ", part=4)), {"a": "Ada"}, None, id="no-such-part"),
        pytest.param(Column(to="c", column="a", split=Split(pattern=r"(\d+)")), {"a": "no 17b"}, "17", id="pattern"),
        pytest.param(Column(to="c", column="a", split=Split(by=","), lookup="towns"), {"a": "ulm,x"}, "Ulm", id="split-lookup"),
        pytest.param(Column(to="c", column="a", default=0), {"a": None}, 0, id="default-of-null"),
        pytest.param(Column(to="c", column="a", default=0), {}, 0, id="default-of-absent"),
        pytest.param(Column(to="c", column="a", default=0), {"a": ""}, "", id="no-default-of-empty"),
        pytest.param(Column(to="c", sql="a * 2"), {"sql: a * 2": 8}, 8, id="sql"),
        pytest.param(Column(to="c", constant=None), {}, None, id="null"),
    ],
)  # fmt: skip
def test_a_cell_is_made_as_its_column_says(column: Column, row: dict[str, Any], value: Any) -> None:
    assert cell(column, row) == value


def test_a_python_function_gets_the_cell_the_merged_cells_or_the_row() -> None:
    row = {"a": 2, "b": 5}
    assert cell(Column(to="c", column="a", python="rules:f"), row, f=lambda a: a * 10) == 20
    assert cell(Column(to="c", merge=("a", "b"), python="rules:f"), row, f=lambda a, b: a + b) == 7
    assert cell(Column(to="c", python="rules:f"), row, f=sorted) == ["a", "b"]


def test_a_function_that_raises_gives_no_value_and_says_why() -> None:
    made = cell(Column(to="c", column="a", python="rules:f"), {"a": 0}, f=lambda a: 1 / a)
    assert made == Unmapped("rules:f raised ZeroDivisionError: division by zero")


def test_a_function_that_nobody_gave_is_refused() -> None:
    with pytest.raises(PlanError, match="no function 'rules:f'"):
        cell(Column(to="c", column="a", python="rules:f"), {"a": 0})


def test_a_source_column_that_is_not_there_is_no_value() -> None:
    assert cell(Column(to="c", merge=("a", "b")), {"a": 1}) == Unmapped("no source column b")


@pytest.mark.parametrize(
    ("each", "cells"),
    [
        pytest.param(Each(column="tags", position="n", first=1), '["x", "y"]', id="json"),
        pytest.param(Each(column="tags", by=",", position="n", first=1), "x, y", id="text"),
    ],
)
def test_one_row_becomes_a_row_for_each_item(each: Each, cells: str) -> None:
    split = mapping(
        Column(column="id"), Column(to="tag", column="tags"), Column(to="n", column="n"), kind="one-to-many", each=each
    )
    made = apply_mapping(split, {}, [{"id": 1, "tags": cells}, {"id": 2, "tags": None}])
    assert made == [{"id": 1, "tag": "x", "n": 1}, {"id": 1, "tag": "y", "n": 2}]


def test_columns_become_rows_and_null_makes_none() -> None:
    each = Each(columns=("home", "work"), item="phone", position="kind")
    split = mapping(Column(column="id"), Column(column="phone"), Column(column="kind"), kind="one-to-many", each=each)
    made = apply_mapping(split, {}, [{"id": 1, "home": "12", "work": None}, {"id": 2, "home": "3", "work": "4"}])
    assert [(row["id"], row["kind"], row["phone"]) for row in made] == [
        (1, "home", "12"),
        (2, "home", "3"),
        (2, "work", "4"),
    ]


def test_what_is_no_list_has_no_items_and_fails() -> None:
    split = mapping(Column(column="id"), Column(column="tags"), kind="one-to-many", each=Each(column="tags"))
    compared = compare_mapping(split, {}, [{"id": 1, "tags": "x"}], [{"id": 1, "tags": "x"}])
    assert [it.reason for it in compared.judgement.findings] == ["'x' is no JSON list"]


def test_items_are_gathered_once_each() -> None:
    gathered = mapping(
        Column(to="team", column="role"),
        Column(to="hears", column="other"),
        kind="many-to-one",
        key=("team",),
        each=Each(column="talks", item="other"),
        distinct=("hears",),
    )
    source = [{"id": 1, "role": "a", "talks": '["y", "x"]'}, {"id": 2, "role": "a", "talks": '["x"]'}]
    assert apply_mapping(gathered, {}, source) == [{"team": "a", "hears": ["x", "y"]}]


def test_a_mapping_without_a_key_is_a_multiset() -> None:
    bag = mapping(Column(to="v", column="v"), key=())
    source = [{"id": n, "v": n % 2} for n in range(4)]
    assert (
        compare_mapping(bag, {}, source, [{"v": 1}, {"v": 0}, {"v": 0}, {"v": 1}]).judgement.outcome is Outcome.PASSED
    )
    assert (
        compare_mapping(bag, {}, source, [{"v": 1}, {"v": 0}, {"v": 0}, {"v": 0}]).judgement.outcome is Outcome.FAILED
    )


def test_a_tolerance_and_a_collation_hold_for_their_column_only() -> None:
    loose = mapping(
        Column(column="id"), Column(column="v", tolerance=0.1), Column(column="w", collation=("ignore-case",))
    )
    source = [{"id": 1, "v": 1.0, "w": "A"}]
    assert compare_mapping(loose, {}, source, [{"id": 1, "v": 1.05, "w": "a"}]).judgement.outcome is Outcome.PASSED
    found = compare_mapping(loose, {}, source, [{"id": 1, "v": 1.2, "w": "b"}]).judgement.findings
    assert {it.where for it in found} == {"t.v", "t.w"}


def test_a_column_that_no_row_has_is_among_what_is_bad() -> None:
    """Stores that change are judged by the bad keys alone."""
    compared = compare_mapping(mapping(Column(column="id"), Column(column="w")), {}, [{"id": 1, "w": 2}], [{"id": 1}])
    assert compared.judgement.outcome is Outcome.FAILED
    assert [(it.what, it.key) for it in compared.bad] == [("column is missing", "t.w")]


NOT_MAPPED = "column is neither mapped nor dropped"
TABLES = {"s": ("id", "a", "b", "note"), "log": ("id", "text")}


@pytest.mark.parametrize(
    ("columns", "left", "found"),
    [
        pytest.param((Column(column="a"),), (), {NOT_MAPPED, "table is neither mapped nor left behind"}, id="nothing-said"),
        pytest.param(
            (Column(to="c", merge=("a", "b")), Column(column="note", dropped="nobody reads it")),
            (LeftBehind(table="log", reason="old"),),
            set(),
            id="all-said",
        ),
        pytest.param(
            (Column(to="c", sql="upper(a) || 'note' || b"),),
            (LeftBehind(table="log", reason="old"), LeftBehind(table="s", columns=("note",), reason="no use")),
            set(),
            id="computed",
        ),
        pytest.param(
            (Column(column="a"), Column(column="b"), Column(column="note")),
            (LeftBehind(table="log", reason="old"), LeftBehind(table="s", columns=("note",), reason="no use")),
            {"column is left behind and mapped"},
            id="both",
        ),
        pytest.param(
            (Column(column="a"), Column(column="b"), Column(column="note")),
            (LeftBehind(table="log", reason="old"), LeftBehind(table="audit", reason="gone")),
            {"what is left behind is not there"},
            id="stale",
        ),
    ],
)  # fmt: skip
def test_every_column_of_the_baseline_is_accounted_for(
    columns: tuple[Column, ...], left: tuple[LeftBehind, ...], found: set[str]
) -> None:
    judgement = judge_mapped_columns([mapping(*columns)], left, TABLES)
    assert {it.what for it in judgement.findings} == found


def test_no_tables_are_inconclusive() -> None:
    assert judge_mapped_columns([], (), {}).outcome is Outcome.INCONCLUSIVE
