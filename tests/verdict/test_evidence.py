"""Judgements carry their outcome, their reason and what they rest on; joined, they keep the worst."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.verdict import (
    Finding,
    Judgement,
    Measurement,
    NotSettled,
    Outcome,
    PromiseBroken,
    all_of,
    failed,
    fold,
    inconclusive,
    judged,
    passed,
)

FINDING = Finding("value", "/a", "1", "2")
judgements = st.lists(st.sampled_from([passed("fine"), failed("broken", [FINDING]), inconclusive("unknown")]))


def test_findings_fail_a_comparison() -> None:
    judgement = judged([FINDING], 5, "answers")
    assert (judgement.outcome, judgement.reason) == (Outcome.FAILED, "1 finding(s) in 5 answers")
    assert judgement.findings == (FINDING,)


def test_a_comparison_without_findings_passes_and_says_on_how_many() -> None:
    judgement = judged([], 5, "answers")
    assert judgement.outcome is Outcome.PASSED
    assert "5 answers" in judgement.reason


def test_a_comparison_of_nothing_is_inconclusive() -> None:
    assert judged([], 0, "answers").outcome is Outcome.INCONCLUSIVE


def test_joining_nothing_is_inconclusive() -> None:
    assert all_of([]) == Judgement(Outcome.INCONCLUSIVE, "nothing was judged")


def test_joined_judgements_keep_the_reasons_of_the_worst_once() -> None:
    joined = all_of([passed("fine"), failed("broken"), failed("broken"), failed("lost")])
    assert joined.reason == "broken; lost"


def test_joined_judgements_keep_the_measurement_of_the_worst() -> None:
    good, bad = (Measurement("response_ms", value, "ms", 200) for value in (10.0, 500.0))
    joined = all_of([passed("fast", actual=good), failed("slow", actual=bad, limit="< 200 ms")])
    assert (joined.actual, joined.limit) == (bad, "< 200 ms")


@given(judgements)
def test_joining_folds_outcomes_and_loses_no_finding(parts: list[Judgement]) -> None:
    joined = all_of(parts)
    assert joined.outcome is fold(part.outcome for part in parts)
    assert len(joined.findings) == sum(len(part.findings) for part in parts)


@pytest.mark.parametrize(
    "error", [pytest.param(PromiseBroken, id="broken"), pytest.param(NotSettled, id="not-settled")]
)
def test_what_is_raised_carries_its_judgement(error: type[PromiseBroken] | type[NotSettled]) -> None:
    judgement = failed("broken", [FINDING])
    raised = error(judgement)
    assert (raised.judgement, str(raised)) == (judgement, "broken")


def test_only_a_broken_promise_is_an_assertion() -> None:
    assert issubclass(PromiseBroken, AssertionError)
    assert not issubclass(NotSettled, AssertionError)


def test_evidence_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        passed("fine").reason = "better"  # type: ignore[misc]


def test_joined_judgements_add_up_what_rules_let_through() -> None:
    parts = [passed("a", rules={"id /a": 1}), passed("b", rules={"id /a": 2, "order /b": 1}), passed("c")]
    assert dict(all_of(parts).rules or {}) == {"id /a": 3, "order /b": 1}
    assert all_of([passed("c")]).rules is None
