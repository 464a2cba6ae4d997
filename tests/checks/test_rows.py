"""Rows are mapped as the plan says and compared by key, typed; one cause is one finding."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import (
    Unmapped,
    apply_mapping,
    compare_rows,
    judge_floor,
    judge_mapped_columns,
    judge_mapping,
    judge_same,
)
from godwit.plan import Column, Mapping, TableRef
from godwit.verdict import Judgement, Outcome, PlanError

LOOKUPS = {"teams": {"sre": "devops", "qa": "quality", "tester": "quality"}}
TASKS = Mapping(
    id="tasks",
    sentence="Every task becomes a work item.",
    source=TableRef(table="tasks", key=("id",)),
    target=TableRef(table="items", key=("id",), where={"kind": "task"}),
    columns=(
        Column(to="id", column="id"),
        Column(to="team", column="agent", lookup="teams"),
        Column(to="status", column="status", values={"queued": "open"}),
        Column(to="version", constant=2),
        Column(column="notes", dropped="nobody reads them"),
    ),
)
TEAMS = Mapping(
    id="teams",
    sentence="Agents merge into teams.",
    kind="many-to-one",
    source=TableRef(table="agents", key=("id",)),
    target=TableRef(table="teams", key=("team",)),
    columns=(
        Column(to="team", column="role", lookup="teams"),
        Column(to="members", column="id"),
        Column(to="capacity", column="capacity"),
    ),
    sum=("capacity",),
    collect=("members",),
)


def rows(judgement: Judgement) -> list[tuple[str, str, int]]:
    return [(finding.what, finding.where, finding.count) for finding in judgement.findings]


def compare(one: list[Any], other: list[Any]) -> Judgement:
    """Compare one column `v` of rows numbered from 0."""
    sides = [[{"id": n, "v": value} for n, value in enumerate(values)] for values in (one, other)]
    return compare_rows(sides[0], sides[1], ("id",), "t", ("id", "v"))


def test_columns_are_renamed_translated_looked_up_and_set() -> None:
    source = [{"id": "1", "agent": "sre", "status": "queued", "notes": "x"}]
    assert apply_mapping(TASKS, LOOKUPS, source) == [
        {"kind": "task", "id": "1", "team": "devops", "status": "open", "version": 2}
    ]


def test_null_stays_null_and_other_values_stay() -> None:
    source = [{"id": "1", "agent": None, "status": "failed", "notes": None}]
    (row,) = apply_mapping(TASKS, LOOKUPS, source)
    assert (row["team"], row["status"]) == (None, "failed")


def test_many_rows_merge_with_sums_and_collections() -> None:
    source = [
        {"id": "b", "role": "tester", "capacity": 3},
        {"id": "a", "role": "qa", "capacity": 4},
        {"id": "c", "role": "sre", "capacity": 5},
    ]
    assert apply_mapping(TEAMS, LOOKUPS, source) == [
        {"team": "quality", "members": ["a", "b"], "capacity": 7},
        {"team": "devops", "members": ["c"], "capacity": 5},
    ]


def test_only_the_rows_that_the_source_asks_for_are_mapped() -> None:
    part = TEAMS.model_copy(update={"source": TableRef(table="agents", key=("id",), where={"role": ["qa", "sre"]})})
    source = [{"id": role, "role": role, "capacity": 1} for role in ("qa", "sre", "tester")]
    assert [row["members"] for row in apply_mapping(part, LOOKUPS, source)] == [["qa"], ["sre"]]


def test_what_a_lookup_does_not_know_is_marked_and_fails() -> None:
    source = [{"id": "1", "agent": "chef", "status": "queued"}]
    assert isinstance(apply_mapping(TASKS, LOOKUPS, source)[0]["team"], Unmapped)
    target = [{"kind": "task", "id": "1", "team": "chef", "status": "open", "version": 2}]
    judgement = judge_mapping(TASKS, LOOKUPS, source, target)
    assert judgement.outcome is Outcome.FAILED
    assert "not in lookup teams" in judgement.findings[0].reason


def test_merged_rows_that_disagree_are_marked() -> None:
    mapping = TEAMS.model_copy(update={"sum": ()})
    source = [{"id": name, "role": "qa", "capacity": n} for n, name in enumerate("ab")]
    assert isinstance(apply_mapping(mapping, LOOKUPS, source)[0]["capacity"], Unmapped)


def test_a_lookup_that_the_plan_does_not_have_is_refused() -> None:
    with pytest.raises(PlanError, match="no lookup 'teams'; known: none"):
        apply_mapping(TASKS, {}, [{"id": "1", "agent": "sre", "status": "queued"}])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(True, 1, id="sqlite-boolean"),
        pytest.param('{"a": 1, "b": [2]}', '{"b":[2],"a":1}', id="json-text"),
        pytest.param(["a", "b"], '["a", "b"]', id="collected-list"),
        pytest.param(2**60 + 1, 2**60 + 1, id="large-integer"),
        pytest.param(b"x", memoryview(b"x"), id="bytes"),
        pytest.param(float("nan"), float("nan"), id="not-a-number"),
        pytest.param(Decimal("3.00"), 3, id="exact-decimal"),
    ],
)
def test_cells_that_are_the_same_pass(one: Any, other: Any) -> None:
    assert compare([one], [other]).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("one", "other", "cause"),
    [
        pytest.param(3, "3", "int became str", id="type"),
        pytest.param(3, 3.0, "int became float", id="fraction"),
        pytest.param("", None, "empty text became NULL", id="empty-to-null"),
        pytest.param(None, "", "NULL became empty text", id="null-to-empty"),
        pytest.param("x", None, "value was lost (NULL)", id="lost"),
        pytest.param(2**53 + 1, 2**53, "rounded to a double", id="double"),
        pytest.param("2025-01-01T10:00:00+00:00", "2025-01-01T11:00:00+00:00", "shifted by +1:00:00", id="one-hour"),
        pytest.param("2025-01-01T10:00:00+14:00", "2025-01-01T10:00:00", "offset was lost", id="offset"),
        pytest.param(
            "2025-01-01T10:00:00+01:00", "2025-01-01T09:00:00+00:00", "same instant, written differently", id="instant"
        ),
        pytest.param("naïve", "naÃ¯ve", "UTF-8 was read as latin-1 (encoded twice)", id="mojibake"),
        pytest.param("é", "e\u0301", "Unicode normalisation changed", id="normalisation"),
        pytest.param("漢字x", "??x", "characters outside ASCII were replaced", id="question-marks"),
        pytest.param("abcdef", "abc", "cut after 3 characters", id="cut"),
        pytest.param("A", "a", "case folded: all small letters", id="case"),
        pytest.param("aB", "Ab", "case changed", id="mixed-case"),
        pytest.param("a ", "a", "trailing spaces were lost", id="spaces"),
        pytest.param("a", " a ", "spaces changed", id="more-spaces"),
        pytest.param(10**400, 10**400 + 1, "shifted by +1", id="beyond-any-double"),
        pytest.param(5, 6, "shifted by +1", id="offset-of-numbers"),
    ],
)
def test_a_changed_cell_is_found_with_its_cause(one: Any, other: Any, cause: str) -> None:
    judgement = compare([one], [other])
    assert [(it.where, it.reason) for it in judgement.findings] == [("t.v", cause)]


def test_rows_shifted_by_one_hour_are_one_finding_with_five_keys() -> None:
    one = [f"2025-01-01T10:{n:02}:00+00:00" for n in range(60)]
    judgement = compare(one, [text.replace("T10", "T11") for text in one])
    assert rows(judgement) == [("cell changed", "t.v", 60)]
    assert judgement.findings[0].examples == ("0", "1", "2", "3", "4")


def test_the_same_change_in_many_rows_is_one_finding() -> None:
    judgement = compare(["open", "done", "done"], ["open", "gone", "gone"])
    assert [(it.baseline, it.candidate, it.count) for it in judgement.findings] == [("'done'", "'gone'", 2)]


def test_changes_that_have_nothing_in_common_are_one_finding_a_column() -> None:
    judgement = compare([f"a{n}" for n in range(30)], [f"b{n * n}" for n in range(30)])
    assert rows(judgement) == [("cell changed", "t.v", 30)]
    assert judgement.findings[0].reason == "in no common way"


def test_missing_rows_are_one_finding_with_what_they_have_in_common() -> None:
    one = [{"id": n, "deleted": n < 3} for n in range(10)]
    judgement = compare_rows(one, one[3:], ("id",), "t", ("id", "deleted"))
    assert rows(judgement) == [("rows are missing", "t", 3)]
    assert "deleted = True" in judgement.findings[0].reason


def test_extra_doubled_and_lacking_are_told_apart() -> None:
    one = [{"id": 1, "v": 1, "w": 1}]
    other = [{"id": 1, "v": 1}, {"id": 1, "v": 1}, {"id": 2, "v": 1}]
    judgement = compare_rows(one, other, ("id",), "t", ("id", "v", "w"))
    assert {(it.what, it.where) for it in judgement.findings} == {
        ("key comes twice", "t"),
        ("rows are extra", "t"),
        ("column is missing", "t.w"),
    }


def test_no_rows_on_either_side_are_inconclusive() -> None:
    assert compare([], []).outcome is Outcome.INCONCLUSIVE


def test_a_mapping_judges_only_its_part_of_the_target() -> None:
    source = [{"id": "1", "agent": "sre", "status": "queued"}]
    target: list[dict[str, Any]] = [
        {"kind": "task", "id": "1", "team": "devops", "status": "open", "version": 2},
        {"kind": "workflow", "id": "2", "team": None, "status": "open", "version": 2},
    ]
    assert judge_mapping(TASKS, LOOKUPS, source, target).outcome is Outcome.PASSED


def test_a_mapping_without_source_rows_is_inconclusive() -> None:
    assert judge_mapping(TASKS, LOOKUPS, [], []).outcome is Outcome.INCONCLUSIVE


def test_a_column_that_no_mapping_mentions_is_found() -> None:
    judgement = judge_mapped_columns([TASKS], (), {"tasks": ("id", "agent", "status", "notes", "estimate")})
    assert [it.where for it in judgement.findings] == ["tasks.estimate"]


def test_equal_snapshots_are_the_same_whatever_the_order_of_rows() -> None:
    table = [{"id": n, "v": "x"} for n in range(5)]
    assert judge_same({"t": table}, {"t": table[::-1]}, "before and after").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"t": [{"a": 1, "b": 1}]}, id="row-lost"),
        pytest.param({"t": [{"a": 1, "b": 1}, {"a": 1, "b": 2}]}, id="cell-changed"),
        pytest.param({}, id="table-lost"),
        pytest.param({"t": [{"a": 1, "b": 1}, {"a": 1, "b": 1}], "u": []}, id="table-gained"),
    ],
)
def test_snapshots_without_a_key_are_compared_as_multisets(changed: dict[str, Any]) -> None:
    before = {"t": [{"a": 1, "b": 1}, {"a": 1, "b": 1}]}
    assert judge_same(before, before, "twice").outcome is Outcome.PASSED
    assert judge_same(before, changed, "before and after").outcome is Outcome.FAILED


def test_empty_snapshots_are_inconclusive() -> None:
    assert judge_same({"t": []}, {"t": []}, "before and after").outcome is Outcome.INCONCLUSIVE


def test_a_floor_holds_or_is_inconclusive() -> None:
    assert judge_floor({"t": 10}, {"t": 10}).outcome is Outcome.PASSED
    short = judge_floor({"t": 9}, {"t": 10, "u": 1})
    assert short.outcome is Outcome.INCONCLUSIVE
    assert len(short.findings) == 2
    assert judge_floor({"t": 9}, {}).outcome is Outcome.INCONCLUSIVE


cells = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.binary(max_size=4)
tables = st.lists(cells, max_size=8).map(lambda values: [{"id": n, "v": value} for n, value in enumerate(values)])
IDENTITY = Mapping(
    id="identity",
    sentence="Nothing changes.",
    source=TableRef(table="t", key=("id",)),
    target=TableRef(table="t", key=("id",)),
    columns=(Column(to="id", column="id"), Column(to="v", column="v")),
)


@given(tables)
def test_a_mapping_that_changes_nothing_gives_the_rows_themselves(table: list[dict[str, Any]]) -> None:
    assert apply_mapping(IDENTITY, {}, table) == table


@given(tables)
def test_every_table_equals_itself(table: list[dict[str, Any]]) -> None:
    outcome = Outcome.PASSED if table else Outcome.INCONCLUSIVE
    assert compare_rows(table, table, ("id",), "t", ("id", "v")).outcome is outcome


@given(st.lists(cells, min_size=1, max_size=8), st.lists(cells, min_size=1, max_size=8))
def test_changes_count_the_same_from_either_side(one: list[Any], other: list[Any]) -> None:
    there, back = compare(one, other), compare(other, one)
    assert sum(it.count for it in there.findings) == sum(it.count for it in back.findings)
