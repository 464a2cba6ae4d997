"""A budget beside the baseline can be believed: on a noisy machine, in a run that drifts, and on a tail that few requests see."""

from typing import Any

import numpy as np
import pytest

from godwit.checks import judge_criterion
from godwit.checks.intervals import Floats
from godwit.plan import Criterion, Floor, Limit
from godwit.verdict import Judgement, LoadRun, Observation, Outcome, Series, Turns

N = 2000
SECONDS = 20.0


def turns(latencies_ms: Floats) -> Turns:
    n = len(latencies_ms)
    due_us = (np.arange(n) * SECONDS / n * 1e6).astype(int).tolist()
    return Turns(range(n), due_us, [0] * n, [round(1000 * ms) for ms in latencies_ms], ("op",))


def load(candidate: Floats, baseline: Floats) -> LoadRun:
    sides = {"candidate": turns(candidate), "baseline": turns(baseline)}
    series = {side: {"op": Series(each.latencies_us)} for side, each in sides.items()}
    return LoadRun("short", SECONDS, len(candidate) + len(baseline), 0.2, 0.0, series, turns=sides)


def judge(candidate: Floats, baseline: Floats, statistic: str = "p95", **limit: Any) -> Judgement:
    asked = Criterion(
        id="c",
        sentence="It holds.",
        metric="response_ms",
        statistic=statistic,
        unit="ms",
        comparison="<=",
        limit=Limit(**(limit or {"worse_than_baseline_by": "10%", "floor": 0.5})),
        evidence=Floor(n=200),
    )
    return judge_criterion(asked, Observation(load(candidate, baseline)))


def drawn(seed: int, n: int = N) -> Floats:
    """Service times around 20 ms."""
    return 20 * np.exp(np.random.default_rng(seed).normal(0, 0.2, n))


def neighbours(seed: int, n: int = N) -> Floats:
    """Other work that comes and goes within seconds, and slows both sides by up to a half."""
    at = np.linspace(0, SECONDS, n)
    first, second = np.random.default_rng(seed).uniform(0, 6.28, 2)
    return 1.25 + 0.15 * np.sin(1.7 * at + first) + 0.1 * np.sin(4.1 * at + second)


@pytest.mark.parametrize(
    ("slower", "outcomes"),
    [
        pytest.param(0, {Outcome.PASSED, Outcome.INCONCLUSIVE}, id="the-same"),
        pytest.param(20, {Outcome.FAILED}, id="a-fifth-slower"),
        pytest.param(40, {Outcome.FAILED}, id="two-fifths-slower"),
    ],
)
def test_beside_noisy_neighbours_no_like_candidate_fails_and_no_slow_one_passes(
    slower: float, outcomes: set[Outcome]
) -> None:
    seen = []
    for seed in range(12):
        noise = neighbours(seed)
        seen.append(judge((1 + slower / 100) * drawn(2 * seed) * noise, drawn(2 * seed + 1) * noise).outcome)
    assert set(seen) <= outcomes
    assert slower or seen.count(Outcome.PASSED) >= 10


def test_a_pause_that_hits_both_sides_is_not_held_against_the_candidate() -> None:
    pause = np.zeros(N)
    pause[900:980] = np.linspace(800, 0, 80)
    assert judge(drawn(1) + pause, drawn(2) + pause).outcome is Outcome.PASSED


def test_across_the_limit_the_seconds_that_would_settle_it_are_told() -> None:
    judgement = judge(1.1 * drawn(1), drawn(2))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert judgement.n_needed is None or judgement.n_needed > N
    clearer = judge(1.075 * drawn(1), drawn(2))
    assert clearer.outcome is Outcome.INCONCLUSIVE
    assert clearer.n_needed is not None
    assert f"{clearer.n_needed} samples would settle it: " in clearer.reason
    assert " s of this load, " in clearer.reason


def test_a_start_that_has_not_settled_fails_nothing() -> None:
    cold = np.ones(N)
    cold[:200] = 3
    judgement = judge(cold * drawn(1), drawn(2))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "the first 2 s alone were too slow; add 4 to warmup_s" in judgement.reason


@pytest.mark.parametrize(
    ("begin", "end", "outcome"),
    [
        pytest.param(1.0, 1.14, Outcome.INCONCLUSIVE, id="soon-over-the-limit"),
        pytest.param(1.5, 2.5, Outcome.FAILED, id="over-it-all-the-time"),
        pytest.param(1.3, 0.95, Outcome.INCONCLUSIVE, id="soon-within-it"),
    ],
)
def test_what_drifts_is_judged_by_where_it_goes(begin: float, end: float, outcome: Outcome) -> None:
    assert judge(np.linspace(begin, end, N) * drawn(1), drawn(2)).outcome is outcome


def test_a_drift_of_both_sides_is_none_of_the_difference() -> None:
    drift = np.linspace(1, 2, N)
    assert judge(drift * drawn(1), drift * drawn(2)).outcome is Outcome.PASSED


def test_a_drift_towards_an_absolute_limit_is_inconclusive() -> None:
    rising = np.linspace(1, 2, N) * drawn(1)
    assert judge(rising, drawn(2), absolute=60.0).outcome is Outcome.INCONCLUSIVE
    assert judge(rising, drawn(2), absolute=200.0).outcome is Outcome.PASSED


def test_a_steady_run_is_hardly_ever_taken_for_a_drifting_one() -> None:
    outcomes = [judge(drawn(seed), drawn(seed + 100), absolute=32.0).reason for seed in range(20)]
    assert sum("drifts" in reason for reason in outcomes) <= 1


@pytest.mark.parametrize(
    ("n", "tail", "outcome"),
    [
        pytest.param(12_000, 0.005, Outcome.FAILED, id="delayed"),
        pytest.param(12_000, 0.0, Outcome.PASSED, id="not-delayed"),
        pytest.param(3000, 0.005, Outcome.INCONCLUSIVE, id="too-few-to-say"),
        pytest.param(3000, 0.0, Outcome.INCONCLUSIVE, id="too-few-to-pass"),
    ],
)
def test_a_delay_of_one_request_in_two_hundred_is_found_or_not_judged(n: int, tail: float, outcome: Outcome) -> None:
    late = np.where(np.random.default_rng(9).random(n) < tail, 300.0, 0.0)
    judgement = judge(drawn(1, n) + late, drawn(2, n), "p99.9", worse_than_baseline_by="20%", floor=20.0)
    assert judgement.outcome is outcome
    if outcome is Outcome.INCONCLUSIVE:
        assert judgement.n_needed == 10_000
        assert "67 s of this load, 3.3 times as long" in judgement.reason


def test_the_same_delay_is_nothing_to_a_p95() -> None:
    late = np.where(np.random.default_rng(9).random(12_000) < 0.005, 300.0, 0.0)
    assert judge(drawn(1, 12_000) + late, drawn(2, 12_000)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("candidate", "baseline"), [pytest.param(300, 150, id="fewer"), pytest.param(150, 300, id="more")]
)
def test_sides_with_unlike_numbers_of_requests_are_compared(candidate: int, baseline: int) -> None:
    seen = Observation(load(drawn(1, candidate), drawn(2, baseline)))
    limit = Limit(worse_than_baseline_by="50%", floor=0.5)
    asked = Criterion(
        id="c",
        sentence="It holds.",
        metric="response_ms",
        statistic="p50",
        unit="ms",
        comparison="<=",
        limit=limit,
        evidence=Floor(n=50),
    )
    assert judge_criterion(asked, seen).outcome is Outcome.PASSED
