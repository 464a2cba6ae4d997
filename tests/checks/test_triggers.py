"""A trigger fires beyond its limit, stays quiet within it, and says so when it cannot know."""

import math
from typing import Any

import pytest

from godwit.checks import Reading, TriggerReading, fires, judge_provoked, judge_quiet, trigger_reading
from godwit.plan import Limit, Provocation, Request, Trigger
from godwit.verdict import LoadRun, Observation, Outcome, PlanError, Series


def trigger(**changed: Any) -> Trigger:
    fields: dict[str, Any] = {
        "id": "errors",
        "sentence": "Too much fails.",
        "metric": "error_rate_percent",
        "statistic": "share",
        "comparison": ">",
        "limit": Limit(absolute=5),
        "window_s": 60.0,
        "min_samples": 100,
        "runbook": "full",
        "provoke": Provocation(fault={"error_rate": 0.3}, requests=(Request(path="/x"),), times=10),
    }
    return Trigger(**(fields | changed))


SLOWER = trigger(metric="response_ms", statistic="p95", limit=Limit(worse_than_baseline_by="20%", floor=10))
LESS = trigger(
    metric="throughput_per_s",
    statistic="rate",
    comparison="<",
    limit=Limit(worse_than_baseline_by="20%", floor=1),
)


@pytest.mark.parametrize(
    ("given_trigger", "reading", "says"),
    [
        pytest.param(trigger(), TriggerReading(5.1, 100), Reading.FIRED, id="beyond"),
        pytest.param(trigger(), TriggerReading(5.0, 100), Reading.QUIET, id="at-the-limit"),
        pytest.param(trigger(), TriggerReading(90.0, 99), Reading.UNKNOWN, id="too-few-samples"),
        pytest.param(trigger(), TriggerReading(math.nan, 100), Reading.UNKNOWN, id="no-value"),
        pytest.param(trigger(), TriggerReading(math.inf, 100), Reading.FIRED, id="infinite"),
        pytest.param(SLOWER, TriggerReading(121, 100, 100), Reading.FIRED, id="slower"),
        pytest.param(SLOWER, TriggerReading(119, 100, 100), Reading.QUIET, id="a-little-slower"),
        pytest.param(SLOWER, TriggerReading(14, 100, 5), Reading.QUIET, id="under-the-floor"),
        pytest.param(SLOWER, TriggerReading(121, 100), Reading.UNKNOWN, id="no-baseline"),
        pytest.param(SLOWER, TriggerReading(121, 100, math.inf), Reading.UNKNOWN, id="failing-baseline"),
        pytest.param(LESS, TriggerReading(79, 100, 100), Reading.FIRED, id="less-throughput"),
        pytest.param(LESS, TriggerReading(81, 100, 100), Reading.QUIET, id="a-little-less"),
    ],
)
def test_a_trigger_is_read(given_trigger: Trigger, reading: TriggerReading, says: Reading) -> None:
    assert fires(given_trigger, reading).reading is says


def test_a_relative_limit_on_an_unknown_metric_is_refused() -> None:
    with pytest.raises(PlanError, match="no metric 'mood'"):
        fires(SLOWER.model_copy(update={"metric": "mood"}), TriggerReading(1, 100, 1))


@pytest.mark.parametrize(
    ("reading", "provoked", "quiet"),
    [
        pytest.param(TriggerReading(50, 100), Outcome.PASSED, Outcome.FAILED, id="fired"),
        pytest.param(TriggerReading(1, 100), Outcome.FAILED, Outcome.PASSED, id="quiet"),
        pytest.param(TriggerReading(50, 1), Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, id="unknown"),
    ],
)
def test_a_drill_is_judged_by_what_the_trigger_says(reading: TriggerReading, provoked: Outcome, quiet: Outcome) -> None:
    assert judge_provoked(trigger(), reading).outcome is provoked
    assert judge_quiet(trigger(), reading).outcome is quiet


def observed(side: str, answered: int, failed: int, **counters: float) -> Observation:
    series = Series((20_000,) * answered, failed)
    load = LoadRun("drill", 10.0, series.n, 0.0, 0.0, {side: {"provoked": series}})
    return Observation(load, counters={side: counters})


@pytest.mark.parametrize(
    ("given_trigger", "seen", "value"),
    [
        pytest.param(trigger(), observed("candidate", 70, 30), 30.0, id="errors"),
        pytest.param(
            trigger(metric="corruptions", statistic="count"),
            observed("candidate", 3, 0, corruptions=2),
            2.0,
            id="counter",
        ),
        pytest.param(
            trigger(metric="reported_error_rate_percent"),
            observed("candidate", 10, 0, reported_errors=4, reported_requests=10),
            40.0,
            id="what-the-stack-reports",
        ),
    ],
)
def test_a_trigger_reads_its_metric_off_an_observation(given_trigger: Trigger, seen: Observation, value: float) -> None:
    reading = trigger_reading(given_trigger, seen, "candidate")
    assert (reading.value, reading.n, reading.baseline) == (value, seen.load.asked, None)


def test_a_relative_trigger_reads_the_baseline_too() -> None:
    reading = trigger_reading(SLOWER, observed("candidate", 100, 0), "candidate", observed("baseline", 100, 0))
    assert (reading.value, reading.baseline) == (20.0, 20.0)


def test_a_metric_that_was_not_measured_leaves_the_trigger_unknown() -> None:
    silent = trigger(metric="corruptions", statistic="count", min_samples=1)
    reading = trigger_reading(silent, observed("candidate", 3, 0), "candidate")
    assert fires(silent, reading).reading is Reading.UNKNOWN


def test_a_statistic_that_the_metric_does_not_have_is_refused() -> None:
    with pytest.raises(PlanError, match="known: share, rate"):
        trigger_reading(trigger(statistic="p95"), observed("candidate", 3, 0), "candidate")
