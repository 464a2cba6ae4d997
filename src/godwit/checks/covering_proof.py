"""Proves that a flag matrix covers what a plan asks for; it knows nothing of how matrices are made, and mends none.

Everything is counted anew from the plan and from the cases: every combination of values is looked for in the cases, and
one that stands in none of them is excused only if no assignment that the constraints allow holds it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import prod
from typing import Any, Protocol

import numpy as np

from godwit.plan import Flags, Space, space_of
from godwit.verdict import Finding, Judgement, PlanError, all_of, failed, inconclusive, passed

Assignment = Mapping[str, Any]
_MOST_SHOWN = 20
_MOST_PRODUCT = 1_000_000


class Case(Protocol):
    """What the proof has to know of a case."""

    @property
    def flags(self) -> Assignment:
        """The value of every flag."""

    @property
    def candidate_failing(self) -> bool:
        """Whether the candidate fails under it."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How many combinations of the values of every `strength` of some flags there are, and where they are.

    `wanted` = `covered` + `impossible` + missing; the first of those missing are in `missing`.
    """

    strength: int
    flags: int
    wanted: int
    covered: int
    impossible: int
    missing: tuple[Assignment, ...]

    @property
    def n_missing(self) -> int:
        """How many allowed combinations stand in no case."""
        return self.wanted - self.covered - self.impossible

    def __str__(self) -> str:
        return (
            f"strength {self.strength} of {self.flags} flags: {self.wanted:,} combinations, {self.covered:,} covered, "
            f"{self.impossible:,} excluded by constraints, {self.n_missing:,} missing"
        )


@dataclass(frozen=True, slots=True)
class CoverageProof:
    """What some cases cover. `wrong` are cases that must not be, `absent` those that must be and are not."""

    cases: int
    sha256: str
    parts: tuple[Covered, ...]
    wrong: tuple[tuple[Assignment, str], ...]
    absent: tuple[Assignment, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is missing and nothing is there that must not be."""
        return bool(self.cases) and not (self.wrong or self.absent or any(part.n_missing for part in self.parts))

    def __str__(self) -> str:
        return "; ".join([f"{self.cases} cases (sha256 {self.sha256[:16]})", *map(str, self.parts)])


def prove(flags: Flags, assignments: Sequence[Assignment]) -> CoverageProof:
    """Count what some assignments of the flags cover of what the plan asks for.

    Raises PlanError where it cannot be told whether the constraints allow a combination.
    """
    space = space_of(flags)
    strength = len(flags.flags) if flags.strength == "all" else flags.strength
    asked = [(tuple(space.domains), strength), *((tuple(dict.fromkeys(g.flags)), g.strength) for g in flags.stronger)]
    wrong = tuple((each, why) for each in assignments if (why := _wrong(space, each)))
    right = [each for each in assignments if not _wrong(space, each)]
    absent = tuple(must for must in flags.must if not any(_holds(each, must) for each in right))
    text = json.dumps([[_key(each.get(name)) for name in space.domains] for each in assignments], sort_keys=True)
    parts = tuple(_covered(space, names, min(each, len(names)), right) for names, each in asked)
    return CoverageProof(len(assignments), hashlib.sha256(text.encode()).hexdigest(), parts, wrong, absent)


def judge_matrix(flags: Flags, cases: Sequence[Case]) -> Judgement:
    """Judge whether the cases cover every allowed combination that the plan asks for, in each health of the candidate.

    A failing candidate counts where there is a truth table, which says who serves then. The proof in figures is the
    reason of the judgement, also where it holds.
    """
    if not flags.flags or not cases:
        return inconclusive("the plan names no flags, so there is no matrix" if not flags.flags else "no case")
    healths = {"healthy": False} | ({"failing": True} if flags.truth else {})
    try:
        proofs = [
            _judged(prove(flags, [case.flags for case in cases if case.candidate_failing is failing]), word)
            for word, failing in healths.items()
        ]
    except PlanError as trouble:
        return inconclusive(str(trouble))
    return all_of(proofs)


def _judged(proof: CoverageProof, health: str) -> Judgement:
    reason = f"candidate {health}: {proof}"
    if not proof.cases or not all(part.wanted for part in proof.parts):
        return inconclusive(f"{reason}; nothing to prove")
    findings = [*(_missing(part) for part in proof.parts if part.n_missing)]
    findings += [
        Finding("a case that must not be", _shown(case), "no such case", "a case", why) for case, why in proof.wrong
    ]
    findings += [
        Finding("a case that must be is absent", _shown(case), "a case", "no such case") for case in proof.absent
    ]
    return (
        failed(reason, [replace(each, reason=each.reason or f"candidate {health}") for each in findings])
        if findings
        else passed(reason)
    )


def _missing(part: Covered) -> Finding:
    examples = tuple(_shown(each) for each in part.missing)
    said = f"an allowed combination of strength {part.strength} stands in no case"
    return Finding(said, examples[0], "in a case", "in no case", count=part.n_missing, examples=examples)


def _wrong(space: Space, case: Assignment) -> str:
    """Why an assignment is no case of the matrix; empty if it is one."""
    for name, values in space.domains.items():
        if name not in case:
            return f"it does not say what {name} is"
        if _key(case[name]) not in map(_key, values):
            return f"{name} = {case[name]!r} is not among the values"
    broken = space.broken(case)
    return f"it breaks '{broken.text}'" if broken else ""


def _covered(space: Space, names: Sequence[str], strength: int, cases: Sequence[Assignment]) -> Covered:
    domains = [space.domains[name] for name in names]
    keys = [[_key(value) for value in values] for values in domains]
    table = np.array([[key.index(_key(case[name])) for name, key in zip(names, keys, strict=True)] for case in cases])
    table = table.reshape(len(cases), len(names)).astype(np.int64)
    wanted = covered = impossible = 0
    missing: list[Assignment] = []
    for columns in combinations(range(len(names)), strength):
        sizes = [len(domains[column]) for column in columns]
        wanted += prod(sizes)
        seen = _seen(table[:, columns], sizes)
        covered += int(seen.sum())
        for place in np.argwhere(~seen).tolist():
            given = {names[column]: domains[column][index] for column, index in zip(columns, place, strict=True)}
            if space.completion(given) is None:
                impossible += 1
            elif len(missing) < _MOST_SHOWN:
                missing.append(given)
    return Covered(strength, len(names), wanted, covered, impossible, tuple(missing))


def _seen(table: np.ndarray[Any, np.dtype[np.int64]], sizes: list[int]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which combinations of values stand in the rows of some columns."""
    if prod(sizes) > _MOST_PRODUCT:
        raise PlanError(f"flags.strength: {prod(sizes):,} combinations are too many to prove; write a lower strength")
    seen = np.zeros(sizes, dtype=bool)
    seen[tuple(table.T)] = True
    return seen


def _holds(case: Assignment, part: Assignment) -> bool:
    return all(_key(case.get(name)) == _key(value) for name, value in part.items())


def _key(value: Any) -> Any:
    """A value such that on differs from 1, and a list equals the same list."""
    return [type(value).__name__, value] if not isinstance(value, tuple | list) else ["list", list(value)]


def _shown(case: Assignment) -> str:
    parts: Iterator[str] = (f"{name} = {_written(value)}" for name, value in case.items())
    shown = ", ".join(islice(parts, _MOST_SHOWN))
    return f"{shown}, and {len(case) - _MOST_SHOWN} more" if len(case) > _MOST_SHOWN else shown


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)
