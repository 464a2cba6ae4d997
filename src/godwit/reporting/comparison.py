"""Two runs beside each other: which outcomes changed, and how far each figure moved; whether that is allowed it does not say."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from godwit.checks import METRICS
from godwit.reporting.history import criteria_of
from godwit.reporting.plain import one_line
from godwit.verdict import CheckRecord, CriterionRecord, Measurement, Outcome, Verdict

_ABSENT = "not asked"
_MOST, _WIDE = 20, 240
_IDENTITY = (
    "plan_sha256",
    "baseline",
    "candidate",
    "candidate_as",
    "defect",
    "profile",
    "phases",
    "seed",
    "machine",
    "python",
)


@dataclass(frozen=True, slots=True)
class Change:
    """Something whose outcome is another one in the second run, and why; an outcome is `not asked` where it is not there."""

    name: str
    was: str
    now: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that both runs measured. `percent` is its change, None from or to a value without a ratio."""

    name: str
    was: Measurement
    now: Measurement

    @property
    def percent(self) -> float | None:
        """By how many percent it rose, or fell below 0."""
        ratio = self.now.value / self.was.value if self.was.value else math.nan
        return 100 * (ratio - 1) if math.isfinite(ratio) and ratio >= 0 else None

    @property
    def is_apart(self) -> bool | None:
        """Whether the intervals of both lie apart; None where one of them has none."""
        was, now = self.was.interval, self.now.interval
        return None if was is None or now is None else was.high < now.low or now.high < was.low


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different between two runs of a migration; `differs` is what is not the same about the runs themselves."""

    first: Verdict
    second: Verdict
    differs: Mapping[str, tuple[str, str]]
    criteria: tuple[Change, ...]
    checks: tuple[Change, ...]
    moved: tuple[Moved, ...]


def compared(first: Verdict, second: Verdict) -> Comparison:
    """Compare two verdicts, the earlier one first."""
    sides = [{key: str(it.run.get(key, "")) for key in _IDENTITY} for it in (first, second)]
    differs = {key: (sides[0][key], sides[1][key]) for key in _IDENTITY if sides[0][key] != sides[1][key]}
    was, now = ({check.id: check for check in it.checks} for it in (first, second))
    figures = [(name, check.actual, now[name].actual) for name, check in was.items() if name in now]
    moved = tuple(
        Moved(name, then, since) for name, then, since in figures if then and since and _kind(then) == _kind(since)
    )
    criteria = _changes(criteria_of(first), criteria_of(second))
    return Comparison(first, second, differs, criteria, _changes(was, now), moved)


def comparison_lines(found: Comparison) -> list[str]:
    """Both runs, what differs between them, changed criteria, changed checks, figures with their change and intervals."""
    return [one_line(line, _WIDE) for line in _lines(found)]


def _lines(found: Comparison) -> Iterator[str]:
    for name, it in (("first", found.first), ("second", found.second)):
        yield f"{name:<7} {it.word:<13} {it.run_id}  {it.run.get('started', '')}"
    for key, (was, now) in found.differs.items():
        yield f"differs {key}: {was or '(nothing)'} -> {now or '(nothing)'}"
    for what, changes in (("criteria", found.criteria), ("checks", found.checks)):
        yield f"{what} whose outcome changed: {len(changes) or 'none'}"
        for each in changes[:_MOST]:
            yield f"  {f'{each.was} -> {each.now}':<26}  {each.name}: {each.reason}"
        if len(changes) > _MOST:
            yield f"  … and {len(changes) - _MOST} more"
    yield f"figures that both measured: {len(found.moved) or 'none'}"
    for figure in found.moved:
        yield f"  {figure.name}: {figure.now.metric} {said(figure.was)} -> {said(figure.now)}"
        yield f"    {_moved(figure)}"


def said(found: Measurement) -> str:
    """A measurement with its interval and number of samples, on one line."""
    around = f" [{found.interval.low:.4g}, {found.interval.high:.4g}]" if found.interval else ""
    return f"{found.value:.4g} {found.unit}".rstrip() + f"{around} n {found.n}"


def _moved(figure: Moved) -> str:
    if figure.was.value == figure.now.value:
        return "no change"
    percent, metric = figure.percent, METRICS.get(figure.now.metric)
    change = f"{figure.now.value - figure.was.value:+.4g} {figure.now.unit}".rstrip()
    change = change if percent is None else f"{percent:+.3g} %"
    rose = figure.now.value > figure.was.value
    way = "" if metric is None else ", worse" if rose == (metric.better == "lower") else ", better"
    apart = {True: "; the intervals lie apart", False: "; the intervals overlap: it may be chance"}
    return f"{change}{way}{apart.get(figure.is_apart, '')}" if figure.is_apart is not None else f"{change}{way}"


def _changes(
    was: Mapping[str, CheckRecord] | Mapping[str, CriterionRecord],
    now: Mapping[str, CheckRecord] | Mapping[str, CriterionRecord],
) -> tuple[Change, ...]:
    """Every name whose outcome is not the same; those that failed first."""
    found = []
    for name in dict.fromkeys((*was, *now)):
        then, since = was.get(name), now.get(name)
        outcomes = (str(then.outcome) if then else _ABSENT, str(since.outcome) if since else _ABSENT)
        if outcomes[0] != outcomes[1]:
            found.append(Change(name, *outcomes, since.reason if since else then.reason if then else ""))
    return tuple(sorted(found, key=lambda change: change.now != Outcome.FAILED))


def _kind(found: Measurement) -> tuple[str, str]:
    return found.metric, found.unit
