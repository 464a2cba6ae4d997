"""Finds an order in which a history of one register or counter could have happened, or shows that there is none."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["register", "counter"]

STEPS_AT_MOST = 2_000_000
"""How many steps a search takes before it gives up."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a client did to one object: when it began and ended (seconds; it never ended: infinity).

    A write that never ended may have happened at any time after it began, or not at all. `value` is what was written or
    read; a counter's writes have none.
    """

    does: Literal["write", "read"]
    value: Hashable
    began_s: float
    ended_s: float
    client: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody knows how it ended."""
        return math.isinf(self.ended_s)


@dataclass(frozen=True, slots=True)
class Order:
    """Whether there is an order: true, false, or None where the search was given up. `stuck` fits into none."""

    exists: bool | None
    stuck: Operation | None = None


class _Entry:
    """The beginning or the end of an operation, in the order of time; taken out of the list while it is placed."""

    __slots__ = ("after", "before", "bit", "end", "needs", "operation")

    def __init__(self, operation: Operation | None, bit: int) -> None:
        self.operation = operation
        self.bit = bit
        self.before: _Entry | None = None
        self.after: _Entry | None = None
        self.end: _Entry | None = None
        self.needs = 0


def find_order(
    kind: Kind, operations: Sequence[Operation], initial: Hashable, steps_at_most: int = STEPS_AT_MOST
) -> Order:
    """Search an order of all ended operations, and of any open ones, that keeps their order in time and explains every read.

    The search is that of Wing and Gong with Lowe's memory of what was tried. Reads that never ended say nothing and are
    left out, and so are open writes of values that nobody read; open writes that are alike are placed in their order.
    """
    shown = {each.value for each in operations if each.does == "read"}
    asked = [each for each in operations if not each.is_open or _matters(kind, each, shown)]
    search = _Search(kind, _linked(asked), sum(not each.is_open for each in asked), initial)
    return search.run(steps_at_most)


def _matters(kind: Kind, each: Operation, shown: set[Hashable]) -> bool:
    return each.does == "write" and (kind == "counter" or each.value in shown)


def _linked(operations: Sequence[Operation]) -> _Entry:
    """The beginnings and ends in the order of time behind a head; at one moment beginnings come first."""
    entries: list[tuple[float, int, _Entry]] = []
    last_alike: dict[Hashable, int] = {}
    for number, each in enumerate(sorted(operations, key=lambda it: (it.began_s, it.ended_s))):
        begin = _Entry(each, 1 << number)
        entries.append((each.began_s, 0, begin))
        if each.is_open:
            begin.needs = last_alike.get(each.value, 0)
            last_alike[each.value] = begin.bit
        else:
            begin.end = _Entry(None, begin.bit)
            entries.append((each.ended_s, 1, begin.end))
    head = tail = _Entry(None, 0)
    for _, _, entry in sorted(entries, key=lambda it: it[:2]):
        tail.after, entry.before = entry, tail
        tail = entry
    return head


class _Search:
    """One search; it walks the list, places what can come next, and takes back what led nowhere."""

    def __init__(self, kind: Kind, head: _Entry, ended: int, initial: Hashable) -> None:
        self._kind = kind
        self._head = head
        self._left = ended
        self._state = initial
        self._placed = 0
        self._taken: list[tuple[_Entry, Hashable]] = []
        self._tried: set[tuple[int, Hashable]] = set()
        self._farthest, self._stuck = -1, 0

    def run(self, steps_at_most: int) -> Order:
        """Walk until every ended operation is placed, or nothing is left to try."""
        entry = self._head.after
        for _ in range(steps_at_most):
            if not self._left:
                return Order(True)
            if entry is not None and entry.operation is not None:
                entry = self._head.after if self._place(entry, entry.operation) else entry.after
                continue
            if entry is not None and len(self._taken) > self._farthest:
                self._farthest, self._stuck = len(self._taken), entry.bit
            if not self._taken:
                return Order(False, self._operation(self._stuck))
            entry = self._take_back().after
        return Order(None)

    def _place(self, entry: _Entry, operation: Operation) -> bool:
        """Let an operation happen next, if it can and that was not tried before."""
        if entry.needs & ~self._placed:
            return False
        state = self._next(operation)
        if state is None:
            return False
        placed = self._placed | entry.bit
        if (placed, state[0]) in self._tried:
            return False
        self._tried.add((placed, state[0]))
        self._taken.append((entry, self._state))
        self._placed, self._state = placed, state[0]
        self._left -= entry.end is not None
        for each in (entry, entry.end):
            if each is not None:
                _unlink(each)
        return True

    def _take_back(self) -> _Entry:
        entry, self._state = self._taken.pop()
        self._placed &= ~entry.bit
        self._left += entry.end is not None
        for each in (entry.end, entry):
            if each is not None:
                _link(each)
        return entry

    def _next(self, operation: Operation) -> tuple[Hashable] | None:
        """The state after an operation, in a tuple; None if it cannot happen now."""
        if operation.does == "read":
            return (self._state,) if operation.value == self._state else None
        if self._kind == "register":
            return (operation.value,)
        return (self._state + 1,)  # type: ignore[operator]

    def _operation(self, bit: int) -> Operation | None:
        entry = self._head.after
        while entry is not None and not (entry.operation is not None and entry.bit == bit):
            entry = entry.after
        return entry.operation if entry is not None else None


def _unlink(entry: _Entry) -> None:
    if entry.before is not None:
        entry.before.after = entry.after
    if entry.after is not None:
        entry.after.before = entry.before


def _link(entry: _Entry) -> None:
    if entry.before is not None:
        entry.before.after = entry
    if entry.after is not None:
        entry.after.before = entry
