"""A failing matrix is narrowed to the smallest flag assignment that fails, exactly, or it is said why not."""

import random
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from godwit.checks.narrowing import Narrowing, Search, narrow

Case = Mapping[str, Any]
BOOLS = dict.fromkeys("abcdefg", (False, True))


def has(case: Case, part: Case) -> bool:
    return all(case[name] == value for name, value in part.items())


def fails(hidden: Any) -> Any:
    return lambda case: any(has(case, part) for part in hidden)


def every(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(values, row, strict=True)) for row in product(*values.values())]


def drawn(values: Mapping[str, Any], count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    rows = [{name: chance.choice(items) for name, items in values.items()} for _ in range(count)]
    return list({tuple(row.values()): row for row in rows}.values())


def drive(search: Search, ask: Any) -> tuple[Narrowing, list[Case]]:
    asked: list[Case] = []
    answer = None
    while True:
        try:
            case = search.send(answer) if asked else next(search)
        except StopIteration as done:
            return done.value, asked
        asked.append(case)
        answer = ask(case)


def narrowed(values: Any, rows: Any, hidden: Any, further: int = 400, **more: Any) -> Narrowing:
    ask = fails(hidden)
    return drive(narrow(values, [(row, ask(row)) for row in rows], seed=7, further=further, **more), ask)[0]


@st.composite
def matrices(draw: Any, causes: int) -> tuple[Any, Any, Any]:
    sizes = draw(st.lists(st.integers(2, 4), min_size=3, max_size=9))
    values = {f"f{i}": tuple(range(size)) for i, size in enumerate(sizes)}
    hidden = [
        {name: draw(st.sampled_from(values[name])) for name in draw(st.sets(st.sampled_from(list(values)), min_size=1, max_size=3))}
        for _ in range(draw(st.integers(1, causes)))
    ]  # fmt: skip
    rows = drawn(values, draw(st.integers(4, 40)), draw(st.integers(0, 10**6)))
    return values, rows, hidden


@settings(max_examples=150, deadline=None)
@given(matrices(causes=1))
def test_one_hidden_assignment_is_found_exactly(matrix):
    values, rows, hidden = matrix
    rows = [*rows, {**rows[0], **hidden[0]}]
    found = narrowed(values, rows, hidden)
    assert found.trouble == ""
    assert [dict(it.assignment) for it in found.culprits] == hidden


@settings(max_examples=150, deadline=None, derandomize=True)
@given(matrices(causes=3))
def test_what_is_said_of_several_hidden_assignments_is_true_and_as_small_as_can_be(matrix):
    values, rows, hidden = matrix
    found = narrowed(values, rows, hidden)
    ask = fails(hidden)
    explained = fails([it.assignment for it in found.culprits])
    assert all(explained(row) for row in rows if ask(row)) or found.trouble
    for culprit in found.culprits:
        assert sum(has(row, culprit.assignment) for row in rows) <= culprit.cases
        assert is_exact(values, dict(culprit.assignment), ask)


def is_exact(values: Any, part: dict[str, Any], ask: Any) -> bool:
    """Whether each of many cases with it fails, and for each value of it one passes that lacks no other."""
    cases = [row | part for row in drawn(values, 200, 1)]
    near = [[row | {k: v for k, v in part.items() if k != name} for row in drawn(values, 400, 2)] for name in part]
    return all(map(ask, cases)) and all(not all(map(ask, rows)) for rows in near)


def test_of_a_whole_matrix_no_further_case_is_tried_but_what_it_rests_on_is_tried_again():
    hidden = [{"b": True, "d": True}]
    rows = every(BOOLS)
    ask = fails(hidden)
    found, asked = drive(narrow(BOOLS, [(row, ask(row)) for row in rows], seed=1, further=100), ask)
    assert [(it.assignment, it.cases) for it in found.culprits] == [({"b": True, "d": True}, 32)]
    assert (found.cases, found.clean) == (128, 96)
    assert len(asked) == 9
    assert {tuple(case.values()) for case in asked} <= {tuple(row.values()) for row in rows}


def test_a_hundred_flags_take_few_further_cases():
    values = {f"flag_{n}": (False, True) for n in range(100)}
    hidden = [{"flag_3": True, "flag_50": False, "flag_97": True}]
    rows = drawn(values, 30, seed=3)
    found = narrowed(values, rows, hidden)
    assert [it.assignment for it in found.culprits] == hidden
    assert found.further < 120


def test_what_fails_in_every_case_needs_no_flag():
    found = narrowed(BOOLS, every(BOOLS), [{}])
    assert [(dict(it.assignment), it.cases) for it in found.culprits] == [({}, 128)]


def test_two_causes_are_told_apart():
    hidden = [{"a": True}, {"b": False, "c": True}]
    found = narrowed(BOOLS, drawn(BOOLS, 12, seed=2), hidden)
    assert [it.assignment for it in found.culprits] == hidden


def test_a_forbidden_case_is_never_asked_for():
    ask = fails([{"b": True, "c": True}])

    def allowed(case: Case) -> bool:
        return not (case["a"] and not case["b"])

    rows = [row for row in drawn(BOOLS, 20, seed=4) if allowed(row)]
    search = narrow(BOOLS, [(row, ask(row)) for row in rows], seed=4, further=200, allowed=allowed)
    found, asked = drive(search, ask)
    assert [it.assignment for it in found.culprits] == [{"b": True, "c": True}]
    assert all(map(allowed, asked))


def test_a_value_that_the_others_bring_with_them_is_left_out():
    def allowed(case: Case) -> bool:
        return case["b"] or not case["a"]

    rows = [row for row in every(BOOLS) if allowed(row)]
    found = narrowed(BOOLS, rows, [{"a": True, "b": True}], allowed=allowed)
    assert [it.assignment for it in found.culprits] == [{"a": True}]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("seed", range(20))
def test_no_flag_is_blamed_for_what_fails_now_and_then(share, seed):
    chance = random.Random(seed)

    def ask(_: Case) -> bool:
        return chance.random() < share

    outcomes = [(row, ask(row)) for row in every({name: BOOLS[name] for name in "abcd"})]
    if not any(failed for _, failed in outcomes):
        outcomes[0] = (outcomes[0][0], True)
    found, _ = drive(narrow({name: BOOLS[name] for name in "abcd"}, outcomes, seed=seed, further=100), ask)
    assert [it.assignment for it in found.culprits if it.assignment] == []
    assert found.trouble or found.culprits


def test_a_failure_that_never_comes_back_is_counted():
    rows = every({name: BOOLS[name] for name in "abc"})
    outcomes = [(row, index == 5) for index, row in enumerate(rows)]
    found, _ = drive(narrow({name: BOOLS[name] for name in "abc"}, outcomes, seed=1, further=50), lambda _: False)
    assert found.trouble == "the same case fails now and then"
    assert found.again == (1, 5)


def test_the_bound_on_further_cases_is_kept():
    values = {f"flag_{n}": (False, True) for n in range(20)}
    hidden = [{"flag_3": True, "flag_5": False, "flag_7": True}]
    rows = [*drawn(values, 5, seed=3), {**drawn(values, 1, seed=9)[0], **hidden[0]}]
    found = narrowed(values, rows, hidden, further=4)
    assert found.further == 4
    assert found.trouble == "not narrowed within 4 further cases"


def test_true_and_1_are_two_values():
    values = {"a": (1, True), "b": (0, 5)}
    ask = lambda case: case["a"] is True  # noqa: E731
    found, _ = drive(narrow(values, [(row, ask(row)) for row in every(values)], seed=1, further=50), ask)
    assert [it.assignment["a"] for it in found.culprits] == [True]
    assert found.culprits[0].assignment["a"] is True
