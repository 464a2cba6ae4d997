"""Every acknowledged write is found again, once and unchanged."""

from typing import Any

import pytest

from godwit.checks import Sent, judge_ledger, judge_listed
from godwit.verdict import Outcome

WRITES = {"a": {"title": "A", "n": 1}, "b": {"title": "B", "n": 2}}
ROWS: dict[str, Any] = {"a": {"title": "A", "n": 1, "more": True}, "b": {"title": "B", "n": 2}}


def test_writes_that_are_all_there_pass() -> None:
    assert judge_ledger(WRITES, ROWS, {"a": 1, "b": 1}).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("found", "counts", "what"),
    [
        pytest.param(ROWS | {"b": None}, {}, "write was lost", id="lost"),
        pytest.param(ROWS, {"b": 2}, "write was doubled", id="doubled"),
        pytest.param(ROWS | {"b": {"title": "B", "n": 3}}, {}, "write was changed at /n", id="changed"),
        pytest.param(ROWS | {"b": {"title": "B", "n": "2"}}, {}, "write was changed at /n", id="type-changed"),
        pytest.param(ROWS | {"b": {"title": "B"}}, {}, "write was changed at /n", id="field-lost"),
    ],
)
def test_a_write_that_is_not_there_as_it_was_is_found(found: Any, counts: dict[str, int], what: str) -> None:
    judgement = judge_ledger(WRITES, found, counts)
    assert [(it.what, it.where) for it in judgement.findings] == [(what, "b")]


def test_many_lost_writes_are_one_finding() -> None:
    writes: dict[str, dict[str, Any]] = {f"w{n}": {} for n in range(40)}
    judgement = judge_ledger(writes, dict.fromkeys(writes), {})
    assert [(it.what, it.count, len(it.examples)) for it in judgement.findings] == [("write was lost", 40, 5)]


def test_a_write_that_nobody_looked_for_is_inconclusive() -> None:
    assert judge_ledger(WRITES, {"a": ROWS["a"]}, {}).outcome is Outcome.INCONCLUSIVE


def test_no_write_at_all_is_inconclusive() -> None:
    assert judge_ledger({}, {}, {}).outcome is Outcome.INCONCLUSIVE


SENT = {"c0": [Sent("a", True), Sent("b", False), Sent("c", True)], "c1": [Sent("d", True)]}


def judged(marks, troubles=(), sent=SENT, **how):
    return judge_listed(
        sent, {"c0": list(marks), "c1": ["d"]}, dict(troubles), **{"is_own": True, "in_order": True, **how}
    )


@pytest.mark.parametrize("marks", [pytest.param(marks, id=marks) for marks in ("ac", "abc", "acb", "bac")])
def test_a_list_with_every_acknowledged_write_once_passes(marks: str) -> None:
    assert judged(marks).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        pytest.param("bc", [("write was lost", "a")], id="lost"),
        pytest.param("abca", [("write was doubled", "a")], id="doubled"),
        pytest.param("abbc", [("write was doubled", "b")], id="doubled-without-an-answer"),
        pytest.param("ca", [("order was not kept", "c")], id="order"),
        pytest.param("acx", [("nobody wrote it", "x")], id="strange"),
    ],
)
def test_a_list_that_is_not_what_was_sent_is_found(marks: str, found: list[tuple[str, str]]) -> None:
    assert [(it.what, it.where) for it in judged(marks).findings] == found


def test_what_others_wrote_may_stand_in_a_common_list_and_order_may_not_matter() -> None:
    assert judged("xca", is_own=False, in_order=False).outcome is Outcome.PASSED


def test_a_list_that_ended_early_proves_no_loss_but_what_it_shows() -> None:
    assert judged("b", {"c0": "pages"}).outcome is Outcome.INCONCLUSIVE
    assert judged("aab", {"c0": "pages"}).outcome is Outcome.FAILED
    assert judged("", sent={}).outcome is Outcome.INCONCLUSIVE
