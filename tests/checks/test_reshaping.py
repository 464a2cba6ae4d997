"""One change of shape is one finding: another name, an envelope, another order, items more or less; none disappears."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import compare_answers
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Judgement, Outcome

IDS = (Normaliser(kind="id", at="/**/id"),)


def answer(body: Any, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer("GET /x", status, (("content-type", "application/json"), *headers), json.dumps(body).encode())


def compare(one: Any, other: Any, allowed: tuple[Allowance, ...] = ()) -> Judgement:
    return compare_answers("probe", [answer(one)], [answer(other)], IDS, allowed, ("content-type",))


def found(judgement: Judgement) -> set[tuple[str, str]]:
    return {(finding.what, finding.where) for finding in judgement.findings}


ROWS = [{"id": f"row-{n}", "name": f"n{n}", "owner": "ana" if n % 2 else "bo"} for n in range(6)]


@pytest.mark.parametrize(
    ("one", "other", "what", "where"),
    [
        pytest.param({"a": "x", "b": 2}, {"c": "x", "b": 2}, "renamed", "/a", id="renamed"),
        pytest.param({"a": None}, {"c": None}, "renamed", "/a", id="renamed-null"),
        pytest.param({"a": "x", "b": "y"}, {"c": "x", "d": "y"}, "renamed", "/a", id="two-renamed"),
        pytest.param({"a": 1, "b": "y"}, {"data": {"a": 1, "b": "y"}}, "wrapped", "/data", id="envelope-added"),
        pytest.param({"data": {"a": 1, "b": 2}}, {"a": 1, "b": 2}, "unwrapped", "/data", id="envelope-gone"),
        pytest.param({"l": ROWS}, {"l": ROWS[::-1]}, "order", "/l", id="reversed"),
        pytest.param({"l": ROWS}, {"l": [ROWS[1], ROWS[0], *ROWS[2:]]}, "order", "/l", id="two-changed-places"),
        pytest.param(ROWS[1::2], ROWS, "extra", "/0", id="every-second-item-added"),
        pytest.param(ROWS, ROWS[1::2], "missing", "/0", id="every-second-item-lost"),
    ],
)
def test_a_change_of_shape_is_one_kind_of_finding(one: Any, other: Any, what: str, where: str) -> None:
    judgement = compare(one, other)
    assert (what, where) in found(judgement)
    assert {finding.what for finding in judgement.findings} == {what}


def test_a_rename_in_every_row_is_one_finding() -> None:
    renamed = [{"id": row["id"], "name": row["name"], "by": row["owner"]} for row in ROWS]
    judgement = compare({"l": ROWS}, {"l": renamed})
    assert [(it.what, it.where, it.count) for it in judgement.findings] == [("renamed", "/l/0/owner", 6)]


def test_a_rename_with_another_value_stays_two_differences() -> None:
    assert found(compare({"a": "x"}, {"b": "y"})) == {("missing", "/a"), ("extra", "/b")}


def test_of_several_keys_with_a_value_that_says_nothing_none_is_taken_for_another() -> None:
    judgement = compare({"a": None, "b": None}, {"c": None, "d": None})
    assert {finding.what for finding in judgement.findings} == {"missing", "extra"}


def test_an_item_that_changes_in_a_list_of_another_order_is_found_as_well() -> None:
    changed = [*ROWS[:2][::-1], *ROWS[2:5], {**ROWS[5], "name": "other"}]
    assert compare({"l": ROWS}, {"l": changed}).outcome is Outcome.FAILED


def test_ids_that_each_side_made_are_no_other_order() -> None:
    other = [{**row, "id": f"row-{n + 40}"} for n, row in enumerate(ROWS)]
    assert compare({"l": ROWS}, {"l": other}).outcome is Outcome.PASSED


def test_an_allowance_for_the_missing_key_leaves_the_extra_one() -> None:
    allowed = (Allowance(probe="probe", at="/a", reason="gone by intent"),)
    assert found(compare({"a": "x"}, {"b": "x"}, allowed)) == {("extra", "/b")}


def test_another_class_of_status_is_the_only_finding() -> None:
    one, other = answer({"a": 1}), Answer("GET /x", 204, (), b"")
    same = compare_answers("probe", [answer({}, 404)], [other], (), (), ("content-type",))
    assert found(same) == {("status", "/@status")}
    beside = compare_answers("probe", [one], [other], (), (), ("content-type",))
    assert ("header content-type", "/@headers/content-type") in found(beside)


UNSENT = Answer("GET /x", 0, error="not sent: nothing was captured as task")


def test_a_request_that_could_not_be_sent_follows_from_the_answer_before_it() -> None:
    sides = [answer({}, 201), answer({})], [answer({}, 422), UNSENT]
    judgement = compare_answers("probe", *sides, (), (), ())
    assert found(judgement) == {("status", "/0/@status")}


def test_a_request_that_could_not_be_sent_is_found_when_all_before_it_is_allowed() -> None:
    sides = [answer({}, 201), answer({})], [answer({}, 422), UNSENT]
    allowed = (Allowance(probe="probe", at="/0/@status", reason="meant"),)
    judgement = compare_answers("probe", *sides, (), allowed, ())
    assert found(judgement) == {("no answer", "/1/@status")}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(one=VALUES, other=VALUES)
def test_putting_differences_together_never_lets_two_values_pass_for_one(one: Any, other: Any) -> None:
    equal = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (compare(one, other).outcome is Outcome.PASSED) == equal
