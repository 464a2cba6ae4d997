"""Exponents are compared with their intervals: steep and dear fails, flat or cheap passes, noise and gaps settle nothing."""

from typing import Any

import numpy as np
import pytest

from godwit.checks import Costs, judge_scaling
from godwit.plan import Scaling
from godwit.verdict import Outcome

SIZES = (10, 100, 1000)


def scaling(**words: Any) -> Scaling:
    both = {"baseline": "SELECT 1", "candidate": "SELECT 1"}
    given = {
        "id": "listing", "sentence": "Listing grows no dearer", "fill": {"sql": both}, "counted": {"sql": both},
        "sizes": SIZES, "ask": [{"path": "/"}], "turns": 40, "exponent_worse_by_at_most": 0.2, "floor": 1.0,
    }  # fmt: skip
    return Scaling.model_validate(given | words)


def measured(
    baseline: float, candidate: float, noise: float = 0.05, turns: int = 40, scale: float = 1.0
) -> list[Costs]:
    """Costs that grow with these exponents, and vary by so much from turn to turn."""
    chance = np.random.default_rng(3)

    def turned(size: int, exponent: float) -> tuple[float, ...]:
        return tuple(scale * size**exponent * np.exp(chance.normal(0, noise, turns)))

    return [Costs(size, turned(size, baseline), turned(size, candidate)) for size in SIZES]


def test_a_steeper_cost_fails_with_both_exponents_and_their_intervals():
    judgement = judge_scaling(scaling(), measured(0.1, 1.0), seed=1)
    assert judgement.outcome is Outcome.FAILED
    assert judgement.actual.value == pytest.approx(1.0, abs=0.05)
    assert judgement.actual.interval.low < 1.0 < judgement.actual.interval.high
    assert judgement.baseline.value == pytest.approx(0.1, abs=0.05)


def test_an_equal_cost_passes():
    assert judge_scaling(scaling(), measured(0.5, 0.5), seed=1).outcome is Outcome.PASSED


def test_a_cost_that_grows_slower_passes():
    assert judge_scaling(scaling(), measured(1.0, 0.1), seed=1).outcome is Outcome.PASSED


def test_a_growth_below_the_floor_is_none_however_steep():
    assert judge_scaling(scaling(), measured(0.1, 1.0, scale=0.0005), seed=1).outcome is Outcome.PASSED


def test_noise_across_the_limit_settles_nothing():
    judgement = judge_scaling(scaling(exponent_worse_by_at_most=0.4), measured(0.5, 0.92, noise=1.5), seed=1)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "across the limit" in judgement.reason


def test_noise_that_hits_both_sides_at_once_does_not_hide_a_difference():
    chance = np.random.default_rng(5)
    bursts = [np.exp(np.abs(chance.normal(0, 1, 40))) for _ in SIZES]
    costs = [
        Costs(size, tuple(2 * burst), tuple(2 * size**0.5 * burst)) for size, burst in zip(SIZES, bursts, strict=True)
    ]
    assert judge_scaling(scaling(), costs, seed=1).outcome is Outcome.FAILED


def test_a_size_that_was_not_measured_settles_nothing():
    judgement = judge_scaling(scaling(), measured(0.1, 0.1)[:2], seed=1)
    assert (judgement.outcome, judgement.reason) == (Outcome.INCONCLUSIVE, "measured at 2 of 3 sizes")


def test_too_few_turns_settle_nothing():
    judgement = judge_scaling(scaling(), measured(0.1, 0.1, turns=39), seed=1)
    assert (judgement.outcome, judgement.reason[:20]) == (Outcome.INCONCLUSIVE, "39 turns on the base")


def test_a_cost_of_nothing_settles_nothing():
    costs = [Costs(size, (0.0,), (0.0,)) for size in SIZES]
    judgement = judge_scaling(scaling(cost="queries"), costs, seed=1)
    assert (judgement.outcome, "cost no queries" in judgement.reason) == (Outcome.INCONCLUSIVE, True)


def test_counted_costs_are_exact():
    costs = [Costs(size, (1.0,), (size + 1.0,)) for size in SIZES]
    judgement = judge_scaling(scaling(cost="queries"), costs, seed=1)
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].candidate == "10: 11, 100: 101, 1,000: 1001"
    assert judgement.actual.interval.low == judgement.actual.interval.high


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param({"sizes": (1, 10)}, "at least 3", id="two-sizes"),
        pytest.param({"sizes": (10, 100, 50)}, "sizes rise", id="falling"),
        pytest.param({"sizes": (10, 20, 50)}, "no exponent shows", id="too-near"),
        pytest.param({"fill": {}}, "exactly one way", id="no-filling"),
        pytest.param({"counted": {"request": {"path": "/"}}}, "request and at", id="nowhere-to-count"),
        pytest.param({"floor": 0}, "greater than 0", id="no-floor"),
    ],
)
def test_words_that_measure_nothing_are_refused(words: dict[str, Any], said: str):
    with pytest.raises(ValueError, match=said):
        scaling(**words)
