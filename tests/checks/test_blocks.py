"""Slices of time: what follows itself is not taken for many values, and what hits both sides at once is not held against one."""

import math

import numpy as np
import pytest

from godwit.checks.blocks import DRAWN, Blocks, blocks_of, wide_middle
from godwit.checks.estimates import estimate
from godwit.checks.intervals import Floats, quantile, quantile_interval
from godwit.checks.measured import Samples


def blocks(values: Floats) -> Blocks:
    return blocks_of(values, np.arange(len(values)), 0, len(values), 2 * DRAWN)


def followed(seed: int, n: int = 2000, kept: float = 0.95) -> Floats:
    """Latencies of around 100 ms that resemble those before them for some twenty requests."""
    chance = np.random.default_rng(seed)
    level, own = np.zeros(n), chance.normal(0, math.sqrt(1 - kept**2), n)
    level[0] = chance.normal()
    for place in range(1, n):
        level[place] = kept * level[place - 1] + own[place]
    return 100 + 10 * level


@pytest.mark.parametrize(
    "n", [pytest.param(60, id="few"), pytest.param(7000, id="more-than-are-looked-through-at-once")]
)
@pytest.mark.parametrize("share", [pytest.param(0.5, id="p50"), pytest.param(0.99, id="p99")])
def test_a_resample_is_what_drawing_whole_slices_gives(n: int, share: float) -> None:
    values = np.random.default_rng(3).exponential(size=n)
    cut = blocks(values)
    drawn = np.random.default_rng(5).multinomial(cut.slices, [1 / cut.slices] * cut.slices, 20).astype(float)
    found = cut.quantiles(share, drawn)
    for row in (0, 1, 19):
        again = np.repeat(cut.values, drawn[row][cut.places].astype(int))
        assert found[row] == quantile(np.sort(again), share)


def test_values_that_follow_one_another_are_covered_as_often_as_promised_and_were_not_before() -> None:
    true, hits, naive = 100 + 10 * 1.6449, 0, 0
    for seed in range(100):
        values = followed(seed)
        found = estimate(Samples(np.sort(values), 0, blocks(values)), "p95", 0.95)
        low, high = quantile_interval(np.sort(values), 0.95, 0.95)
        hits += found.low <= true <= found.high  # type: ignore[union-attr]
        naive += low <= true <= high
    assert naive < 60
    assert hits >= 85


def test_values_that_do_not_follow_one_another_cost_little_more() -> None:
    values = np.random.default_rng(1).normal(100, 10, 4000)
    found = estimate(Samples(np.sort(values), 0, blocks(values)), "p50", 0.95)
    low, high = quantile_interval(np.sort(values), 0.5, 0.95)
    assert high - low <= found.high - found.low < 2 * (high - low)  # type: ignore[union-attr]


def test_few_slices_are_told_with_a_wider_interval() -> None:
    drawn = np.random.default_rng(4).normal(size=100_000)
    # Student's 97.5 % for nine degrees of freedom, times the root of 10 / 9.
    assert wide_middle(drawn, 0.95)[1] == pytest.approx(2.262 * math.sqrt(10 / 9), rel=0.03)


def test_a_slice_with_nothing_in_it_has_no_level() -> None:
    cut = blocks_of(np.array([1.0, 2.0]), np.array([0, 9]), 0, 10, 10)
    assert list(np.flatnonzero(np.isfinite(cut.levels(0.5)))) == [0, 9]
