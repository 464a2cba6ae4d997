"""Durations keep their limits, and nobody goes unserved."""

import math

import pytest

from godwit.checks import judge_unavailability, judge_within
from godwit.verdict import Outcome


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [
        pytest.param(0.0, Outcome.PASSED, id="at-once"),
        pytest.param(5.0, Outcome.PASSED, id="at-the-limit"),
        pytest.param(5.1, Outcome.FAILED, id="late"),
        pytest.param(math.inf, Outcome.FAILED, id="never"),
        pytest.param(math.nan, Outcome.INCONCLUSIVE, id="not-taken"),
        pytest.param(-1.0, Outcome.INCONCLUSIVE, id="clock-went-back"),
    ],
)
def test_a_duration_is_judged_by_its_limit(seconds: float, outcome: Outcome) -> None:
    assert judge_within(seconds, 5, "restoring").outcome is outcome


def test_requests_that_are_all_answered_pass() -> None:
    assert judge_unavailability([(0.0, True, 0.1), (1.0, True, 4.0)]).outcome is Outcome.PASSED


def test_each_stretch_of_failures_is_a_finding_with_its_length() -> None:
    requests = [(0.0, True, 0.1), (1.0, False, 0.1), (2.0, False, 0.1), (3.0, True, 0.5), (4.0, False, 0.1)]
    judgement = judge_unavailability(requests)
    assert judgement.outcome is Outcome.FAILED
    assert [(it.where, it.candidate, it.count) for it in judgement.findings] == [
        ("at 4.00 s", "to the end", 1),
        ("at 1.00 s", "for 2.50 s", 2),
    ]


def test_allowed_failures_are_allowed_and_no_more() -> None:
    requests = [(0.0, True, 0.1), (1.0, False, 0.1), (2.0, True, 0.1)]
    assert judge_unavailability(requests, 1).outcome is Outcome.PASSED
    assert judge_unavailability(requests, 0).outcome is Outcome.FAILED


def test_nothing_but_failures_never_passes() -> None:
    assert judge_unavailability([(0.0, False, 0.1)], 5).outcome is Outcome.FAILED


def test_no_request_is_inconclusive() -> None:
    assert judge_unavailability([]).outcome is Outcome.INCONCLUSIVE
