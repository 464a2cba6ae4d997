"""Judges whether chance by a hash explains a spread: even over the whole range, and alike for no two flags."""

import math

import numpy as np

from godwit.checks.chi_square import Counts, independence, spread
from godwit.checks.differences import verdict_on
from godwit.checks.intervals import binomial_range
from godwit.checks.sweeps import Moved, Sweep
from godwit.plan import CONFIDENCE, LEAST_IN_A_CELL, users_needed
from godwit.verdict import Finding, Judgement, Measurement, failed, inconclusive, passed

_PARTS = 10


def judge_spread(
    sweep: Sweep, resolution: float, confidence: float = CONFIDENCE, *, of_what: str = "user(s)"
) -> Judgement:
    """Judge that users are spread evenly: each level by its exact range, all of them together by a chi-square test."""
    needed = users_needed(resolution, confidence)
    inner = [level for level in sweep.levels if 0 < level < 100]
    if not inner:
        return inconclusive("no level between 0 % and 100 % was looked at")
    each = 1 - (1 - confidence) / (len(inner) + 1)
    findings = [found for level in inner for found in _off(sweep, level, each)]
    edges = np.asarray([0.0, *inner, 100.0])
    cells = np.clip(sweep.first() - sweep.levels.index(inner[0]), 0, len(inner))
    test = spread(np.bincount(cells, minlength=len(inner) + 1).astype(np.int64), np.diff(edges) / 100)
    if test is not None and test.likelihood < 1 - each:
        findings.append(Finding("users are not spread evenly", "all levels", "an even spread", str(test), "chi-square"))
    note = f"{test or 'no test'}; each level within its {each:.8g} range"
    if not findings and sweep.n < needed:
        reason = f"{sweep.n} {of_what} are too few to tell steps of {resolution:g} %; {needed} are needed"
        return inconclusive(reason, n_needed=needed)
    return verdict_on(findings, sweep.n, f"{of_what} over {len(inner)} levels", note=note)


def _off(sweep: Sweep, level: float, confidence: float) -> list[Finding]:
    count = int(sweep.at(level).sum())
    low, high = binomial_range(sweep.n, level / 100, confidence)
    if low <= count <= high:
        return []
    return [Finding("share is off", f"{level:g} %", f"{low} to {high}", str(count), f"range at {confidence:.8g}")]


def judge_independent(first: Sweep, second: Sweep, confidence: float = CONFIDENCE) -> Judgement:
    """Judge that whom one flag moves tells nothing of whom the other one moves; both sweeps have the same users.

    Users are laid into a joint table by the levels that moved them, up to ten parts a side.
    """
    if first.n != second.n:
        return inconclusive(f"{first.n} and {second.n} users are not the same ones")
    table = _joint(first, second)
    test = independence(table)
    if test is None:
        needed = math.ceil(LEAST_IN_A_CELL * _PARTS**2 * 2)
        why = "a flag moves nobody or everybody" if min(table.shape) < 2 else f"about {needed} are needed"
        return inconclusive(f"{first.n} users are too few to tell whether two flags agree: {why}", n_needed=needed)
    strength = math.sqrt(test.statistic / first.n / (min(table.shape) - 1))
    actual = Measurement("cramers_v", strength, "", first.n, None, "assignments")
    said = f"{first.n} users in a table of {table.shape[0]} by {table.shape[1]}: {test}, Cramér's V {strength:.3f}"
    if test.likelihood >= 1 - confidence:
        return passed(said, actual=actual)
    both = int((_half(first) & _half(second)).sum())
    wanted = f"about {_half(first).sum() * _half(second).sum() / first.n:.0f} users on both"
    finding = Finding(
        "two flags move the same users", _middle(first, second), wanted, f"{both} users on both", str(test)
    )
    return failed(said, [finding], actual=actual)


def _joint(first: Sweep, second: Sweep) -> Counts:
    rows, columns = _part(first), _part(second)
    width = int(columns.max(initial=0)) + 1
    flat = np.bincount(rows * width + columns, minlength=(int(rows.max(initial=0)) + 1) * width)
    table = flat.reshape(-1, width).astype(np.int64)
    used: Counts = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return used


def _part(sweep: Sweep) -> Counts:
    """For each user which tenth of the range moved them, as far as the levels tell tenths apart."""
    tops = np.asarray([*sweep.levels, 100.0])[sweep.first()]
    return np.ceil(tops / (100 / _PARTS)).astype(np.int64)


def _half(sweep: Sweep) -> Moved:
    return sweep.at(_nearest(sweep))


def _nearest(sweep: Sweep) -> float:
    return min(sweep.levels, key=lambda level: abs(level - 50))


def _middle(first: Sweep, second: Sweep) -> str:
    return f"{_nearest(first):g} % of one, {_nearest(second):g} % of the other"
