"""Groups changed cells of a column by what likely happened to them: the same accident in a thousand rows is one cause."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from godwit.checks.accidents import accidents
from godwit.checks.cells import key_of, same_cell
from godwit.checks.mappings import Unmapped

GROUPS_AT_MOST = 50
NO_COMMON_WAY = "in no common way"
SAME_CHANGE = "same change"
OTHER_ROWS = "values were given to other rows"
Place = tuple[Any, ...]
"""The key of a row."""


@dataclass(frozen=True, slots=True)
class CellChange:
    """One changed cell. `hints` are causes that only the whole row shows, such as a swap of two columns."""

    place: Place
    one: Any
    other: Any
    hints: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int, str]:
        """How long it is to read: the smallest examples come first."""
        return len(repr(self.one)) + len(repr(self.other)), len(repr(self.place)), repr(self.place)


@dataclass(slots=True)
class _Tally:
    """How many changes each cause would explain, and how specific it is (0 is the most)."""

    members: dict[str, set[int]] = field(default_factory=dict)
    rank: dict[str, int] = field(default_factory=dict)

    def note(self, number: int, causes: Sequence[str]) -> None:
        for rank, cause in enumerate(causes):
            self.members.setdefault(cause, set()).add(number)
            self.rank[cause] = min(rank, self.rank.get(cause, rank))

    def best(self) -> str:
        return max(self.members, key=lambda cause: (len(self.members[cause]), -self.rank[cause]))

    def take(self, cause: str) -> set[int]:
        taken = self.members.pop(cause)
        for others in self.members.values():
            others -= taken
        self.members = {name: others for name, others in self.members.items() if others}
        return taken


def group_changes(changes: Sequence[CellChange]) -> list[tuple[str, list[CellChange]]]:
    """The changed cells of one column by cause, the largest group first, the smallest examples first in each.

    Of all causes that fit, the one that fits most cells is taken, then the one that fits most of the others. Changes
    that share no cause with any other are one group.
    """
    if not changes:
        return []
    tally = _Tally()
    causes = [list(_causes(change)) for change in changes]
    for number, fitting in enumerate(causes):
        tally.note(number, fitting)
    if len(changes) > 1 and len(tally.members[tally.best()]) < len(changes) and _moved(changes):
        return [(OTHER_ROWS, _sorted(changes))]
    groups: list[tuple[str, list[CellChange]]] = []
    left = set(range(len(changes)))
    while left and len(groups) < GROUPS_AT_MOST and len(tally.members[tally.best()]) > 1:
        cause = tally.best()
        taken = tally.take(cause)
        left -= taken
        groups.append((_shown(cause), _sorted([changes[number] for number in taken])))
    if len(left) == 1:
        (number,) = left
        groups.append((_shown(causes[number][0]), [changes[number]]))
    elif left:
        groups.append((NO_COMMON_WAY, _sorted([changes[number] for number in left])))
    return groups


def _causes(change: CellChange) -> Iterator[str]:
    if isinstance(change.one, Unmapped):
        yield change.one.why
        return
    yield from change.hints
    yield from accidents(change.one, change.other)
    yield f"{SAME_CHANGE}: {change.one!r} to {change.other!r}"
    yield f"all became {change.other!r}"


def _shown(cause: str) -> str:
    return SAME_CHANGE if cause.startswith(f"{SAME_CHANGE}: ") else cause


def _moved(changes: Sequence[CellChange]) -> bool:
    """Whether the same values are there, only in other rows."""
    sides = [[key_of({"v": value}, ("v",)) for value in side] for side in _values(changes)]
    return Counter(sides[0]) == Counter(sides[1])


def _values(changes: Sequence[CellChange]) -> tuple[list[Any], list[Any]]:
    return [change.one for change in changes], [change.other for change in changes]


def _sorted(changes: Sequence[CellChange]) -> list[CellChange]:
    return sorted(changes, key=lambda change: change.size)


def hints(column: str, changed: Sequence[str], one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Causes that a whole row shows for the change of one cell: its value comes from another column that changed too."""
    for name in changed:
        if name != column and same_cell(other.get(column), one.get(name)):
            swapped = same_cell(other.get(name), one.get(column))
            yield f"swapped with {name}" if swapped else f"took the value of {name}"
