"""Criteria about resources are judged by what looks saw, and never by what nobody looked at."""

from dataclasses import replace

import pytest

from godwit.checks import METRICS, judge_criterion
from godwit.verdict import Observation, Outcome, Sample
from tests.checks.test_budgets import criterion, load, milliseconds


def sampled(**growth: float) -> Observation:
    """Ten looks; PSS, sockets and disk at every other only, as a sampler takes them."""
    looks = tuple(
        Sample(
            float(at), 0.1 * at, 50.0 + at if at % 2 == 0 else None, 90.0, 2, 40.0, 5, 20 + at,
            7 if at % 2 == 0 else None, 10.0 + at if at % 2 == 0 else None,
        )
        for at in range(11)
    )  # fmt: skip
    return Observation(load(milliseconds(100, 5)), {"candidate": looks}, {"candidate": growth})


@pytest.mark.parametrize(
    ("metric", "statistic", "value"),
    [
        pytest.param("memory_mb", "max", 60.0, id="memory"),
        pytest.param("descriptors", "max", 30.0, id="files"),
        pytest.param("threads", "mean", 5.0, id="threads"),
        pytest.param("connections", "max", 7.0, id="sockets"),
        pytest.param("disk_growth_mb", "max", 10.0, id="disk"),
        pytest.param("cpu_ms_per_request", "mean", 10.0, id="cpu"),
        pytest.param("gc_pause_percent", "share", 5.0, id="pauses-of-the-time"),
        pytest.param("gc_pause_ms", "mean", 25.0, id="one-pause"),
    ],
)
def test_resources_are_judged_by_what_looks_saw_of_them(metric: str, statistic: str, value: float) -> None:
    judgement = judge_criterion(criterion(metric, statistic, value + 1), sampled(gc_pause_s=0.5, gc_pauses=20))
    assert (judgement.outcome, judgement.actual and judgement.actual.value) == (Outcome.PASSED, pytest.approx(value))
    tighter = judge_criterion(criterion(metric, statistic, value - 1), sampled(gc_pause_s=0.5, gc_pauses=20))
    assert tighter.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "metric",
    [
        "descriptors",
        "threads",
        "connections",
        "disk_growth_mb",
        "cpu_ms_per_request",
        "gc_pause_percent",
        "gc_pause_ms",
    ],
)
def test_resources_that_nobody_looked_at_are_not_judged(metric: str) -> None:
    statistic = METRICS[metric].statistics[0]
    unseen = Observation(load(milliseconds(100, 5)))
    assert judge_criterion(criterion(metric, statistic, 1e9), unseen).outcome is Outcome.INCONCLUSIVE


def test_pauses_are_told_of_all_the_time_that_they_were_counted_in_and_rest_on_collections() -> None:
    seen = replace(sampled(gc_pause_s=0.5, gc_pauses=4), warmup_s=10.0)
    actual = judge_criterion(criterion("gc_pause_percent", "share", 3.0), seen).actual
    assert actual
    assert (actual.value, actual.n) == (pytest.approx(2.5), 4)
