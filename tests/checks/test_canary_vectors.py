"""Published series on which a widely used judge errs, and what they ought to give; the source of each row is its id."""

import math

import numpy as np
import pytest

from godwit.checks import Pairs, Rules, Ruling, rule
from godwit.plan import JudgeMetric

NAN = math.nan
ZEROS = (0.0,) * 10


def judged(baseline, candidate, min_n=5, missing="zero") -> Ruling:
    """One look at a metric that is worse when it is higher, at the 5 % that the sources ask for."""
    metric = JudgeMetric(
        id="m", metric="m", kind="distribution", worse="higher", tolerance=0.0, floor=0.0,
        tail="p90", tail_tolerance=0.0, min_n=min_n, why="the published series are as long as they are", missing=missing,
    )  # fmt: skip
    pairs = Pairs(np.array(baseline, dtype=float), np.array(candidate, dtype=float))
    return rule(metric, pairs, Rules(alpha=0.05, shares=1, planned=len(candidate), looks=1))


@pytest.mark.parametrize(
    ("baseline", "candidate", "p"),
    [
        pytest.param(
            (NAN, 0, NAN, 0, 0, NAN, 0, NAN, 0, 0),
            (NAN, 0.048, NAN, 0.18, 0.089, NAN, 0.098, 0.035, NAN, NAN),
            0.016,
            id="spinnaker/spinnaker#5622: an incident in production that was missed",
        ),
        pytest.param((1,) * 10, (100,) * 7 + (1,) * 3, 0.0015, id="spinnaker/spinnaker#6278: a hundredfold in seven of ten"),
        pytest.param((0,) * 5, (1, 4, 2, 3, 1), 0.004, id="spinnaker/kayenta#799: errors against none"),
        pytest.param(
            (NAN, 0, 0, NAN, 0, 0, 0, NAN),
            (2, 5, NAN, 3, 4, 2, 6, 3),
            0.0007,
            id="spinnaker/kayenta#377: errors put in to test the gate",
        ),
    ],
)  # fmt: skip
def test_harm_that_was_passed_is_an_abort(baseline, candidate, p):
    found = judged(baseline, candidate)
    assert found.decision == "abort"
    # The whole has 62 % of the bets, so the chance that the source computed appears divided by that.
    assert 0.05**found.worse == pytest.approx(p / 0.62, rel=0.5)


def test_too_little_against_zero_is_held__spinnaker_kayenta_426():
    found = judged((0,) * 6, (0, 1, 2, 1, 0, 0))
    assert found.decision == "hold"
    assert 0.05**found.worse == pytest.approx(0.0909 / 0.62, rel=0.01)


def test_a_wider_spread_with_the_same_median_is_an_abort__spinnaker_kayenta_780():
    chance = np.random.default_rng(780)
    narrow, wide = chance.normal(100, 5, 50), chance.normal(100, 40, 50)
    assert np.median(narrow) == pytest.approx(np.median(wide), rel=0.1)
    assert judged(narrow, wide).decision == "abort"


def test_a_large_change_on_too_few_points_is_held__spinnaker_kayenta_633():
    found = judged((2, 2, 2), (15, 15, 15), min_n=50)
    assert (found.decision, found.reason) == ("hold", "3 values a side, min_n is 50")


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [
        pytest.param((NAN,) * 10, (NAN,) * 10, id="nothing on either side"),
        pytest.param(ZEROS, (NAN,) * 10, id="nothing on the candidate"),
        pytest.param((), (), id="no points"),
        pytest.param(ZEROS, ZEROS, id="nothing but zeros at one look"),
    ],
)
def test_a_group_without_data_is_never_promoted(baseline, candidate):
    assert judged(baseline, candidate, missing="inconclusive").decision == "hold"
