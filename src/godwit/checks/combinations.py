"""Numbers the combinations of values that an array is to cover; it neither makes an array nor judges one."""

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np

Cell = tuple[int, int]
"""A column and its value, both from 0."""
Groups = Sequence[tuple[Sequence[int], int]]
"""Columns with the strength at which their values are to stand together."""
Ints = np.ndarray[Any, np.dtype[np.intp]]
Truths = np.ndarray[Any, np.dtype[np.bool_]]


class Combinations:
    """Numbers every wanted combination of values, so that a count of each is one array.

    `combos` are sets of columns; the combinations of one set have consecutive numbers from its base. A column that is
    not there (`len(sizes)`, always 0) fills sets of fewer columns up.
    """

    def __init__(self, sizes: Sequence[int], groups: Groups) -> None:
        sets = {frozenset(c) for columns, strength in groups for c in combinations(sorted(set(columns)), strength)}
        widest = max(map(len, sets), default=1)
        if any(len(each) < widest for each in sets):
            wide = [each for each in sets if len(each) == widest]
            sets = {each for each in sets if len(each) == widest or not any(each < other for other in wide)}
        blank = len(sizes)
        combos = [(*each, *[blank] * (widest - len(each))) for each in sorted(map(sorted, sets))]
        padded = np.array([*sizes, 1], dtype=np.intp)
        self.columns: Ints = np.array(combos, dtype=np.intp).reshape(len(combos), widest)
        spans = np.cumprod(padded[self.columns], axis=1) if combos else np.zeros((0, widest), dtype=np.intp)
        self.strides: Ints = np.concatenate([np.ones((len(combos), 1), dtype=np.intp), spans[:, :-1]], axis=1)
        ends = np.cumsum(spans[:, -1])
        self.bases: Ints = np.concatenate([[0], ends[:-1]]).astype(np.intp) if combos else ends
        self.total = int(ends[-1]) if combos else 0
        self.bound = int(spans[:, -1].max(initial=0))
        self.around = [self._around(column) for column in range(blank)]

    def _around(self, column: int) -> tuple[Ints, Ints, list[Ints], list[Ints]]:
        """Of the sets with a column: their bases, its own stride in each, and the other columns with their strides."""
        at, place = np.nonzero(self.columns == column)
        width = self.columns.shape[1]
        others = (place[:, None] + np.arange(1, width)) % width
        columns = np.take_along_axis(self.columns[at], others, axis=1)
        strides = np.take_along_axis(self.strides[at], others, axis=1)
        own = self.strides[at, place]
        return self.bases[at], own, list(np.ascontiguousarray(columns.T)), list(np.ascontiguousarray(strides.T))

    def rest(self, rows: Ints, column: int) -> tuple[Ints, Ints]:
        """The numbers that rows give to the sets with a column where it has value 0, and the column's strides."""
        bases, own, columns, strides = self.around[column]
        found = np.broadcast_to(bases, (*rows.shape[:-1], len(bases)))
        for others, stride in zip(columns, strides, strict=True):
            found = found + rows[..., others] * stride
        return found, own

    def numbers(self, row: Ints) -> Ints:
        """The number of every combination that stands in a row."""
        found: Ints = self.bases + (row[self.columns] * self.strides).sum(axis=1)
        return found

    def holding(self, starts: Ints, pairs: Truths) -> Ints:
        """The numbers of the combinations that hold one of some pairs of cells, where cells are numbered from starts."""
        found = np.zeros(self.total, dtype=bool)
        numbers = np.arange(self.total)
        at = np.searchsorted(self.bases, numbers, side="right") - 1
        sizes = np.append(np.diff(starts, append=len(pairs)), 1)
        blank, cells = len(starts), []
        for place in range(self.columns.shape[1]):
            columns = self.columns[at, place]
            values = (numbers - self.bases[at]) // self.strides[at, place] % sizes[columns]
            cells.append(np.where(columns < blank, np.append(starts, 0)[columns] + values, -1))
        for one, other in combinations_with_replacement(cells, 2):
            found |= (one >= 0) & (other >= 0) & pairs[one, other]
        return np.nonzero(found)[0]

    def cells(self, number: int) -> tuple[Cell, ...]:
        """The combination of a number."""
        at = int(np.searchsorted(self.bases, number, side="right")) - 1
        rest, blank = number - int(self.bases[at]), len(self.around)
        found: list[Cell] = []
        for column, stride in reversed(list(zip(self.columns[at].tolist(), self.strides[at].tolist(), strict=True))):
            if column < blank:
                found.append((column, rest // stride))
            rest %= stride
        return tuple(reversed(found))
