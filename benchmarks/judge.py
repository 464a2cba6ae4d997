"""How often the judge of a rollout cries wolf, and what it notices, on simulated series of a given seed; it asserts nothing.

`python benchmarks/judge.py` prints the tables of docs/evidence/judge.md in about ten minutes of one core; --json for the same as
JSON, --times 5 for five times as many series, --every-look to judge at each of 100 looks anew, which takes much longer.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from godwit.checks import Events, Pairs, Rules, rule
from godwit.checks.intervals import Floats, share_interval
from godwit.plan import JudgeMetric

ALPHA, LOOKS, SEED = 0.01, 100, 20_250_203
Chance = np.random.Generator
Draw = Callable[[Chance, int, int], Floats]


def autocorrelated(follows: float) -> Draw:
    """Log-normal values of which each follows the one before, on either side by itself."""

    def draw(chance: Chance, times: int, n: int) -> Floats:
        noise = chance.normal(size=(n, times)) * math.sqrt(1 - follows**2)
        value = chance.normal(size=times)
        rows = []
        for step in noise:
            value = follows * value + step
            rows.append(value)
        return np.exp(3 + 0.5 * np.array(rows).T)

    return draw


def bimodal(chance: Chance, times: int, n: int) -> Floats:
    """Seven in ten about 10 ms, three about 100 ms."""
    fast, slow = chance.normal(2.3, 0.25, (times, n)), chance.normal(4.6, 0.3, (times, n))
    return np.exp(np.where(chance.random((times, n)) < 0.7, fast, slow))


def zero_inflated(chance: Chance, times: int, n: int) -> Floats:
    """Three in ten are nothing."""
    return np.where(chance.random((times, n)) < 0.3, 0.0, np.exp(chance.normal(3, 0.5, (times, n))))


SERIES: dict[str, Draw] = {
    "log-normal, sigma 0.5": lambda chance, times, n: np.exp(chance.normal(3, 0.5, (times, n))),
    "log-normal, sigma 1": lambda chance, times, n: np.exp(chance.normal(3, 1.0, (times, n))),
    "bimodal": bimodal,
    "heavy-tailed, Pareto 1.5": lambda chance, times, n: 10 * (1 - chance.random((times, n))) ** (-1 / 1.5),
    "zero-inflated, 30 %": zero_inflated,
    "autocorrelated, 0.5": autocorrelated(0.5),
    "autocorrelated, 0.9": autocorrelated(0.9),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what was simulated, n a side, series, and the share of them that ended in an abort."""

    table: str
    series: str
    n: int
    times: int
    aborts: int

    @property
    def share(self) -> str:
        """The share with its interval at 95 %."""
        low, high = share_interval(self.aborts, self.times, 0.95)
        return f"{self.aborts / self.times:.2%} [{low:.2%}, {high:.2%}]"


def metric(tolerance: float, tail_tolerance: float) -> JudgeMetric:
    """What is judged: higher is worse, without a floor."""
    return JudgeMetric(
        id="m", metric="m", kind="distribution", worse="higher", tolerance=tolerance, floor=0.0,
        tail="p99", tail_tolerance=tail_tolerance, min_n=50, why="to see what few values show",
    )  # fmt: skip


def aborts(judged: JudgeMetric, pairs: Pairs, *, every_look: bool) -> bool:
    """Whether the judge aborts: at the last of 100 looks, where the most that the bets ever won counts, or at any of them."""
    n = len(pairs.candidate)
    sizes = sorted({n * look // LOOKS for look in range(1, LOOKS + 1)}) if every_look else [n]
    rules = Rules(ALPHA, 1, n, LOOKS)
    parts = (Pairs(pairs.baseline[:size], pairs.candidate[:size]) for size in sizes if size >= judged.min_n)
    return any(rule(judged, part, rules).decision == "abort" for part in parts)


def false_alarms(times: float, *, every_look: bool) -> Iterator[Row]:
    """Both sides alike, nothing tolerated."""
    for name, draw in SERIES.items():
        for n, usual in ((50, 1000), (500, 1000), (5000, 400), (20_000, 400)):
            count = max(1, round(usual * times))
            chance = np.random.default_rng([SEED, n])
            sides = draw(chance, count, n), draw(chance, count, n)
            found = sum(
                aborts(metric(0.0, 0.0), Pairs(*pair), every_look=every_look) for pair in zip(*sides, strict=True)
            )
            yield Row("false alarms", name, n, count, found)


def slower_by_a_tenth(values: Floats) -> Floats:
    """Everything a tenth slower, and so the median."""
    return values * 1.1


def doubled_tail(values: Floats) -> Floats:
    """The slowest 5 % take twice as long: the 99th percentile doubles, the median stays."""
    line = np.quantile(values, 0.95)
    return np.where(values > line, 2 * values, values)


def slower_from_then_on(values: Floats) -> Floats:
    """Twice as slow after two fifths of the time, and to the end."""
    return np.where(np.arange(values.shape[-1]) < 0.4 * values.shape[-1], values, 2 * values)


def power(times: float) -> Iterator[Row]:
    """The candidate worse, at 5,000 values a side."""
    worse: dict[str, tuple[Callable[[Floats], Floats], float, float]] = {
        "median + 10 %, nothing tolerated": (slower_by_a_tenth, 0.0, 10.0),
        "median + 10 %, 2 % tolerated": (slower_by_a_tenth, 2.0, 10.0),
        "p99 doubled, 10 % tolerated": (doubled_tail, 2.0, 10.0),
        "twice as slow from 40 % on, 10 % tolerated": (slower_from_then_on, 10.0, 10.0),
    }
    count = max(1, round(400 * times))
    for table, (change, tolerance, tail_tolerance) in worse.items():
        for name, draw in SERIES.items():
            chance = np.random.default_rng([SEED, 5000])
            sides = draw(chance, count, 5000), change(draw(chance, count, 5000))
            judged = metric(tolerance, tail_tolerance)
            found = sum(aborts(judged, Pairs(*pair), every_look=False) for pair in zip(*sides, strict=True))
            yield Row(table, name, 5000, count, found)


def counts(times: float) -> Iterator[Row]:
    """Requests that fail, on 3,000 a side in 100 blocks."""
    judged = JudgeMetric(
        id="e", metric="e", kind="count", worse="higher", tolerance=0.0, floor=0.0, min_n=50, why="as above"
    )
    count = max(1, round(2000 * times))
    for table, rates in {
        "false alarms": ((0.001, 0.001), (0.01, 0.01), (0.1, 0.1)),
        "error rate": ((0.001, 0.01), (0.01, 0.02)),
    }.items():
        for rate, other in rates:
            chance = np.random.default_rng([SEED, 3000])
            of = np.full(LOOKS, 30.0)
            found = 0
            for _ in range(count):
                failed = (chance.binomial(30, share, LOOKS).astype(float) for share in (rate, other))
                seen = Events(next(failed), of, next(failed), of)
                found += rule(judged, seen, Rules(ALPHA, 1, 3000, LOOKS)).decision == "abort"
            yield Row(table, f"{rate:.1%} and {other:.1%} fail", 3000, count, found)


def main() -> None:
    """Print a table for people, row by row as it comes, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--times", type=float, default=1.0, help="how many times the usual number of series")
    parser.add_argument("--every-look", action="store_true", help="judge anew at each of 100 looks")
    asked = parser.parse_args()
    rows: list[Row] = []
    if not asked.json:
        print("| what | series | n a side | series | ended in abort |\n|---|---|---|---|---|")
    for found in (counts(asked.times), power(asked.times), false_alarms(asked.times, every_look=asked.every_look)):
        for row in found:
            rows.append(row)
            if not asked.json:
                print(f"| {row.table} | {row.series} | {row.n:,} | {row.times:,} | {row.share} |", flush=True)
    if asked.json:
        json.dump([asdict(row) for row in rows], sys.stdout, indent=1)


if __name__ == "__main__":
    main()
