"""Lints about the flag matrix: what constraints leave of it, and how large it is; they only read the plan."""

from collections.abc import Iterator
from itertools import combinations
from math import comb, prod

from godwit.plan.assignments import LARGEST_MATRIX, Space, least_cases, space_of
from godwit.plan.lint_flow import Rule, Said
from godwit.plan.model import Plan
from godwit.plan.sections.flags import Flags

MOST_TUPLES = 5_000_000
"""The most combinations that a matrix may have to cover."""
_MOST_SETS = 500_000


def _constraints(plan: Plan) -> Iterator[Said]:
    space = space_of(plan.flags)
    for place, rule in enumerate(space.constraints):
        if Space(space.domains, (rule,)).completion({}) is None:
            said = f"no values of {', '.join(sorted(rule.names))} meet '{rule.text}'"
            yield "constraint-allows-nothing", ("flags", "constraints", place), said
            return
    if space.completion({}) is None:
        yield "constraint-allows-nothing", ("flags", "constraints"), "no assignment of the flags meets all constraints"
        return
    defaults = {flag.name: flag.default for flag in plan.flags.flags}
    if broken := space.broken(defaults):
        place = space.constraints.index(broken)
        said = f"the defaults break '{broken.text}': the system would come up in a case that must not be"
        yield "default-forbidden", ("flags", "constraints", place), said
    for place, row in enumerate(plan.flags.must):
        if space.completion(row) is None:
            yield "must-forbidden", ("flags", "must", place), f"no allowed case holds {_shown(row)}"
    for place, flag in enumerate(plan.flags.flags):
        for index, value in enumerate(flag.values):
            if space.completion({flag.name: value}) is None:
                said = f"no allowed case has {flag.name} = {value!r}"
                yield "value-never-tried", ("flags", "flags", place, "values", index), said


def _strengths(plan: Plan) -> Iterator[Said]:
    flags = plan.flags
    if isinstance(flags.strength, int) and flags.flags and flags.strength > len(flags.flags):
        said = f"strength {flags.strength} of {len(flags.flags)} flag(s); write a lower one, or all"
        yield "strength-too-high", ("flags", "strength"), said
    for place, group in enumerate(flags.stronger):
        if group.strength > len(set(group.flags)):
            said = f"strength {group.strength} of {len(set(group.flags))} flag(s)"
            yield "strength-too-high", ("flags", "stronger", place, "strength"), said


def _size(plan: Plan) -> Iterator[Said]:
    flags = plan.flags
    if flags.strength == "all":
        if flags.flags and space_of(flags).count(LARGEST_MATRIX) > LARGEST_MATRIX:
            said = (
                f"strength all makes more than {LARGEST_MATRIX} cases of {len(flags.flags)} flags; write strength: 2 "
                "(or 3, 4), with stronger: for the flags that interact"
            )
            yield "matrix-too-large", ("flags", "strength"), said
    elif _tuples(flags) > MOST_TUPLES:
        said = f"strength {flags.strength} asks for more than {MOST_TUPLES:,} combinations of values; write a lower one"
        yield "matrix-too-large", ("flags", "strength"), said
    elif flags.flags and (least := least_cases(flags)) > LARGEST_MATRIX:
        said = f"it takes at least {least:,} cases, more than {LARGEST_MATRIX}; write a lower strength, or fewer values"
        yield "matrix-too-large", ("flags", "strength"), said


def _tuples(flags: Flags) -> int:
    """How many combinations of values have to be covered; counting stops where it is too many."""
    sizes = {flag.name: len(flag.values) for flag in flags.flags}
    groups = [(tuple(sizes), int(flags.strength)), *((group.flags, group.strength) for group in flags.stronger)]
    total = 0
    for names, strength in groups:
        if comb(len(names), strength) > _MOST_SETS:
            return MOST_TUPLES + 1
        total += sum(prod(sizes[name] for name in chosen) for chosen in combinations(names, strength))
    return total


def _shown(row: dict[str, bool | int | str | tuple[str, ...]]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in row.items()) or "no flag at all"


FLAG_RULES: tuple[Rule, ...] = (_constraints, _strengths, _size)
