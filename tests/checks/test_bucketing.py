"""Users are spread over the sides as a stable hash spreads them: sticky, monotone, in the right share."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import judge_cohort, judge_monotone, judge_share, judge_sticky
from godwit.verdict import Outcome


def test_users_who_stay_pass() -> None:
    assert (
        judge_sticky({"a": "baseline", "b": "candidate"}, {"a": "baseline", "b": "candidate"}).outcome is Outcome.PASSED
    )


def test_a_user_who_changes_sides_fails() -> None:
    judgement = judge_sticky({"a": "baseline", "b": "candidate"}, {"a": "candidate", "b": "candidate"})
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].where == "user a"


@pytest.mark.parametrize("again", [pytest.param({}, id="nobody"), pytest.param({"a": "baseline"}, id="not-everybody")])
def test_users_asked_only_once_prove_nothing(again: dict[str, str]) -> None:
    assert judge_sticky({"a": "baseline", "b": "candidate"}, again).outcome is Outcome.INCONCLUSIVE


def test_a_ramp_that_only_adds_users_passes() -> None:
    assert judge_monotone([(5, {"a"}), (50, {"a", "b"}), (0, set())]).outcome is Outcome.PASSED


def test_a_ramp_that_moves_users_back_fails() -> None:
    judgement = judge_monotone([(5, {"a", "c"}), (50, {"b"})])
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].count == 2


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param([], id="none"),
        pytest.param([(5.0, {"a"})], id="one"),
        pytest.param([(5.0, set[str]()), (50.0, set[str]())], id="nobody-ever"),
    ],
)
def test_a_ramp_without_a_rise_proves_nothing(levels: list[tuple[float, set[str]]]) -> None:
    assert judge_monotone(levels).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("percent", "count", "outcome"),
    [
        pytest.param(0, 0, Outcome.PASSED, id="nobody"),
        pytest.param(0, 1, Outcome.FAILED, id="somebody-at-zero"),
        pytest.param(100, 2000, Outcome.PASSED, id="everybody"),
        pytest.param(100, 1999, Outcome.FAILED, id="one-missing-at-hundred"),
        pytest.param(5, 100, Outcome.PASSED, id="exact"),
        pytest.param(5, 115, Outcome.PASSED, id="by-chance"),
        pytest.param(5, 160, Outcome.FAILED, id="too-many"),
        pytest.param(5, 50, Outcome.FAILED, id="too-few"),
        pytest.param(50, 1000, Outcome.PASSED, id="half"),
    ],
)
def test_a_share_is_judged_by_the_binomial_range(percent: float, count: int, outcome: Outcome) -> None:
    assert judge_share(percent, count, 2000).outcome is outcome


def test_the_allowed_half_width_is_stated() -> None:
    assert "± " in judge_share(25, 500, 2000).limit


def test_too_few_users_are_inconclusive_and_the_number_needed_is_told() -> None:
    judgement = judge_share(5, 2, 40)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert judgement.n_needed is not None
    assert judge_share(5, judgement.n_needed // 20, judgement.n_needed).outcome is Outcome.PASSED


def test_too_few_users_still_fail_when_they_show_enough() -> None:
    assert judge_share(5, 40, 40).outcome is Outcome.FAILED


@pytest.mark.parametrize(("count", "n"), [pytest.param(0, 0, id="no-user"), pytest.param(5, 3, id="more-than-asked")])
def test_what_is_no_observation_is_inconclusive(count: int, n: int) -> None:
    assert judge_share(50, count, n).outcome is Outcome.INCONCLUSIVE


def test_a_fair_hash_raises_hardly_any_false_alarm() -> None:
    alarms = 0
    for run in range(600):
        buckets = [int(hashlib.sha256(f"{run}/{user}".encode()).hexdigest()[:8], 16) % 10_000 for user in range(400)]
        alarms += judge_share(25, sum(bucket < 2500 for bucket in buckets), 400).outcome is Outcome.FAILED
    # 600 runs at 0.999 allow 0.6 alarms; more than 4 would come once in several thousand test runs.
    assert alarms <= 4


def test_a_whole_cohort_on_the_candidate_passes() -> None:
    assert judge_cohort({"a", "b"}, {"a", "b", "c"}).outcome is Outcome.PASSED


def test_a_member_left_behind_fails() -> None:
    judgement = judge_cohort({"a", "b"}, {"a"})
    assert judgement.findings[0].where == "user b"


def test_an_empty_cohort_is_inconclusive() -> None:
    assert judge_cohort(set(), {"a"}).outcome is Outcome.INCONCLUSIVE


@given(st.floats(0.1, 99.9), st.integers(1, 3000))
def test_the_expected_count_is_never_an_alarm(percent: float, n: int) -> None:
    assert judge_share(percent, round(n * percent / 100), n).outcome is not Outcome.FAILED
