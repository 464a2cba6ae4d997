"""Reads recorded series of two sides, as CSV or a Prometheus range query answers, into what a judge looks at; opens no file."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from godwit.checks.canary_values import Pairs
from godwit.checks.canary_wealth import Events
from godwit.checks.intervals import Floats
from godwit.plan import JudgeMetric
from godwit.verdict import PlanError

_BLOCKS = 100
_BLANK = ("", "nan", "null", "none", "na")
_SIDES = ("side", "arm")


@dataclass(frozen=True, slots=True)
class Point:
    """One recorded value: of which side (as the recording calls it), when in seconds, of which metric. A blank is NaN."""

    side: str
    at_s: float
    metric: str
    value: float


def read_csv(text: str, where: str) -> list[Point]:
    """Points of a CSV with a header: `side` (or `arm`), `time`, and `metric`, `value`, or else one column a metric.

    Raises PlanError with file, line and what is allowed.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    names = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    side = next((name for name in _SIDES if name in names), None)
    if side is None or "time" not in names:
        found = ", ".join(names) or "nothing"
        raise PlanError(
            f"{where}:1: the header names {found}; it needs side (or arm), time, and metric and value or metrics"
        )
    is_long = {"metric", "value"} <= set(names)
    metrics = [] if is_long else [name for name in names if name not in (side, "time")]
    points: list[Point] = []
    for row in rows:
        place = f"{where}:{rows.line_num}"
        if None in row or None in row.values():
            raise PlanError(f"{place}: the line has another number of columns than the header, which has {len(names)}")
        at_s = _time(row["time"], place)
        pairs = [(row["metric"], row["value"])] if is_long else [(name, row[name]) for name in metrics]
        points += [Point(row[side].strip(), at_s, name.strip(), _number(value, place)) for name, value in pairs]
    return points


def read_prometheus(text: str, where: str, label: str, metric: str | None = None) -> list[Point]:
    """Points of the JSON answer of a range query; `label` tells the side, `metric` the name where the series have none.

    Raises PlanError where it is no such answer.
    """
    try:
        found = json.loads(text)
        data = found["data"]
        if found["status"] != "success" or data["resultType"] != "matrix":
            raise PlanError(
                f"{where}: the query gave {found['status']} and {data.get('resultType')}; a range query gives a matrix"
            )
        return [point for series in data["result"] for point in _points(series, where, label, metric)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        said = " ".join(str(error).split())[:120]
        raise PlanError(f"{where}: no answer of a Prometheus range query ({type(error).__name__}: {said})") from None


def _points(series: Mapping[str, object], where: str, label: str, metric: str | None) -> Iterable[Point]:
    labels, values = series["metric"], series["values"]
    if not isinstance(labels, dict) or not isinstance(values, list):
        raise TypeError("a series has metric and values")
    if label not in labels:
        have = ", ".join(sorted(labels)) or "none"
        raise PlanError(
            f"{where}: a series has no label '{label}' to tell its side by; it has {have}. Name one with --label"
        )
    name = metric or labels.get("__name__")
    if not name:
        raise PlanError(f"{where}: the series have no name; write NAME={where}")
    return [Point(str(labels[label]), float(at), str(name), _number(str(value), where)) for at, value in values]


def _number(text: str, place: str) -> float:
    if text.strip().lower() in _BLANK:
        return math.nan
    try:
        return float(text)
    except ValueError:
        raise PlanError(f"{place}: '{text}' is no number; write one, or nothing or NaN where it is missing") from None


def _time(text: str, place: str) -> float:
    import datetime as dt

    try:
        return float(text)
    except ValueError:
        pass
    try:
        return dt.datetime.fromisoformat(text.strip()).timestamp()
    except ValueError:
        raise PlanError(
            f"{place}: '{text}' is no time; write seconds, or a date and time like 2025-02-03T10:00:00Z"
        ) from None


def sides_in(points: Sequence[Point]) -> list[str]:
    """The sides that a recording names, as they first come."""
    return list(dict.fromkeys(point.side for point in points))


def series_of(points: Sequence[Point], metric: JudgeMetric, sides: tuple[str, str]) -> Pairs | Events:
    """What a judge looks at: values of both sides in order of time, in pairs, or counts.

    Where both sides have the same times, values of one time are a pair, and what one side lacks is missing. Else values are
    paired in order; of the side that has more, evenly spread ones are taken. A count is `metric` failures of `metric_n`, of 1
    where there is no such series. Raises PlanError where a side has nothing.
    """
    mine = [[point for point in points if point.side == side] for side in sides]
    values = [_by_time(of_side, metric.metric) for of_side in mine]
    for side, found in zip(sides, values, strict=True):
        if not found:
            known = ", ".join(dict.fromkeys(point.metric for point in points)) or "none"
            raise PlanError(
                f"{side} has no values of '{metric.metric}'; the recording has {known} of {', '.join(sides_in(points))}"
            )
    if metric.kind == "distribution":
        return Pairs(*_paired(values[0], values[1]))
    totals = [_by_time(of_side, f"{metric.metric}_n") for of_side in mine]
    size = min(_BLOCKS, *map(len, values))
    blocks = [part for found, of in zip(values, totals, strict=True) for part in _counts(found, of, size)]
    return Events(*blocks)


def _by_time(points: Sequence[Point], metric: str) -> list[tuple[float, float]]:
    return sorted(((point.at_s, point.value) for point in points if point.metric == metric), key=lambda pair: pair[0])


def _paired(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> tuple[Floats, Floats]:
    first, second = dict(one), dict(other)
    is_regular = len(first) == len(one) and len(second) == len(other)
    shared = len(first.keys() & second.keys())
    if is_regular and 2 * shared > max(len(one), len(other)):
        times = sorted(first.keys() | second.keys())
        return np.array([first.get(at, math.nan) for at in times]), np.array([second.get(at, math.nan) for at in times])
    size = min(len(one), len(other))
    return _thinned(one, size), _thinned(other, size)


def _thinned(pairs: list[tuple[float, float]], size: int) -> Floats:
    chosen = np.linspace(0, len(pairs) - 1, size).round().astype(int)
    thinned: Floats = np.array([value for _, value in pairs])[chosen]
    return thinned


def _counts(values: list[tuple[float, float]], totals: list[tuple[float, float]], size: int) -> tuple[Floats, Floats]:
    """Failures and how many there were, in so many blocks of time; a failure without its total is missing."""
    known = dict(totals)
    failed = np.array([value for _, value in values])
    of = np.array([known.get(at, math.nan) if totals else 1.0 for at, _ in values])
    failed = np.where(np.isnan(of), math.nan, failed)
    return (
        np.array([part.sum() for part in np.array_split(failed, size)]),
        np.array([np.nansum(part) for part in np.array_split(of, size)]),
    )


def first_part(seen: Pairs | Events, part: float) -> Pairs | Events:
    """What was there when so much (0 to 1) of the recording had come in."""
    n = math.ceil(len(seen.candidate) * part - 1e-9)
    if isinstance(seen, Pairs):
        return Pairs(seen.baseline[:n], seen.candidate[:n])
    return Events(seen.baseline[:n], seen.baseline_n[:n], seen.candidate[:n], seen.candidate_n[:n])


def size_of(seen: Pairs | Events) -> int:
    """Values a side."""
    return int(np.nansum(seen.candidate_n)) if isinstance(seen, Events) else len(seen.candidate)
