"""Whether a rollback trigger fires on what was read; too few samples are never silence."""

import math
from dataclasses import dataclass
from enum import StrEnum

from godwit.checks.budgets import settle
from godwit.checks.estimates import estimate
from godwit.checks.measured import Missing
from godwit.checks.metrics import METRICS
from godwit.plan import Trigger
from godwit.verdict import (
    Finding,
    Judgement,
    Measurement,
    Observation,
    Outcome,
    PlanError,
    failed,
    inconclusive,
    passed,
)


class Reading(StrEnum):
    """What a trigger says."""

    FIRED = "fired"
    QUIET = "quiet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TriggerReading:
    """What was read within a trigger's window: the metric's value, on how many samples, and the baseline's value."""

    value: float
    n: int
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """What a trigger says and why; `limit` is the limit as it was applied."""

    reading: Reading
    reason: str
    actual: Measurement
    limit: str = ""


def trigger_reading(
    trigger: Trigger, observed: Observation, side: str, reference: Observation | None = None
) -> TriggerReading:
    """Read a trigger's metric off an observation of `side`, and off the baseline's own where there is one.

    What was not measured is NaN, which neither fires nor is quiet; n is the number of requests behind the reading.
    """
    baseline = None if reference is None else _value(trigger, reference, "baseline")
    return TriggerReading(_value(trigger, observed, side), observed.load.asked, baseline)


def _value(trigger: Trigger, observed: Observation, side: str) -> float:
    metric = METRICS.get(trigger.metric)
    if metric is None or trigger.statistic not in metric.statistics:
        allowed = ", ".join(metric.statistics) if metric else ", ".join(METRICS)
        raise PlanError(f"triggers.{trigger.id}: no {trigger.statistic} of {trigger.metric!r}; known: {allowed}")
    measured = metric.measure(observed, side, None)
    found = measured if isinstance(measured, Missing) else estimate(measured, trigger.statistic, 0.95)
    return math.nan if isinstance(found, Missing) else found.value


def fires(trigger: Trigger, observed: TriggerReading) -> Firing:
    """Read a trigger: fired when the value is beyond its limit, unknown on fewer than `min_samples`.

    A limit relative to the baseline is unknown without the baseline's value. Raises PlanError for a relative limit
    on a metric of which the table does not know which way is better.
    """
    metric = METRICS.get(trigger.metric)
    actual = Measurement(trigger.metric, observed.value, metric.unit if metric else "", observed.n)
    if observed.n < trigger.min_samples:
        return Firing(Reading.UNKNOWN, f"{observed.n} of {trigger.min_samples} samples", actual)
    limit = _limit(trigger, observed.baseline)
    if limit is None or math.isnan(observed.value):
        what = "no value" if math.isnan(observed.value) else "no baseline to compare with"
        return Firing(Reading.UNKNOWN, what, actual)
    told = f"{trigger.comparison} {limit:.4g}"
    fired = settle(observed.value, observed.value, trigger.comparison, limit) is Outcome.PASSED
    reason = f"{trigger.metric} {observed.value:.4g} on {observed.n} samples, fires at {told}"
    return Firing(Reading.FIRED if fired else Reading.QUIET, reason, actual, told)


def judge_provoked(trigger: Trigger, observed: TriggerReading) -> Judgement:
    """Judge that a provoked trigger fires."""
    return _judge(trigger, fires(trigger, observed), Reading.FIRED)


def judge_quiet(trigger: Trigger, observed: TriggerReading) -> Judgement:
    """Judge that a trigger stays quiet on a healthy candidate."""
    return _judge(trigger, fires(trigger, observed), Reading.QUIET)


def _limit(trigger: Trigger, baseline: float | None) -> float | None:
    limit = trigger.limit
    if limit.absolute is not None:
        return limit.absolute
    if trigger.metric not in METRICS:
        known = ", ".join(METRICS)
        raise PlanError(f"triggers.{trigger.id}.metric: no metric {trigger.metric!r} to compare; known: {known}")
    if baseline is None or not math.isfinite(baseline):
        return None
    margin = max((limit.worse_than_baseline_by or 0.0) / 100 * abs(baseline), limit.floor or 0.0)
    return baseline + margin if METRICS[trigger.metric].better == "lower" else baseline - margin


def _judge(trigger: Trigger, firing: Firing, wanted: Reading) -> Judgement:
    if firing.reading is Reading.UNKNOWN:
        return inconclusive(
            f"{trigger.id}: {firing.reason}", actual=firing.actual, limit=firing.limit, n_needed=trigger.min_samples
        )
    reason = f"{trigger.id} {'fired' if firing.reading is Reading.FIRED else 'stayed quiet'}: {firing.reason}"
    if firing.reading is wanted:
        return passed(reason, actual=firing.actual, limit=firing.limit)
    finding = Finding("trigger", trigger.id, wanted.value, firing.reading.value, "expected against seen")
    return failed(reason, [finding], actual=firing.actual, limit=firing.limit)
