"""The assignments of the flags that a plan's matrix tries: all of them, or a covering array; it proves nothing of it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from godwit.checks.combinations import Cell
from godwit.checks.covering import Row, Wish, covering_array
from godwit.plan import LARGEST_MATRIX, Constraint, Flags, Space, least_cases, space_of
from godwit.verdict import PlanError

Assignment = Mapping[str, Any]
_SEED, _WORK = 1, 2000
_MOST_SETS = 20_000


def matrix_of(flags: Flags) -> tuple[Assignment, ...]:
    """Every assignment to try, the same whenever it is asked for.

    With strength `all` every allowed one, in the order of the flags and their values; else a covering array in which
    the defaults (where they are allowed and among the values) and the cases that must be come first.
    Raises PlanError where the constraints allow nothing, and above 2,000 assignments.
    """
    space = space_of(flags)
    if not flags.flags:
        return ()
    if space.completion({}) is None:
        raise PlanError("flags.constraints: no assignment of the flags meets all constraints; take some out")
    if flags.strength == "all":
        if space.count(LARGEST_MATRIX) > LARGEST_MATRIX:
            raise _too_large("all", "write strength: 2 (or 3, 4) for a covering array")
        return tuple(space.assignments())
    if least_cases(flags) > LARGEST_MATRIX:
        raise _too_large(str(flags.strength), "write a lower strength, or fewer values")
    for part in flags.must:
        if space.completion(part) is None:
            raise PlanError(
                f"flags.must: no case that the constraints allow holds {dict(part)}; change it or take it out"
            )
    rows = list(dict.fromkeys(_array(wish_of(flags, space))))
    if len(rows) > LARGEST_MATRIX:
        raise _too_large(str(flags.strength), "write a lower strength, with stronger: for the flags that interact")
    names, domains = list(space.domains), list(space.domains.values())
    return tuple(
        {name: domains[at][value] for at, (name, value) in enumerate(zip(names, row, strict=True))} for row in rows
    )


def wish_of(flags: Flags, space: Space) -> Wish:
    """What a covering array of the flags has to cover, in columns and cells."""
    columns = {name: place for place, name in enumerate(space.domains)}
    groups = [(tuple(columns.values()), int(flags.strength))]
    groups += [(tuple(columns[name] for name in group.flags), group.strength) for group in flags.stronger]
    capped = tuple((each, min(strength, len(set(each)))) for each, strength in groups)
    forbidden = tuple(cells for rule in space.constraints for cells in _forbidden(space, rule, columns))
    defaults = {flag.name: flag.default for flag in flags.flags if flag.default in flag.values}
    musts = [*([defaults] if space.completion(defaults) else []), *flags.must]
    must = tuple(tuple(_cell(space, columns, name, value) for name, value in each.items()) for each in musts)
    return Wish(tuple(len(values) for values in space.domains.values()), capped, forbidden, must)


@lru_cache(maxsize=8)
def _array(wish: Wish) -> tuple[Row, ...]:
    return covering_array(wish, _SEED, _WORK)


def _forbidden(space: Space, rule: Constraint, columns: Mapping[str, int]) -> Sequence[tuple[Cell, ...]]:
    """The smallest sets of cells, in the order of the flags, that break a constraint whatever the other flags are."""
    names = sorted(rule.names, key=lambda name: columns[name])
    found: list[tuple[Cell, ...]] = []
    for given in _breaking(space, rule, names, {}):
        found.append(tuple(_cell(space, columns, name, value) for name, value in given.items()))
        if len(found) > _MOST_SETS:
            raise PlanError(
                f"flags.constraints: '{rule.text}' rules out too many combinations; split it or name fewer flags"
            )
    return found


def _breaking(space: Space, rule: Constraint, names: Sequence[str], given: Assignment) -> Iterator[Assignment]:
    truth = rule.decide(given)
    if truth is False:
        yield given
    elif truth is None:
        for value in space.domains[names[0]]:
            yield from _breaking(space, rule, names[1:], {**given, names[0]: value})


def _cell(space: Space, columns: Mapping[str, int], name: str, value: Any) -> Cell:
    return columns[name], space.domains[name].index(value)


def _too_large(strength: str, instead: str) -> PlanError:
    return PlanError(f"flags.strength: {strength} makes more than {LARGEST_MATRIX} cases; {instead}")
