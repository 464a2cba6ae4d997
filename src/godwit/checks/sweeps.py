"""Judges a percentage that was swept from nobody to everybody: its edges, its steps, and that nobody leaves as it grows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from godwit.checks.bucketing import judge_share
from godwit.checks.differences import EXAMPLES_AT_MOST, verdict_on
from godwit.verdict import Finding, Judgement, all_of, inconclusive

Moved = NDArray[np.bool_]
"""Whether each user is on the candidate, in the order of the users."""

_FINE_STEPS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Who was on the candidate at each percentage: `moved[i, k]` is user k at `levels[i]`, which rise from 0 to 100.

    `name` says who a user is, by place: a million of them are named only when they are found.
    """

    levels: tuple[float, ...]
    moved: Moved
    name: Callable[[int], str]

    @property
    def n(self) -> int:
        """How many users were asked."""
        return int(self.moved.shape[1])

    def every(self, start: int, step: int) -> "Sweep":
        """The sweep of every `step`-th user from one on."""
        return Sweep(self.levels, self.moved[:, start::step], lambda place: self.name(start + place * step))

    def at(self, level: float) -> Moved:
        """Who was on the candidate at a level that was looked at."""
        found: Moved = self.moved[self.levels.index(level)]
        return found

    def first(self) -> NDArray[np.int64]:
        """For each user the place of the first level that moved them, the number of levels where none did."""
        places = np.argmax(self.moved, axis=0)
        return np.where(self.moved.any(axis=0), places, len(self.levels)).astype(np.int64)


def grid(resolution: float, levels: Sequence[float] = ()) -> tuple[float, ...]:
    """The percentages of a sweep: both edges, the smallest step at either end, and `levels`.

    Without `levels` ten steps at either end and every whole percentage, or every step where that is coarser.
    """
    ends = {0.0, 100.0, resolution, 100 - resolution}
    if levels:
        return tuple(sorted({round(level, 6) for level in (*ends, *levels)}))
    fine = {resolution * step for step in range(1, _FINE_STEPS + 1)}
    step = max(1.0, resolution)
    whole = {step * place for place in range(1, int(100 / step) + 1)}
    every = ends | whole | fine | {100 - each for each in fine}
    return tuple(sorted({round(level, 6) for level in every if 0 <= level <= 100}))


def judge_edges(sweep: Sweep) -> Judgement:
    """Judge that 0 % is nobody and 100 % everybody, whoever asks."""
    if not {0.0, 100.0} <= set(sweep.levels):
        return inconclusive("0 % and 100 % were not both looked at")
    strays = (
        ("user is on the candidate at 0 %", sweep.at(0.0), "baseline", "candidate"),
        ("user is not on the candidate at 100 %", ~sweep.at(100.0), "candidate", "baseline"),
    )
    findings = [
        Finding(what, f"user {sweep.name(int(users[0]))}", wanted, seen, "", len(users), named(sweep.name, users))
        for what, mask, wanted, seen in strays
        if len(users := np.flatnonzero(mask))
    ]
    return verdict_on(findings, sweep.n, "user(s) at 0 % and at 100 %")


def judge_rising(sweep: Sweep) -> Judgement:
    """Judge that nobody leaves the candidate from one level to the next higher one."""
    if len(sweep.levels) < 2:
        return inconclusive(f"{len(sweep.levels)} level(s) cannot show a rise")
    if not sweep.moved.any():
        return inconclusive("nobody was on the candidate at any level")
    findings = []
    for low, high in pairwise(range(len(sweep.levels))):
        left = np.flatnonzero(sweep.moved[low] & ~sweep.moved[high])
        if len(left):
            where = f"{sweep.levels[low]:g} % to {sweep.levels[high]:g} %"
            before = int(sweep.moved[low].sum())
            said = f"{before} user(s)", f"{before - len(left)} of them"
            findings.append(Finding("users moved back", where, *said, "", len(left), named(sweep.name, left)))
    return verdict_on(findings, sweep.n, f"user(s) over {len(sweep.levels)} levels")


def judge_steps(sweep: Sweep, resolution: float) -> Judgement:
    """Judge that the smallest step moves about its share: not nobody, and at the other end not everybody."""
    asked = [level for level in (resolution, 100 - resolution) if level in sweep.levels]
    if len(asked) < 2:
        return inconclusive(f"{resolution:g} % and {100 - resolution:g} % were not both looked at")
    return all_of(judge_share(level, int(sweep.at(level).sum()), sweep.n) for level in asked)


def named(name: Callable[[int], str], users: NDArray[np.int64]) -> tuple[str, ...]:
    """A few of the users by name."""
    return tuple(name(int(user)) for user in users[:EXAMPLES_AT_MOST])
