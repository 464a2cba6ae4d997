"""Rows that were there must still be there as they were; added rows and moving columns are no matter."""

from typing import Any

import pytest

from godwit.checks import judge_kept
from godwit.verdict import Outcome

BEFORE = {"notes": [{"id": 1, "text": "a", "seen": 3}, {"id": 2, "text": "b", "seen": 4}], "log": [{"n": 1}]}


def after(**tables: Any) -> Any:
    return {**BEFORE, **tables}


@pytest.mark.parametrize(
    ("now", "moving"),
    [
        pytest.param(BEFORE, (), id="same"),
        pytest.param(after(notes=[*BEFORE["notes"], {"id": 3, "text": "c", "seen": 0}]), (), id="added"),
        pytest.param(after(log=[]), ("log",), id="moving-table"),
        pytest.param(
            after(notes=[{"id": 1, "text": "a", "seen": 9}, {"id": 2, "text": "b", "seen": 9}]), ("notes.seen",), id="moving-column"
        ),
    ],
)  # fmt: skip
def test_what_was_there_is_kept(now, moving):
    assert judge_kept(BEFORE, now, moving).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("now", "what", "where"),
    [
        pytest.param(after(notes=BEFORE["notes"][1:]), "rows are missing", "notes", id="lost"),
        pytest.param(
            after(notes=[{"id": 1, "text": "x", "seen": 3}, BEFORE["notes"][1]]), "cell changed", "notes.text", id="changed"
        ),
        pytest.param({"notes": BEFORE["notes"]}, "table is missing", "log", id="table-dropped"),
    ],
)  # fmt: skip
def test_what_was_spoiled_is_told_by_its_place(now, what, where):
    judgement = judge_kept(BEFORE, now, (), note="after a case")
    assert judgement.outcome is Outcome.FAILED
    assert [(finding.what, finding.where) for finding in judgement.findings] == [(what, where)]


@pytest.mark.parametrize(
    ("before", "moving"),
    [({}, ()), ({"log": []}, ()), ({"log": [{"n": 1}]}, ("log",))],
    ids=["empty", "bare", "moving"],
)
def test_a_store_without_a_row_to_lose_proves_nothing(before, moving):
    assert judge_kept(before, before, moving).outcome is Outcome.INCONCLUSIVE


def test_equal_rows_that_were_added_are_no_matter():
    before = {"log": [{"seq": 1, "topic": "made", "item": "a"}]}
    added = [{"seq": number, "topic": "made", "item": "b"} for number in (2, 3)]
    now = {"log": [*before["log"], *added]}
    assert judge_kept(before, now, ("log.seq",)).outcome is Outcome.PASSED
