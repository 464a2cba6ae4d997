"""Lints about targets: alerts, evidence, outages and buffers beside the limits that they are meant to serve."""

import math
from collections.abc import Iterator
from itertools import combinations

from godwit.plan.lint_criteria import made_by
from godwit.plan.lint_flow import Rule, Said
from godwit.plan.model import Plan
from godwit.plan.sections.criteria import Alert, Criterion

_UPPER, _LOWER = ("<", "<="), (">", ">=")
_FAILING = ("error_rate_percent", "reported_error_rate_percent")
_WORKING = ("completion_percent",)
_WEEK_S = 604_800.0


def _alerts(plan: Plan) -> Iterator[Said]:
    """Alerts beside the gates that ask a limit of the same metric."""
    gated = {name for gate in plan.gates for name in gate.criteria}
    asked = [each for each in plan.criteria if each.id in gated and each.limit and each.limit.absolute is not None]
    sharpest = {alert.metric: alert.id for alert in sorted(plan.alerts, key=_looseness, reverse=True)}
    for place, alert in enumerate(plan.alerts):
        beyond = {each.id: gap for each in asked if (gap := _gap(each, alert)) is not None}
        where = ("alerts", place, "limit")
        said = f"alert {alert.id} fires at {alert.comparison} {alert.limit:g}, and "
        inside = [_asks(each) for each in asked if beyond.get(each.id, 0) < 0]
        outside = [_asks(each) for each in asked if beyond.get(each.id, 0) > 0]
        if inside:
            yield "alert-inside-gate", where, f"{said}{'; '.join(inside)}: somebody is told of a value that passes"
        if outside and sharpest[alert.metric] == alert.id:
            yield "alert-looser-than-gate", where, f"{said}{'; '.join(outside)}: of what lies between nobody is told"


def _looseness(alert: Alert) -> float:
    return alert.limit if alert.comparison in _LOWER else -alert.limit


def _asks(criterion: Criterion) -> str:
    limit = criterion.limit.absolute if criterion.limit else None
    return f"{criterion.id} asks {criterion.comparison} {limit:g}"


def _gap(criterion: Criterion, alert: Alert) -> float | None:
    """How far beyond the criterion's limit the alert's lies (negative: inside); None if they cannot be compared."""
    limit = criterion.limit.absolute if criterion.limit else None
    if limit is None or criterion.metric != alert.metric:
        return None
    if criterion.comparison in _UPPER and alert.comparison in _LOWER:
        return alert.limit - limit
    return limit - alert.limit if criterion.comparison in _LOWER and alert.comparison in _UPPER else None


def _evidence(plan: Plan) -> Iterator[Said]:
    """Shares on so few requests that even without a single failure the interval lies across the limit."""
    profiles = {each.id: each for each in plan.profiles}
    for place, each in enumerate(plan.criteria):
        allowed = _allowed_failing(each)
        if allowed is None or not each.evidence:
            continue
        profile = profiles.get(each.profile or "")
        planned = made_by(profile, each.operation) if profile else None
        made = each.evidence.n if planned is None else math.floor(planned)
        tail = (1 - each.evidence.confidence) / 2
        if allowed <= 0 or made < (needed := math.ceil(math.log(tail) / math.log1p(-allowed / 100))):
            wanted = "more than any number" if allowed <= 0 else f"{needed}"
            said = f"{made} requests without one failure do not show {each.comparison} {_limit(each):g} %"
            yield (
                "evidence-cannot-show",
                ("criteria", place, "limit"),
                f"{said} at {each.evidence.confidence:g}; it takes {wanted}",
            )


def _limit(criterion: Criterion) -> float:
    return criterion.limit.absolute or 0.0 if criterion.limit else 0.0


def _allowed_failing(criterion: Criterion) -> float | None:
    """The percentage of failures that a criterion about a share allows; None for any other."""
    limit = criterion.limit.absolute if criterion.limit else None
    if limit is None or criterion.statistic != "share":
        return None
    if criterion.metric in _FAILING and criterion.comparison in _UPPER:
        return limit
    return 100 - limit if criterion.metric in _WORKING and criterion.comparison in _LOWER else None


def _outages(plan: Plan) -> Iterator[Said]:
    """What an availability leaves in its time, beside what a single way back may take."""
    for each in plan.criteria:
        allowed = _allowed_failing(each)
        if allowed is None or each.over_s is None:
            continue
        left = each.over_s * allowed / 100
        for place, runbook in enumerate(plan.runbooks):
            down = runbook.max_s if runbook.max_downtime_s is None else runbook.max_downtime_s
            if down > left:
                said = f"{runbook.id} may take {down:g} s; {each.id} leaves {left:.4g} s in {each.over_s / 3600:g} h"
                yield "downtime-beyond-availability", ("runbooks", place), said


def _statistics(plan: Plan) -> Iterator[Said]:
    """One limit on one metric, asked of different statistics: which one is meant?"""
    asked = [each for each in enumerate(plan.criteria) if each[1].metric and each[1].limit]
    for (_, one), (place, other) in combinations(asked, 2):
        if one.statistic != other.statistic and _line(one) == _line(other):
            said = f"{other.id} asks {other.comparison} {_limit(other):g} of the {other.statistic}"
            yield "statistics-differ", ("criteria", place, "statistic"), f"{said}, {one.id} of the {one.statistic}"
            return


def _line(criterion: Criterion) -> tuple[object, ...]:
    return criterion.metric, criterion.operation, criterion.comparison, criterion.limit


def _bands(plan: Plan) -> Iterator[Said]:
    for place, each in enumerate(plan.criteria):
        if each.limit and each.limit.worse_than_baseline_by == 0 and not each.limit.floor:
            said = f"{each.id} allows nothing above the baseline: two equal sides differ by their noise"
            yield "no-room-for-noise", ("criteria", place, "limit"), said


def _buffer(plan: Plan) -> Iterator[Said]:
    calendar = plan.migration.calendar
    if calendar is None or not calendar.buffer_s:
        return
    days = (calendar.end - calendar.start).days + 1
    taken = {week for phase in plan.phases if phase.weeks for week in range(phase.weeks[0], phase.weeks[1] + 1)}
    free = days * 86_400.0 - len(taken) * _WEEK_S
    if free < calendar.buffer_s:
        said = (
            f"the phases take {len(taken)} of {days / 7:.3g} weeks; {max(free, 0) / 86_400:g} days are left as a buffer"
        )
        yield "buffer-not-there", ("migration", "calendar"), f"{said} of {calendar.buffer_s / 86_400:g}"


TARGET_RULES: tuple[Rule, ...] = (_alerts, _evidence, _outages, _statistics, _bands, _buffer)
