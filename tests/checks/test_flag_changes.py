"""What a change of flags cost, from what was counted: too little counted is never a pass."""

import pytest

from godwit.checks import judge_connections, judge_same_processes, judge_toggles
from godwit.verdict import Outcome


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ({"router 1", "router 2"}, {"router 1", "router 2", "router 3"}, Outcome.PASSED),
        ({"router 1", "router 2"}, {"router 1", "router 3"}, Outcome.FAILED),
        (set(), {"router 1"}, Outcome.INCONCLUSIVE),
    ],
    ids=["the-same", "a-worker-was-restarted", "none-seen"],
)
def test_every_process_has_to_go_on_running(before, after, outcome):
    assert judge_same_processes(frozenset(before), frozenset(after)).outcome is outcome


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (["", ""], ["", ""], Outcome.PASSED),
        (["", ""], ["", "reset by peer"], Outcome.FAILED),
        (["closed at once"], ["closed at once"], Outcome.INCONCLUSIVE),
        ([], [], Outcome.INCONCLUSIVE),
    ],
    ids=["all-answer", "one-was-lost", "none-is-kept", "none-was-opened"],
)
def test_every_open_connection_has_to_answer(before, after, outcome):
    assert judge_connections(before, after).outcome is outcome


@pytest.mark.parametrize(
    ("done", "writes", "trouble", "outcome"),
    [
        (200, 200, "", Outcome.PASSED),
        (7, 200, "PUT answered 500", Outcome.FAILED),
        (7, 7, "", Outcome.INCONCLUSIVE),
        (200, 199, "", Outcome.INCONCLUSIVE),
    ],
    ids=["all", "refused", "nothing-was-written-any-more", "too-few-writes"],
)
def test_a_flag_has_to_be_turned_as_often_as_asked_with_writes_between(done, writes, trouble, outcome):
    assert judge_toggles(200, done, writes, trouble).outcome is outcome
