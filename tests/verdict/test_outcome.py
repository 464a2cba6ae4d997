"""Outcomes fold in one way, whatever their order, and nothing checked is never a pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.verdict import Outcome, Word, fold, word_for

outcomes = st.lists(st.sampled_from(list(Outcome)))
JUDGED = [Outcome.FAILED, Outcome.ERRORED, Outcome.INCONCLUSIVE, Outcome.PASSED]


@pytest.mark.parametrize(
    ("given_outcomes", "folded"),
    [
        pytest.param([Outcome.PASSED, Outcome.INCONCLUSIVE], Outcome.INCONCLUSIVE, id="inconclusive-over-passed"),
        pytest.param([Outcome.INCONCLUSIVE, Outcome.ERRORED], Outcome.ERRORED, id="errored-over-inconclusive"),
        pytest.param([Outcome.ERRORED, Outcome.FAILED], Outcome.FAILED, id="failed-over-errored"),
        pytest.param([Outcome.PASSED, Outcome.WAIVED, Outcome.SKIPPED], Outcome.PASSED, id="neutral"),
        pytest.param([Outcome.WAIVED, Outcome.SKIPPED], Outcome.INCONCLUSIVE, id="only-neutral"),
        pytest.param([], Outcome.INCONCLUSIVE, id="nothing"),
    ],
)
def test_the_worst_outcome_wins(given_outcomes: list[Outcome], folded: Outcome) -> None:
    assert fold(given_outcomes) is folded


@given(outcomes, st.randoms(use_true_random=False))
def test_the_order_of_outcomes_means_nothing(found: list[Outcome], chance: object) -> None:
    shuffled = found.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) is fold(found)


@given(st.lists(st.sampled_from(JUDGED), min_size=1), st.lists(st.sampled_from(JUDGED), min_size=1))
def test_folding_in_parts_is_folding_at_once(one: list[Outcome], other: list[Outcome]) -> None:
    assert fold([fold(one), fold(other)]) is fold(one + other)


@given(outcomes, outcomes)
def test_folding_in_parts_is_never_better_than_folding_at_once(one: list[Outcome], other: list[Outcome]) -> None:
    parts, whole = fold([fold(one), fold(other)]), fold(one + other)
    assert JUDGED.index(parts) <= JUDGED.index(whole)


@given(outcomes)
def test_a_pass_needs_something_that_passed_and_nothing_worse(found: list[Outcome]) -> None:
    judged = set(found) & set(JUDGED)
    assert (fold(found) is Outcome.PASSED) == (judged == {Outcome.PASSED})


@pytest.mark.parametrize("outcome", [pytest.param(outcome, id=outcome.value) for outcome in Outcome])
def test_only_passed_is_go_and_only_failed_is_no_go(outcome: Outcome) -> None:
    expected = {Outcome.PASSED: Word.GO, Outcome.FAILED: Word.NO_GO}.get(outcome, Word.INCONCLUSIVE)
    assert word_for(outcome) is expected
