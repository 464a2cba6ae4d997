"""Every acknowledged write is found again, once and unchanged."""

from typing import Any

import pytest

from godwit.checks import judge_ledger
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
