"""What a ruling rests on, in words and numbers: how much the candidate differs, how surely, and what so many values can show."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from godwit.checks.canary import Rules, Ruling
from godwit.checks.canary_scores import Score, allowed, scores_for
from godwit.checks.canary_values import TAILS, Pairs, directed, present, single
from godwit.checks.canary_wealth import AT_THE_END, COUNT_STAKES, STAKES, Aim, Events, count_pay
from godwit.checks.intervals import Floats, quantile
from godwit.plan import JudgeMetric

POWER = 0.95
_NORMAL = NormalDist()
_STEPS = 14
_FACTOR_AT_MOST = 30.0


@dataclass(frozen=True, slots=True)
class Change:
    """One number of both sides, and the candidate's change with the interval that holds at every look.

    `baseline` and `candidate` are in the metric's unit; change and interval in percent of the baseline, or in percentage points
    for a rate. `limit` is the most that is allowed, in the same measure.
    """

    of: str
    baseline: float
    candidate: float
    change: float
    low: float
    high: float
    limit: float
    unit: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A ruling with its changes, how sure their intervals are (0 to 1), and what change would be noticed on what n."""

    ruling: Ruling
    changes: tuple[Change, ...]
    confidence: float
    power: str


def explain(metric: JudgeMetric, seen: Pairs | Events, rules: Rules, ruling: Ruling) -> Explained:
    """Say what a ruling rests on."""
    confidence = 1 - rules.alpha
    if isinstance(seen, Events):
        return Explained(ruling, _rate_change(metric, seen, rules), confidence, _count_power(metric, seen, rules))
    baseline, candidate, _ = present(metric, seen)
    least = min(len(baseline), len(candidate))
    changes = _value_changes(metric, baseline[:least], candidate[:least], rules) if least else ()
    return Explained(ruling, changes, confidence, _value_power(metric, baseline, rules, ruling))


def told(explained: Explained) -> str:
    """One line: decision, why, statistic and bound, n, each change with interval and limit, power."""
    ruling = explained.ruling
    parts = [f"{ruling.metric}: {ruling.decision}, {ruling.reason}"]
    parts.append(
        f"{ruling.method}: harm {max(0, ruling.worse):.0%} and safety {max(0, ruling.fine):.0%} of what proves it"
    )
    news = f", worth about {ruling.independent}" if ruling.independent < min(ruling.n) else ""
    parts.append(f"n={ruling.n[0]} and {ruling.n[1]}{news}")
    parts += [change_told(change, explained.confidence) for change in explained.changes]
    parts += [f"about {ruling.n_needed} values a side would settle it"] if ruling.n_needed else []
    return "; ".join([*parts, explained.power] if explained.power else parts)


def in_json(value: Any) -> Any:
    """A value in words that JSON has: a number that is none becomes null."""
    if isinstance(value, dict):
        return {key: in_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [in_json(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def change_told(change: Change, confidence: float) -> str:
    """A change in words, with its interval and its limit."""
    around = f"[{_signed(change.low)}, {_signed(change.high)}] at {confidence:.0%}"
    sides = f"{change.baseline:.4g} to {change.candidate:.4g}"
    return f"{change.of} {sides}, {_signed(change.change)} {change.unit} {around}, allowed {change.limit:.3g} {change.unit}"


def _signed(number: float) -> str:
    return "?" if math.isnan(number) else f"{number:+.3g}"


# ---------------------------------------------------------------- distributions


def _value_changes(metric: JudgeMetric, baseline: Floats, candidate: Floats, rules: Rules) -> tuple[Change, ...]:
    tail = TAILS[str(metric.tail)]
    whole, end = scores_for(tail)[:2]
    found = []
    for share, name, score, tolerance in (
        (0.5, "p50", whole, metric.tolerance),
        (tail, str(metric.tail), end, float(metric.tail_tolerance or 0)),
    ):
        one, other = quantile(np.sort(baseline), share), quantile(np.sort(candidate), share)
        change = 100 * (other / one - 1) if one > 0 and math.isfinite(other) else math.nan
        limit = max(tolerance, 100 * metric.floor / one) if one > 0 else math.nan
        low, high = _interval(baseline, candidate, score, rules)
        found.append(Change(name, one, other, change, low, high, limit, "%"))
    return tuple(found)


def _interval(baseline: Floats, candidate: Floats, score: Score, rules: Rules) -> tuple[float, float]:
    """The changes of the baseline, in percent, that the values do not rule out; NaN where none can be told."""
    if len(candidate) < 2 or not (baseline > 0).any() or (baseline < 0).any():
        return math.nan, math.nan
    level, bound = rules.alpha / 2, math.log(2 / rules.alpha)

    def proven(factor: float, sign: float) -> bool:
        return single(score, (baseline * factor, candidate), rules.planned, level, sign).most >= bound

    low = _edge(lambda factor: proven(factor, 1.0), 1 / _FACTOR_AT_MOST)
    high = _edge(lambda factor: proven(factor, -1.0), _FACTOR_AT_MOST)
    return 100 * (low - 1) if low else math.nan, 100 * (high - 1) if high else math.nan


def _edge(ruled_out: Callable[[float], bool], far: float) -> float | None:
    """Where between 1/far and far factors cease to be ruled out, coming from `far`; None where even that is not."""
    if not ruled_out(far):
        return None
    out, within = math.log(far), -math.log(far)
    for _ in range(_STEPS):
        middle = (out + within) / 2
        out, within = (middle, within) if ruled_out(math.exp(middle)) else (out, middle)
    return math.exp(out)


def _value_power(metric: JudgeMetric, baseline: Floats, rules: Rules, ruling: Ruling) -> str:
    """The change of everything that would be noticed with 95 %, on min_n and on all that was planned."""
    known = baseline[np.isfinite(baseline)]
    if len(known) < 20 or ruling.method != "bets on ranks" or not (known > 0).any():
        return ""
    known = np.sort(directed(metric, known)[0])
    time = min(ruling.n) / max(1, ruling.independent)
    told = [f"{_noticed(metric, known, n, time, rules)} on {n}" for n in _sizes(metric, rules)]
    return f"noticed with {POWER:.0%}: {', '.join(told)} a side"


def _sizes(metric: JudgeMetric, rules: Rules) -> list[int]:
    return list(dict.fromkeys((metric.min_n, max(metric.min_n, rules.planned))))


def _noticed(metric: JudgeMetric, known: Floats, n: int, time: float, rules: Rules) -> str:
    """The least change in percent that so many pairs notice with the power asked, by the normal approximation."""
    score = scores_for(TAILS[str(metric.tail)])[0]
    errors = crossing(rules.alpha / rules.shares, score.weight, min(1.0, n / rules.planned))
    needed = errors * math.sqrt(score.variance * time / n)
    moved = np.sort(allowed(known, metric.tolerance / 100, metric.floor))

    def gap(factor: float) -> float:
        values = known + (factor - 1) * np.abs(known)
        ranks = np.searchsorted(moved, values, "left") + np.searchsorted(moved, values, "right")
        return float(ranks.mean()) / (2 * len(moved)) - 0.5

    if gap(_FACTOR_AT_MOST) < needed:
        return "nothing"
    low, high = 1.0, _FACTOR_AT_MOST
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if gap(middle) < needed else (low, middle)
    return f"{100 * (high - 1):.3g} %"


def crossing(level: float, share: float, part: float) -> float:
    """How many standard errors an effect must be for bets on it to reach 1/level with the power asked.

    `share` is the bets' part of the wealth, `part` how much of what was planned (0 to 1) is there. The wealth of a steady bet
    crosses a straight line, by how a Brownian motion with drift does; bets on the end are a test at the planned n.
    """
    steady = min(_crossed(level * share, part, times, held) for times, held in STAKES)
    at_the_end = _NORMAL.inv_cdf(1 - level * share * AT_THE_END) + _NORMAL.inv_cdf(POWER)
    return min(steady, at_the_end) if part >= 1 else steady


def _crossed(level: float, part: float, times: float, held: float) -> float:
    slope = times * Aim(level, 1.0, 1).size * math.sqrt(part)
    barrier = -math.log(level * held) / slope
    chance = _NORMAL.cdf
    low, high = 0.0, 50.0
    for _ in range(50):
        middle = (low + high) / 2
        drift = middle - slope / 2
        reached = chance(drift - barrier)
        if -drift - barrier > -8:
            reached += math.exp(2 * barrier * drift) * chance(-drift - barrier)
        low, high = (middle, high) if reached < POWER else (low, middle)
    return high


# ---------------------------------------------------------------- counts


def _rate_change(metric: JudgeMetric, seen: Events, rules: Rules) -> tuple[Change, ...]:
    used = Events(*(np.nan_to_num(part) for part in (seen.baseline, seen.baseline_n, seen.candidate, seen.candidate_n)))
    used = used.usable
    if not len(used.candidate):
        return ()
    one = 100 * used.baseline.sum() / used.baseline_n.sum()
    other = 100 * used.candidate.sum() / used.candidate_n.sum()
    bound = math.log(2 / rules.alpha)

    def proven(points: float, *, worse: bool) -> bool:
        return bool(count_pay(used, (1.0, points / 100), worse=worse).max() >= bound)

    low = _side(lambda points: proven(points, worse=True), -100.0, other - one)
    high = _side(lambda points: proven(points, worse=False), 100.0, other - one)
    limit = max(metric.tolerance / 100 * one, 0) + metric.floor
    return (Change("rate", one, other, other - one, low, high, limit, "points"),)


def _side(ruled_out: Callable[[float], bool], far: float, within: float) -> float:
    """Where between `far` and `within` differences cease to be ruled out."""
    if not ruled_out(far):
        return math.nan
    for _ in range(30):
        middle = (far + within) / 2
        far, within = (middle, within) if ruled_out(middle) else (far, middle)
    return far


def _count_power(metric: JudgeMetric, seen: Events, rules: Rules) -> str:
    n, failed = float(np.nansum(seen.baseline_n)), float(np.nansum(seen.baseline))
    if n < 1:
        return ""
    rate = failed / n
    told = [f"a rate of {_noticed_rate(metric, rate, size, rules)} on {size}" for size in _sizes(metric, rules)]
    return f"noticed with {POWER:.0%}: {', '.join(told)} a side"


def _noticed_rate(metric: JudgeMetric, rate: float, n: int, rules: Rules) -> str:
    """The least rate of the candidate that so many requests a side notice, by the normal approximation of the wealth."""
    factor, addend = 1 + metric.tolerance / 100, metric.floor / 100
    sizes, shares = (np.array(column) for column in zip(*COUNT_STAKES, strict=True))
    needed = math.log(rules.shares / rules.alpha) - np.log(shares)
    k = sizes / factor
    quantile_of = _NORMAL.inv_cdf(POWER)

    def noticed(other: float) -> bool:
        mean = n * (other * np.log1p(k) + rate * np.log1p(-k * factor) - k * addend)
        spread = np.sqrt(n * (other * np.log1p(k) ** 2 + rate * np.log1p(-k * factor) ** 2))
        return bool((mean - quantile_of * spread >= needed).any())

    if not noticed(1.0):
        return "nothing"
    low, high = rate, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if noticed(middle) else (middle, high)
    return f"{100 * high:.3g} %"
