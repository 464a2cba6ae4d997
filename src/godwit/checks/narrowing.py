"""Finds the smallest flag assignments that fail, from what failed and passed and from further cases it asks for; runs none."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from typing import Any

import numpy as np

Row = tuple[int, ...]
"""One value for every flag, as its index."""

Part = frozenset[tuple[int, int]]
"""Some flags and the index of the value that each has."""

Assignment = Mapping[str, Any]
Search = Generator[Assignment, bool, "Narrowing"]
"""Yields the case to try next, is sent whether it failed, and ends in what was found."""

_AGAIN = 3
"""How often a case is tried again before what it showed is built on."""

_SPREAD = 6
"""How many passing cases, and how many random ones, an assignment is put into, to see whether it makes them fail."""

_TRIES = 60
"""How many random cases are made up at most, to find one that is allowed."""

_ROUNDS = 4
"""How often culprits are looked at again, until nothing changes any more."""

_SMALL = 5000
"""How many cases are looked through one by one, to tell that none exists."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """A smallest assignment: every case with it failed (`cases` of them), and without any of its values one passed."""

    assignment: Assignment
    cases: int


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a search came to: the culprits that explain every failure, or in `trouble` why there are none.

    `cases` is how many different cases are known in all, `clean` how many of them have no culprit (all of them passed),
    `further` how many runs were asked for. `again` is how often the one case that did not repeat failed, and of how many.
    """

    culprits: tuple[Culprit, ...]
    cases: int
    clean: int
    further: int
    trouble: str = ""
    again: tuple[int, int] = (0, 0)


class _SpentError(Exception):
    """The bound on further cases was met."""


class _MovedError(Exception):
    """A case did not end as it had before."""

    def __init__(self, row: Row) -> None:
        self.row = row
        super().__init__()


def narrow(
    values: Mapping[str, Sequence[Any]],
    outcomes: Iterable[tuple[Assignment, bool]],
    *,
    seed: int,
    further: int,
    allowed: Callable[[Assignment], bool] = lambda _: True,
) -> Search:
    """Search the smallest assignments that explain every failure.

    `values` are those that each flag takes in cases, `outcomes` the cases known so far and whether each failed, `allowed`
    which cases may be asked for. At most `further` cases are asked for. Delta debugging: a failing case is put, part by
    part, into passing ones; what still fails without a part does not need it. What came out is tried in other cases, and
    a case that does not repeat ends the search.
    """
    return _Searching(values, outcomes, allowed, np.random.default_rng(seed), further).run()


class _Searching:
    def __init__(
        self,
        values: Mapping[str, Sequence[Any]],
        outcomes: Iterable[tuple[Assignment, bool]],
        allowed: Callable[[Assignment], bool],
        chance: np.random.Generator,
        further: int,
    ) -> None:
        outcomes = list(outcomes)
        self._names = tuple(values)
        seen = {name: [case[name] for case, _ in outcomes] for name in values}
        self._values = [_distinct((*values[name], *seen[name])) for name in values]
        self._rows = {self._row(case): failed for case, failed in outcomes}
        self._allowed = allowed
        self._chance = chance
        self._left = self._further = further
        self._found: list[Part] = []

    def run(self) -> Search:
        """The search as a whole."""
        try:
            yield from self._settle()
            yield from self._confirm()
        except _SpentError:
            return self._came_to(f"not narrowed within {self._further} further cases")
        except _MovedError as moved:
            again = yield from self._repeated(moved.row)
            return self._came_to("the same case fails now and then", again)
        wrong = any(self._has_passed(part) for part in self._found)
        return self._came_to("no assignment explains the failures" if wrong else "")

    def _explain(self) -> Generator[Assignment, bool, None]:
        """Find a culprit in every failing case that has none yet."""
        waiting = [row for row, failed in self._rows.items() if failed]
        while waiting:
            row = waiting[-1]
            if self._is_explained(row):
                waiting.pop()
                continue
            part, witness = yield from self._smallest(row)
            if (yield from self._is_enough(part)):
                self._found = [*(it for it in self._found if not part <= it), part]
            elif witness not in waiting:  # it failed for another reason, which has to be known before this one is
                waiting.append(witness)

    def _smallest(self, failing: Row) -> Generator[Assignment, bool, tuple[Part, Row]]:
        """The flags of a failing case that it needs to fail, and the last case that failed with no others of its values."""
        kept, witness = list(range(len(failing))), failing
        size = max(1, len(kept) // 2)
        while True:
            found = yield from self._fails_without_one_of(failing, kept, size)
            if found is not None:
                witness = found
                kept = [place for place in kept if found[place] == failing[place]]
                size = max(1, min(size, len(kept) // 2))
            elif size == 1:
                return self._without_implied(failing, kept), witness
            else:
                size //= 2

    def _fails_without_one_of(
        self, failing: Row, kept: Sequence[int], size: int
    ) -> Generator[Assignment, bool, Row | None]:
        for start in range(0, len(kept), size):
            chunk = kept[start : start + size]
            rest = _part(failing, [place for place in kept if place not in chunk])
            row = None if self._has_passed(rest) else self._other(failing, rest, chunk)
            if row is not None and (yield from self._ask(row)):
                return row
        return None

    def _is_enough(self, part: Part) -> Generator[Assignment, bool, bool]:
        """Whether other cases fail as well once they have these values."""
        passing = [row for row, failed in self._rows.items() if not failed]
        for row in self._usable(_with(passing[at], part) for at in self._chance.permutation(len(passing))[:_SPREAD]):
            if not (yield from self._ask(row)):
                return False
        free = set(range(len(self._names))) - {place for place, _ in part}
        for _ in range(_SPREAD):
            for row in islice(self._usable(self._drawn(part, free) for _ in range(_TRIES)), 1):
                if not (yield from self._ask(row)):
                    return False
        return not self._has_passed(part)

    def _settle(self) -> Generator[Assignment, bool, None]:
        """Explain, and look at each culprit once more, now that the others are known and cannot be mistaken for it."""
        before: list[Part] = []
        for _ in range(_ROUNDS):
            yield from self._explain()
            if set(before) == set(self._found):
                return
            before = list(self._found)
            for part in before:
                self._found.remove(part)
                own = [row for row in self._with_culprit(part) if not self._is_explained(row)]
                if own:
                    again, _ = yield from self._smallest(own[0])
                    if (yield from self._is_enough(again)):
                        self._found.append(again)
        yield from self._explain()

    def _is_explained(self, row: Row) -> bool:
        return any(part <= _whole(row) for part in self._found)

    def _with_culprit(self, part: Part) -> list[Row]:
        return [row for row, failed in self._rows.items() if failed and part <= _whole(row)]

    def _confirm(self) -> Generator[Assignment, bool, None]:
        """Try again what the culprits rest on: a case that has one, and the passing ones that lack one value of it."""
        for part in self._found:
            rows = self._with_culprit(part)[:1]
            for value in part:
                near = (row for row, failed in self._rows.items() if not failed and part - {value} <= _whole(row))
                rows += [row for row in (next(near, None),) if row is not None]
            for row in rows:
                for _ in range(_AGAIN):
                    yield from self._ask(row, again=True)

    def _repeated(self, row: Row) -> Generator[Assignment, bool, tuple[int, int]]:
        """How often a case that ended both ways fails, the two ends included, and of how many."""
        failures = 1
        for _ in range(_AGAIN):
            failures += yield self._named(row)
        return failures, 2 + _AGAIN

    def _ask(self, row: Row, *, again: bool = False) -> Generator[Assignment, bool, bool]:
        if row in self._rows and not again:
            return self._rows[row]
        if not self._left:
            raise _SpentError
        self._left -= 1
        failed = yield self._named(row)
        if self._rows.setdefault(row, failed) != failed:
            raise _MovedError(row)
        return failed

    def _has_passed(self, part: Part) -> bool:
        return any(not failed and part <= _whole(row) for row, failed in self._rows.items())

    def _other(self, failing: Row, rest: Part, chunk: Sequence[int]) -> Row | None:
        """A case that keeps `rest` of a failing one and differs from it in `chunk`, in as much of it as can be."""
        passing = (_with(row, rest) for row, failed in self._rows.items() if not failed)
        free = set(range(len(failing))) - {place for place, _ in rest}
        drawn = (self._drawn(rest, free, failing) for _ in range(_TRIES))
        for rows in (passing, drawn, [self._climbed(failing, free)]):
            able = [row for row in self._usable(rows) if _apart(row, failing, chunk)]
            if able:
                return max(able, key=lambda row: _apart(row, failing, chunk))
        return None

    def _drawn(self, part: Part, free: Iterable[int], unlike: Row | None = None) -> Row:
        """A random case with the values of `part`, its other values unlike those of a case where they can be."""
        row = [0] * len(self._names)
        for place, value in part:
            row[place] = value
        for place in sorted(free):
            others = [value for value in range(len(self._values[place])) if unlike is None or value != unlike[place]]
            row[place] = others[self._chance.integers(len(others))] if others else 0
        return tuple(row)

    def _climbed(self, failing: Row, free: Iterable[int]) -> Row:
        """A case made from a failing one by changing flag after flag, as far as what is allowed goes."""
        row = failing
        places = sorted(free)
        for place in (places[at] for at in self._chance.permutation(len(places))):
            changed = (_with(row, frozenset({(place, value)})) for value in range(len(self._values[place])))
            row = next(self._usable(it for it in changed if it[place] != failing[place]), row)
        return row

    def _usable(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Those that are allowed and fail for no reason that is known already."""
        for row in rows:
            if self._is_explained(row):
                continue
            if row in self._rows or self._allowed(self._named(row)):
                yield row

    def _without_implied(self, failing: Row, kept: Sequence[int]) -> Part:
        """The assignment without values that no allowed case with the others could lack, culprits known already aside."""
        part = _part(failing, kept)
        small = prod(map(len, self._values)) <= _SMALL
        every = product(*(range(len(values)) for values in self._values)) if small else ()
        rows = [_whole(row) for row in self._usable(every)]
        for place, value in sorted(part):
            rest = part - {(place, value)}
            others = (rest | {(place, other)} for other in range(len(self._values[place])) if other != value)
            known = all(any(found <= other for found in self._found) for other in others)
            if known or (small and not any(rest <= row and (place, value) not in row for row in rows)):
                part = rest
        return part

    def _came_to(self, trouble: str, again: tuple[int, int] = (0, 0)) -> Narrowing:
        counted = [sum(part <= _whole(row) for row in self._rows) for part in self._found]
        culprits = [] if trouble else list(zip(self._found, counted, strict=True))
        culprits.sort(key=lambda pair: (len(pair[0]), sorted(pair[0])))
        clean = sum(not any(part <= _whole(row) for part, _ in culprits) for row in self._rows)
        found = tuple(Culprit(self._told(part), cases) for part, cases in culprits)
        return Narrowing(found, len(self._rows), clean, self._further - self._left, trouble, again)

    def _row(self, case: Assignment) -> Row:
        pairs = zip(self._names, self._values, strict=True)
        return tuple(next(i for i, value in enumerate(values) if _same(value, case[name])) for name, values in pairs)

    def _named(self, row: Row) -> Assignment:
        return self._told(_whole(row))

    def _told(self, part: Part) -> Assignment:
        return {self._names[place]: self._values[place][value] for place, value in sorted(part)}


def _whole(row: Row) -> Part:
    return frozenset(enumerate(row))


def _part(row: Row, places: Iterable[int]) -> Part:
    return frozenset((place, row[place]) for place in places)


def _with(row: Row, part: Part) -> Row:
    changed = dict(part)
    return tuple(changed.get(place, value) for place, value in enumerate(row))


def _apart(row: Row, other: Row, places: Iterable[int]) -> int:
    return sum(row[place] != other[place] for place in places)


def _same(one: Any, other: Any) -> bool:
    """Whether two values of a flag are one; 1 and true are not."""
    return type(one) is type(other) and bool(one == other)


def _distinct(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(_same(value, known) for known in found):
            found.append(value)
    return found
