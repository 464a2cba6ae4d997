"""How a figure is shown beside its limit: as words, as a change against the baseline, and on a ruler; it judges nothing."""

import math
import re
from dataclasses import dataclass

from godwit.verdict import Measurement

_LIMIT = re.compile(r"(<=|<|>=|>)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([^\s(]*)")
_MARGIN = 0.08
_TINY = 0.001


@dataclass(frozen=True, slots=True)
class Ruler:
    """A figure on a line from 0 to 100: where the limit stands, which side of it is allowed, interval, value, baseline."""

    limit: float
    allowed_from: float
    allowed_to: float
    low: float
    high: float
    value: float
    baseline: float | None


def number(value: float) -> str:
    """A number as people write it: four digits, thousands apart, nothing of an exponent where it can be helped.

    >>> number(11200.0), number(7.6183), number(float("inf"))
    ('11,200', '7.618', '∞')
    """
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if 0 < abs(value) < _TINY:
        return f"under {_TINY}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def clock(seconds: float) -> str:
    """A time as minutes and seconds.

    >>> clock(71.3)
    '1:11'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def quantity(found: Measurement) -> str:
    """The value with its unit."""
    return f"{number(found.value)} {found.unit}".rstrip()


def spread(found: Measurement) -> str:
    """The interval with its level; nothing where the value is no statistic."""
    around = found.interval
    return f"{number(around.low)} to {number(around.high)} at {around.level * 100:g} %" if around else ""


def change(actual: Measurement | None, baseline: Measurement | None) -> str:
    """How far the candidate is from the baseline: in percent, of a share in points; nothing where that makes no sense."""
    if actual is None or baseline is None or actual.unit != baseline.unit:
        return ""
    apart = actual.value - baseline.value
    if not math.isfinite(apart):
        return ""
    if actual.unit == "%":
        return f"{apart:+.3g} points"
    return f"{100 * apart / abs(baseline.value):+.3g} %" if baseline.value else f"{apart:+.3g} {actual.unit}".rstrip()


def ruler(limit: str, actual: Measurement | None, baseline: Measurement | None) -> Ruler | None:
    """The figure on a ruler; None where the limit is no bound in the figure's own unit."""
    found = _LIMIT.match(limit)
    if actual is None or found is None or found[3] != actual.unit or math.isnan(actual.value):
        return None
    bound, around = float(found[2]), actual.interval
    low, high = (around.low, around.high) if around else (actual.value, actual.value)
    beside = baseline.value if baseline and baseline.unit == actual.unit else None
    seen = [each for each in (bound, low, high, actual.value, beside, 0.0) if each is not None and math.isfinite(each)]
    first, last = min(seen), max(seen)
    first, last = first - _MARGIN * (last - first) * (first < 0), last + _MARGIN * (last - first)

    def at(value: float) -> float:
        if math.isnan(value):
            return 50.0
        return round(100 * min(1.0, max(0.0, (value - first) / ((last - first) or 1))), 1)

    allowed = (0.0, at(bound)) if found[1].startswith("<") else (at(bound), 100.0)
    return Ruler(at(bound), *allowed, at(low), at(high), at(actual.value), None if beside is None else at(beside))
