"""Which assignments of the flags the constraints allow: found by search, exactly or not at all; it chooses no matrix."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product
from math import prod
from typing import Any

from godwit.plan.constraints import Constraint, Declared, read_constraint
from godwit.plan.sections.flags import Flags
from godwit.verdict import PlanError

LARGEST_MATRIX = 2000
"""The most assignments that a matrix may have."""
_MOST_STEPS = 10_000


@dataclass(frozen=True)
class Space:
    """The flags with the values that are tried, and what must hold for them together."""

    domains: Mapping[str, tuple[Any, ...]]
    constraints: tuple[Constraint, ...] = ()
    _by_name: dict[str, list[Constraint]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.constraints:
            for name in rule.names:
                self._by_name.setdefault(name, []).append(rule)

    def broken(self, given: Mapping[str, Any]) -> Constraint | None:
        """The first constraint that the given flags break whatever the others are."""
        return next((rule for rule in self.constraints if rule.decide(given) is False), None)

    def completion(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """An allowed assignment of all flags that holds the given ones, or None where there is none.

        Raises PlanError where that cannot be told in 10,000 steps.
        """
        if self.broken(given):
            return None
        found = {name: values[0] for name, values in self.domains.items()} | dict(given)
        for group in self.groups:
            solved = next(self._solutions(group, {name: given[name] for name in group if name in given}), None)
            if solved is None:
                return None
            found |= solved
        return found

    def count(self, most: int) -> int:
        """How many assignments are allowed; anything above `most` is told as `most + 1`."""
        bound = {name for group in self.groups for name in group}
        total = prod(len(values) for name, values in self.domains.items() if name not in bound)
        for group in self.groups:
            total *= sum(1 for _ in islice(self._solutions(group, {}), most + 1))
        return min(total, most + 1)

    def assignments(self) -> Iterator[dict[str, Any]]:
        """Every allowed assignment, in the order of the flags and of their values."""
        groups = [list(self._solutions(group, {})) for group in self.groups]
        bound = {name for group in self.groups for name in group}
        free = [[{name: value} for value in values] for name, values in self.domains.items() if name not in bound]
        found = [{name: each[name] for name in self.domains} for each in map(_merged, product(*groups, *free))]
        yield from sorted(found, key=lambda each: [values.index(each[name]) for name, values in self.domains.items()])

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The flags that constraints bind to each other, directly or through others."""
        groups: list[set[str]] = []
        for rule in self.constraints:
            touched = [group for group in groups if group & rule.names]
            groups = [group for group in groups if not group & rule.names] + [set(rule.names).union(*touched)]
        return tuple(tuple(name for name in self.domains if name in group) for group in groups)

    def _solutions(self, names: Sequence[str], given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Every allowed assignment of the names beside the given ones, which are named too."""
        first = {name: (given[name],) if name in given else self.domains[name] for name in names}
        todo = [self._narrowed(first, names)]
        for _ in range(_MOST_STEPS):
            while todo and todo[-1] is None:
                todo.pop()
            left = todo.pop() if todo else None
            if left is None:
                return
            open_names = [name for name in names if len(left[name]) > 1]
            if not open_names:
                yield {name: values[0] for name, values in left.items()}
                continue
            name = min(open_names, key=lambda each: len(left[each]))
            todo += [self._narrowed(left | {name: (value,)}, [name]) for value in reversed(left[name])]
        raise PlanError(
            f"flags.constraints: what they allow for {', '.join(names)} cannot be told in {_MOST_STEPS} steps; "
            "use fewer or simpler constraints between these flags"
        )

    def _narrowed(self, left: dict[str, tuple[Any, ...]], changed: Iterable[str]) -> dict[str, tuple[Any, ...]] | None:
        """The values left after whatever follows from those that are settled; None if some flag is left without one."""
        todo, left = list(changed), dict(left)
        while todo:
            for rule in self._by_name.get(todo.pop(), ()):
                given = {name: left[name][0] for name in rule.names if len(left[name]) == 1}
                for name in sorted(rule.names - given.keys()) or [next(iter(rule.names))]:
                    values = tuple(value for value in left[name] if rule.decide(given | {name: value}) is not False)
                    if not values:
                        return None
                    if len(values) < len(left[name]):
                        left[name] = values
                        todo.append(name)
        return left


def space_of(flags: Flags) -> Space:
    """The space that a plan's flags span; its constraints were read before, when the plan was loaded."""
    declared = {flag.name: Declared(flag.type, tuple(dict.fromkeys(flag.values))) for flag in flags.flags}
    return Space({name: each.values for name, each in declared.items()}, read_all(flags.constraints, declared))


def least_cases(flags: Flags) -> int:
    """How many cases any matrix of the flags has at least; 0 where constraints make that hard to tell.

    One for each combination of the values of those flags that have most.
    """
    if flags.constraints or flags.strength == "all":
        return 0
    sizes = {flag.name: len(set(flag.values)) for flag in flags.flags}
    groups = [(tuple(sizes), flags.strength), *((group.flags, group.strength) for group in flags.stronger)]
    return max(prod(sorted(sizes[name] for name in set(names))[-strength:]) for names, strength in groups)


def read_all(texts: Sequence[str], declared: Mapping[str, Declared]) -> tuple[Constraint, ...]:
    """Several constraints, all of which must hold."""
    return tuple(read_constraint(text, declared) for text in texts)


def _merged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}
