"""Histories of registers and counters: what fits into no order is found under the name of its cause."""

import math

import pytest

from godwit.checks import Operation, judge_history
from godwit.verdict import Outcome

AROUND = (2.5, 3.5)


def write(value, began, ended=math.inf):
    return Operation("write", value, began, ended)


def read(value, began, ended):
    return Operation("read", value, began, ended)


SOUND = [write("a", 0, 1), read("a", 1.5, 2), write("b", 4, 5), read("b", 6, 7)]
COUNTED = [write(None, 0, 1), read(1, 1.5, 2), write(None, 4, 5), read(2, 6, 7)]


@pytest.mark.parametrize(
    ("kind", "operations"),
    [
        pytest.param("register", SOUND, id="register"),
        pytest.param("register", [*SOUND, write("c", 6, 7.5), read("c", 6.5, 6.9), read("c", 8, 9)], id="overlapping"),
        pytest.param("register", [*SOUND, write("c", 8), read("b", 9, 10), read("c", 11, 12)], id="unanswered-write"),
        pytest.param("counter", COUNTED, id="counter"),
        pytest.param("counter", [*COUNTED, write(None, 8), read(2, 9, 10), read(3, 11, 12)], id="unanswered-count"),
    ],
)
def test_a_history_that_has_an_order_passes(kind, operations):
    judgement = judge_history(kind, {"k": operations}, 0 if kind == "counter" else None, AROUND)
    assert judgement.outcome is Outcome.PASSED, judgement


@pytest.mark.parametrize(
    ("kind", "operations", "what"),
    [
        pytest.param("register", [*SOUND, read("a", 8, 9), read("b", 10, 11)], "stale read", id="stale"),
        pytest.param("register", [*SOUND, write("c", 8, 9), read("b", 10, 11)], "write was lost", id="lost"),
        pytest.param("register", [*SOUND, read("z", 8, 9)], "nobody wrote it", id="strange"),
        pytest.param("register", [*SOUND, read(None, 8, 9)], "write was lost", id="gone"),
        pytest.param("counter", [*COUNTED, read(1, 8, 9), read(2, 10, 11)], "stale read", id="late-count"),
        pytest.param("counter", [*COUNTED, read(1, 8, 9)], "write was lost", id="lost-count"),
        pytest.param("counter", [*COUNTED, read(3, 8, 9)], "write was doubled", id="doubled-count"),
        pytest.param(
            "counter",
            [*COUNTED, write(None, 8, 20), read(3, 9, 10), read(2, 11, 12)],
            "no order explains what was read",
            id="count-goes-back",
        ),
    ],
)
def test_what_fits_into_no_order_has_a_name(kind, operations, what):
    judgement = judge_history(
        kind, {"good": operations[:4], "bad": operations}, 0 if kind == "counter" else None, AROUND
    )
    assert [(found.what, found.where) for found in judgement.findings] == [(what, "bad")]


@pytest.mark.parametrize(
    ("operations", "around"),
    [
        pytest.param([], AROUND, id="nothing"),
        pytest.param(SOUND[:2], AROUND, id="nothing-after"),
        pytest.param(SOUND[2:], AROUND, id="nothing-before"),
        pytest.param([SOUND[0], *SOUND[2:]], AROUND, id="no-read-before"),
        pytest.param(SOUND, None, id="no-change"),
    ],
)
def test_a_history_that_does_not_reach_across_the_change_is_inconclusive(operations, around):
    assert judge_history("register", {"k": operations}, None, around).outcome is Outcome.INCONCLUSIVE


def test_a_search_that_is_given_up_is_inconclusive():
    assert judge_history("register", {"k": SOUND}, None, AROUND, steps_at_most=1).outcome is Outcome.INCONCLUSIVE
