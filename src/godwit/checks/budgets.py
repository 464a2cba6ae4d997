"""Judges a measured criterion by the interval of its statistic: inside the limit, outside, or across; never on too little."""

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from godwit.checks.blocks import wide_middle
from godwit.checks.estimates import SEED, SHARES, Estimate, estimate
from godwit.checks.generator import unfit
from godwit.checks.intervals import Floats, middle, samples_needed, samples_to_bound
from godwit.checks.measured import Missing
from godwit.checks.metrics import METRICS, Metric
from godwit.checks.steadiness import steadiness
from godwit.plan import USUAL_FLOORS, Criterion, Floor, Limit
from godwit.verdict import (
    Finding,
    Interval,
    Judgement,
    LoadRun,
    Measurement,
    Observation,
    Outcome,
    PlanError,
    failed,
    inconclusive,
)


def judge_criterion(criterion: Criterion, observation: Observation, side: str = "candidate") -> Judgement:
    """Judge one measured criterion on one side of an observation.

    Inconclusive: a load that was not what was asked for, nothing measured, fewer samples than the evidence floor
    (a p95 needs 200, a p99 1,000 and a p99.9 10,000 unless `evidence.why` says otherwise), an interval across the limit
    (with the n and the seconds that would settle it), a run that had not come to rest and would have been judged otherwise.
    Response times are judged by slices of time, the same on both sides. A side that failed every request never passes.
    Values may be infinite. Raises PlanError for a criterion without a metric, and for a metric, statistic, unit or
    direction that the table does not have.
    """
    metric, scale = metric_of(criterion)
    floor, limit = criterion.evidence, criterion.limit
    if floor is None or limit is None or criterion.statistic is None or criterion.comparison is None:
        raise PlanError(
            f"criteria.{criterion.id}: a measured criterion needs statistic, comparison, limit and evidence"
        )
    if trouble := unfit(observation.load):
        return inconclusive(trouble)
    found = _estimate(metric, criterion, floor, observation, side)
    if isinstance(found, Judgement):
        return found
    if limit.absolute is not None:
        judgement = _absolute(metric, criterion, found, limit.absolute * scale, floor, observation)
    else:
        against = _estimate(metric, criterion, floor, observation, "baseline")
        if isinstance(against, Judgement):
            return against
        judgement = _relative(metric, criterion, found, against, _scaled(limit, scale), floor, observation)
    return _on_answers(judgement, observation.load, side)


def metric_of(criterion: Criterion) -> tuple[Metric, float]:
    """The metric of a criterion, and how many of the metric's units one of the criterion's is. Raises PlanError."""
    where = f"criteria.{criterion.id}"
    metric = METRICS.get(criterion.metric or "")
    if metric is None:
        near = difflib.get_close_matches(criterion.metric or "", METRICS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(METRICS)}"
        raise PlanError(f"{where}.metric: no metric {criterion.metric!r}; {hint}")
    if criterion.statistic not in metric.statistics:
        allowed = ", ".join(metric.statistics)
        raise PlanError(f"{where}.statistic: {metric.name} has no {criterion.statistic}; it has {allowed}")
    if criterion.unit not in (metric.unit, *metric.units):
        allowed = ", ".join(filter(None, dict.fromkeys([metric.unit, *metric.units])))
        raise PlanError(f"{where}.unit: {metric.name} is not told in {criterion.unit!r}; write one of {allowed}")
    wrong = (">", ">=") if metric.better == "lower" else ("<", "<=")
    if criterion.limit and criterion.limit.absolute is None and criterion.comparison in (*wrong, "=="):
        right = "< or <=" if metric.better == "lower" else "> or >="
        raise PlanError(f"{where}.comparison: {metric.better} {metric.name} is better; a relative limit needs {right}")
    return metric, metric.units.get(criterion.unit or "", 1.0)


def settle(low: float, high: float, comparison: str, limit: float) -> Outcome:
    """Judge an interval against a limit: inside passed, outside failed, across inconclusive."""
    if comparison in (">", ">="):
        low, high, limit, comparison = -high, -low, -limit, comparison.replace(">", "<")
    if comparison == "==":
        exact = low == high == limit
        return Outcome.PASSED if exact else (Outcome.INCONCLUSIVE if low <= limit <= high else Outcome.FAILED)
    strict = comparison == "<"
    if high < limit or (high == limit and not strict):
        return Outcome.PASSED
    return Outcome.FAILED if low > limit or (low == limit and strict) else Outcome.INCONCLUSIVE


def _estimate(
    metric: Metric, criterion: Criterion, floor: Floor, observation: Observation, side: str
) -> Estimate | Judgement:
    statistic = str(criterion.statistic)
    measured = metric.measure(observation, side, criterion.operation)
    found = measured if isinstance(measured, Missing) else estimate(measured, statistic, floor.confidence)
    if isinstance(found, Missing):
        return inconclusive(found.why)
    needed = max(floor.n, 0 if floor.why else USUAL_FLOORS.get(statistic, 0))
    # A count is its own evidence: that there were few failures must not be too little to say so.
    n = found.n if metric.better == "higher" or statistic != "count" else _requests(observation.load, side)
    if n < needed:
        reason = f"{n} samples of {metric.name} on the {side}, {needed} are needed for {statistic}"
        reason += _longer(observation.load, n, needed)
        return inconclusive(reason, actual=_measurement(metric, found, floor, observation), n_needed=needed)
    return found


def _requests(load: LoadRun, side: str) -> int:
    return sum(series.n for series in load.sides.get(side, {}).values())


def _measurement(metric: Metric, found: Estimate, floor: Floor, observation: Observation) -> Measurement:
    interval = None if found.low == found.high else Interval(found.low, found.high, floor.confidence)
    source = observation.load.source or observation.load.profile
    return Measurement(metric.name, found.value, metric.unit, found.n, interval, source)


def _absolute(
    metric: Metric, criterion: Criterion, found: Estimate, limit: float, floor: Floor, observation: Observation
) -> Judgement:
    comparison = str(criterion.comparison)
    outcome = settle(found.low, found.high, comparison, limit)
    actual = _measurement(metric, found, floor, observation)
    told = f"{comparison} {limit:g} {metric.unit}"
    reason = f"{criterion.statistic} {said(actual)}, limit {told}"
    needed = _needed(criterion, floor, samples_needed(found.value, found.low, found.high, limit, found.n), found)
    if found.sliced and comparison in ("<", "<="):
        sliced = found.sliced
        later = _Later(sliced.levels - limit, found.value - limit, lambda start: sliced.without(start).value - limit)
        if trouble := _unsettled(later, outcome, metric, observation):
            return inconclusive(f"{trouble}: {reason}", actual=actual, limit=told)
    return _judgement(outcome, reason, actual, None, told, needed, observation.load)


def _relative(
    metric: Metric,
    criterion: Criterion,
    found: Estimate,
    against: Estimate,
    limit: Limit,
    floor: Floor,
    observation: Observation,
) -> Judgement:
    """Judge the difference of both sides, resampled together, against what the limit allows."""
    actual = _measurement(metric, found, floor, observation)
    baseline = _measurement(metric, against, floor, observation)
    if not math.isfinite(against.value):
        return inconclusive(
            "the baseline itself failed: there is nothing to compare with", actual=actual, baseline=baseline
        )
    point = float(_excess(metric, np.array([found.value]), np.array([against.value]), limit)[0])
    low, high, later = _excess_interval(metric, found, against, limit, floor.confidence)
    low, high = min(low, point), max(high, point)
    strict = "<" if criterion.comparison in ("<", ">") else "<="
    outcome = settle(low, high, strict, 0.0)
    worse, margin = _worse(metric, found.value, against.value), _margin(limit, against.value)
    sign = "+" if metric.better == "lower" else "-"
    share = f"max({limit.worse_than_baseline_by:g} %, {limit.floor:g} {metric.unit})"
    told = f"{criterion.comparison} {against.value + (margin if sign == '+' else -margin):.4g} {metric.unit}"
    told += f" (baseline {sign} {share})"
    reason = (
        f"{criterion.statistic} {said(actual)}, worse by {worse:.4g} {metric.unit} than the baseline's {said(baseline)}"
    )
    reason += f", {margin:.4g} {metric.unit} allowed"
    if later and (trouble := _unsettled(later, outcome, metric, observation)):
        return inconclusive(f"{trouble}: {reason}", actual=actual, baseline=baseline, limit=told)
    fewer = min(found, against, key=lambda each: each.n)
    needed = _needed(criterion, floor, samples_needed(point, low, high, 0.0, fewer.n), fewer)
    return _judgement(outcome, reason, actual, baseline, told, needed, observation.load)


def _excess_interval(
    metric: Metric, found: Estimate, against: Estimate, limit: Limit, confidence: float
) -> tuple[float, float, "_Later | None"]:
    """The interval of how much worse than allowed: by slices of time of both sides together, where they are known.

    A disturbance that hits both sides at once then does not widen it, and one that lasts does not narrow it. A quantile
    that is not bounded on one side leaves the difference unbounded.
    """
    if found.sliced is None or against.sliced is None:
        drawn = _excess(metric, *_same_length(found.resampled(SEED), against.resampled(SEED + 7)), limit)
        return *middle(drawn, confidence), None
    slices = min(each.blocks.slices for each in (found.sliced, against.sliced))
    one, other = (each.merged(slices) for each in (found.sliced, against.sliced))
    levels = _excess(metric, one.levels, other.levels, limit)
    drawn = _excess(metric, one.resampled(SEED), other.resampled(SEED), limit)
    low, high = wide_middle(drawn, confidence)
    low = low if math.isfinite(against.high) else -math.inf
    high = high if math.isfinite(found.high) else math.inf

    def after(start: int) -> float:
        values, baselines = (np.array([each.without(start).value]) for each in (one, other))
        return float(_excess(metric, values, baselines, limit)[0])

    return low, high, _Later(levels, after(0), after)


@dataclass(frozen=True, slots=True)
class _Later:
    """How far over the limit a run was, slice by slice, in all, and without its first slices: what it would have come to."""

    levels: Floats
    over: float
    after: Callable[[int], float]

    def trouble(self, outcome: Outcome, unit: str, load: LoadRun) -> str:
        """Why this outcome may be no more than a run that had not come to rest; nothing if it is not."""
        seen = steadiness(self.levels)
        if outcome is Outcome.PASSED:
            if seen.rise <= 0 or self.over + seen.rise <= 0:
                return ""
            drift = f"it drifts: slower by {seen.rise:.4g} {unit} at the end than at the beginning"
            return f"{drift}, and over the limit if that went on as long again; measure for longer"
        if seen.start and self.after(seen.start) <= 0:
            slow_s = seen.start * load.seconds / len(self.levels)
            return f"it had not settled: the first {slow_s:.3g} s alone were too slow; add {2 * slow_s:.3g} to warmup_s"
        if outcome is Outcome.FAILED and seen.rise < 0 and self.over + seen.rise <= 0:
            return (
                f"it drifts: faster by {-seen.rise:.4g} {unit} at the end than at the beginning; give it more warmup_s"
            )
        return ""


def _unsettled(later: _Later, outcome: Outcome, metric: Metric, observation: Observation) -> str:
    """Why this outcome may be no more than a run that had not come to rest. Turns are new processes: none settles in them."""
    return "" if observation.timings else later.trouble(outcome, metric.unit, observation.load)


def _needed(criterion: Criterion, floor: Floor, needed: int | None, found: Estimate) -> int | None:
    """How many samples would settle it; at least so many that the quantile has an upper bound."""
    share = SHARES.get(str(criterion.statistic))
    if share is None or math.isfinite(found.high) or not math.isfinite(found.value):
        return needed
    return max(samples_to_bound(share, floor.confidence), needed or 0)


def _longer(load: LoadRun, n: int, needed: int) -> str:
    """What so many samples cost: seconds of the same load, and how many times as long as this one."""
    if n <= 0 or needed <= n:
        return ""
    times = needed / n
    return f": {math.ceil(load.seconds * times):,} s of this load, {times:.1f} times as long"


def _scaled(limit: Limit, scale: float) -> Limit:
    return limit.model_copy(update={"floor": (limit.floor or 0.0) * scale})


def _worse(metric: Metric, value: float, baseline: float) -> float:
    return value - baseline if metric.better == "lower" else baseline - value


def _margin(limit: Limit, baseline: float) -> float:
    return max((limit.worse_than_baseline_by or 0.0) / 100 * abs(baseline), limit.floor or 0.0)


def _excess(metric: Metric, values: Floats, baselines: Floats, limit: Limit) -> Floats:
    """How much worse than allowed; where the baseline has no finite value, infinitely."""
    usable = np.where(np.isfinite(baselines), baselines, 0.0)
    worse = values - usable if metric.better == "lower" else usable - values
    margins = np.maximum((limit.worse_than_baseline_by or 0.0) / 100 * np.abs(usable), limit.floor or 0.0)
    excess: Floats = np.where(np.isfinite(baselines), worse - margins, math.inf)
    return excess


def _same_length(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    size = max(len(one), len(other))
    return np.resize(one, size), np.resize(other, size)


def said(measurement: Measurement) -> str:
    """A measurement in words: value, unit, interval, n."""
    interval = measurement.interval
    around = f" [{interval.low:.4g}, {interval.high:.4g}] at {interval.level:.0%}" if interval else ""
    return f"{measurement.metric} {measurement.value:.4g} {measurement.unit}{around}, n={measurement.n}"


def _judgement(
    outcome: Outcome,
    reason: str,
    actual: Measurement,
    baseline: Measurement | None,
    limit: str,
    needed: int | None,
    load: LoadRun,
) -> Judgement:
    if outcome is Outcome.FAILED:
        seen = f"{baseline.value:.4g} {baseline.unit}" if baseline else ""
        finding = Finding("limit exceeded", actual.metric, seen, f"{actual.value:.4g} {actual.unit}", f"limit {limit}")
        return failed(reason, [finding], actual=actual, baseline=baseline, limit=limit)
    if outcome is Outcome.INCONCLUSIVE:
        n = min(actual.n, baseline.n if baseline else actual.n)
        more = f"; about {needed} samples would settle it{_longer(load, n, needed)}" if needed else ""
        reason = f"the interval lies across the limit: {reason}{more}"
        return inconclusive(reason, actual=actual, baseline=baseline, limit=limit, n_needed=needed)
    return Judgement(outcome, reason, (), actual, baseline, limit)


def _on_answers(judgement: Judgement, load: LoadRun, side: str) -> Judgement:
    """A side that was asked nothing, or failed every request, has passed nothing, however little memory it took."""
    if judgement.outcome is not Outcome.PASSED or any(one.latencies_us for one in load.sides.get(side, {}).values()):
        return judgement
    evidence = {"actual": judgement.actual, "baseline": judgement.baseline, "limit": judgement.limit}
    asked = _requests(load, side)
    if not asked:
        return inconclusive(f"no request of load {load.profile} went to the {side}", **evidence)
    finding = Finding("every request failed", side, "", str(asked))
    return failed(f"every request on the {side} failed", [finding], **evidence)
