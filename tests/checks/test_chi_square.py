"""Pearson's test with an exact tail: published critical values come out, small cells are joined."""

import math

import numpy as np
import pytest

from godwit.checks.chi_square import independence, spread, tail
from godwit.checks.intervals import binomial_cdf, binomial_range

PUBLISHED = [
    (3.841, 1, 0.05),
    (10.828, 1, 0.001),
    (5.991, 2, 0.05),
    (7.815, 3, 0.05),
    (18.307, 10, 0.05),
    (29.588, 10, 0.001),
    (43.773, 30, 0.05),
    (124.342, 100, 0.05),
    (149.449, 100, 0.001),
]


@pytest.mark.parametrize(("statistic", "degrees", "likelihood"), PUBLISHED, ids=lambda each: f"{each:g}")
def test_the_tail_is_that_of_the_published_tables(statistic: float, degrees: int, likelihood: float) -> None:
    assert tail(statistic, degrees) == pytest.approx(likelihood, rel=2e-3)


@pytest.mark.parametrize(("statistic", "degrees"), [(0.0, 5), (1e7, 5), (1e7, 1000), (900.0, 1001)])
def test_the_tail_stays_between_nothing_and_all(statistic: float, degrees: int) -> None:
    assert 0 <= tail(statistic, degrees) <= 1


def test_the_tail_of_two_degrees_is_an_exponential() -> None:
    assert tail(7.0, 2) == pytest.approx(math.exp(-3.5))


def test_small_cells_are_joined_until_each_expects_enough() -> None:
    test = spread(np.asarray([1, 2, 3, 94]), np.asarray([0.01, 0.02, 0.03, 0.94]))
    assert test is not None
    assert test.degrees == 1


def test_one_cell_tells_nothing() -> None:
    assert spread(np.asarray([3, 3]), np.asarray([0.5, 0.5])) is None


def test_a_table_with_a_poor_cell_tells_nothing() -> None:
    assert independence(np.asarray([[4, 4], [4, 4]])) is None
    assert independence(np.zeros((2, 2), np.int64)) is None


def test_margins_alone_are_no_dependence() -> None:
    test = independence(np.asarray([[90, 10], [810, 90]]))
    assert test is not None
    assert test.statistic == pytest.approx(0)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("n", [5, 800, 40_000])
def test_the_range_of_counts_is_that_of_the_whole_distribution(n: int, share: float) -> None:
    cdf = binomial_cdf(n, share)
    low, high = np.searchsorted(cdf, 0.0005, side="right"), np.searchsorted(cdf, 0.9995, side="left")
    assert binomial_range(n, share, 0.999) == (low, min(high, n))
