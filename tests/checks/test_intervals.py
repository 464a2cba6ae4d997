"""Intervals hold what they promise: simulated again and again, they miss no more often than they say."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks.intervals import (
    binomial_cdf,
    binomial_range,
    floats,
    middle,
    quantile,
    quantile_interval,
    rate_interval,
    resampled_means,
    resampled_quantiles,
    share_interval,
)


@pytest.mark.parametrize(
    ("share", "n"),
    [pytest.param(0.5, 50, id="p50"), pytest.param(0.95, 200, id="p95"), pytest.param(0.99, 1000, id="p99")],
)
def test_the_interval_of_a_quantile_covers_it_as_often_as_promised(share: float, n: int) -> None:
    chance = np.random.default_rng(7)
    true = -math.log(1 - share)
    hits = 0
    for _ in range(1000):
        low, high = quantile_interval(np.sort(chance.exponential(size=n)), share, 0.95)
        hits += low <= true <= high
    assert hits >= 935  # 950 promised; the interval is exact, so only the simulation's own chance is allowed for


def test_the_interval_of_a_share_covers_it_as_often_as_promised() -> None:
    chance = np.random.default_rng(7)
    counts = chance.binomial(300, 0.03, 1000)
    hits = sum(low <= 0.03 <= high for low, high in (share_interval(int(count), 300, 0.95) for count in counts))
    assert hits >= 940


def test_the_interval_of_a_rate_covers_it_as_often_as_promised() -> None:
    chance = np.random.default_rng(7)
    counts = chance.poisson(400, 1000)
    hits = sum(low <= 40 <= high for low, high in (rate_interval(int(count), 10, 0.95) for count in counts))
    assert hits >= 935


def test_the_bootstrap_of_a_mean_covers_it_nearly_as_often_as_promised() -> None:
    chance = np.random.default_rng(7)
    hits = 0
    for _ in range(200):
        low, high = middle(resampled_means(chance.normal(10, 3, 100), 1), 0.95)
        hits += low <= 10 <= high
    assert hits >= 180


def test_the_resampled_quantile_agrees_with_drawing_every_resample() -> None:
    values = np.sort(np.random.default_rng(3).exponential(size=300))
    chance = np.random.default_rng(4)
    drawn = [quantile(np.sort(chance.choice(values, 300)), 0.95) for _ in range(2000)]
    fast = resampled_quantiles(values, 0.95, 5)
    assert np.mean(fast) == pytest.approx(np.mean(drawn), rel=0.02)
    assert np.std(fast) == pytest.approx(np.std(drawn), rel=0.15)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = floats([1, 5, 9, 12])
    assert (resampled_means(values, 3) == resampled_means(values, 3)).all()


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        pytest.param(0, 100, 0.0, 0.036217, id="none"),
        pytest.param(5, 100, 0.016432, 0.112835, id="five"),
        pytest.param(100, 100, 0.963783, 1.0, id="all"),
    ],
)
def test_the_interval_of_a_share_is_the_exact_one(count: int, n: int, low: float, high: float) -> None:
    assert share_interval(count, n, 0.95) == pytest.approx((low, high), abs=1e-5)


def test_beyond_twenty_thousand_trials_the_interval_stays_close_to_the_exact_one() -> None:
    exact, wilson = share_interval(200, 20_000, 0.95), share_interval(201, 20_001, 0.95)
    assert wilson == pytest.approx(exact, rel=0.03)


def test_too_few_values_leave_a_quantile_without_an_upper_bound() -> None:
    assert quantile_interval(np.arange(20.0), 0.95, 0.95)[1] == math.inf


@given(st.integers(1, 40), st.integers(1, 99))
def test_the_binomial_distribution_is_exact(n: int, percent: int) -> None:
    share = Fraction(percent, 100)
    exact = [math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    assert binomial_cdf(n, float(share)) == pytest.approx([float(sum(exact[: k + 1])) for k in range(n + 1)], abs=1e-9)


@given(st.integers(1, 2000), st.floats(0, 1), st.sampled_from([0.9, 0.99, 0.999]))
def test_the_range_that_chance_allows_leaves_out_no_more_than_promised(n: int, share: float, confidence: float) -> None:
    low, high = binomial_range(n, share, confidence)
    cdf = binomial_cdf(n, share)
    outside = (cdf[low - 1] if low else 0.0) + (1 - cdf[high])
    assert 0 <= low <= high <= n
    assert outside <= 1 - confidence + 1e-9


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.floats(0.01, 0.99))
def test_a_quantile_is_a_value_that_was_seen_and_enough_lie_under_it(values: list[float], share: float) -> None:
    found = quantile(floats(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
