"""Which cells of a row may not stand together, and how a part of a row is completed without them; it optimises nothing."""

from collections.abc import Iterable, Sequence

import numpy as np

from godwit.checks.combinations import Cell, Ints, Truths
from godwit.verdict import PlanError

_MOST_TRIES = 20_000


class Forbidden:
    """Sets of cells of which no row holds all.

    Cells are numbered through. `pairs[a, b]` says that no row holds both: because it was said, because they are values
    of one column, or because together they leave some column without a value.
    """

    def __init__(self, sizes: Sequence[int], sets: Iterable[Sequence[Cell]]) -> None:
        self._sizes = np.array(sizes, dtype=np.intp)
        self.starts: Ints = np.concatenate([[0], np.cumsum(self._sizes)[:-1]]).astype(np.intp)
        self._columns = np.repeat(np.arange(len(sizes)), self._sizes)
        self._larger: dict[int, list[tuple[int, ...]]] = {}
        self._tries = 0
        self.pairs: Truths = (self._columns[:, None] == self._columns) & ~np.eye(len(self._columns), dtype=bool)
        for cells in sets:
            self._forbid([self._number(cell) for cell in cells])
        self._bound = self._bound_columns()
        self._follow()
        self._partners = [self._partners_of(column) for column in range(len(sizes))]

    def broken_by(self, rows: Ints, known: Truths | None, cell: Cell) -> Truths:
        """In which rows a cell would complete a forbidden set; `known` are the columns that are filled (all, if None)."""
        number = self._number(cell)
        partners = self._partners[cell[0]]
        if known is not None:
            partners = partners[known[partners]]
        broken: Truths = self.pairs[number, self.starts[partners] + rows[:, partners]].any(axis=1)
        if self.pairs[number, number]:
            broken[:] = True
        for others in self._larger.get(number, ()):
            columns = self._columns[list(others)]
            if known is None or known[columns].all():
                broken |= (rows[:, columns] + self.starts[columns] == others).all(axis=1)
        return broken

    def completed(self, cells: Iterable[Cell], row: Ints) -> Ints | None:
        """A row that holds the cells and no forbidden set, as near to `row` as comes easily; None if there is none.

        Raises PlanError where that cannot be told in a bounded number of tries.
        """
        alive: Truths = ~self.pairs.diagonal()
        for cell in cells:
            if not self._take(alive, self._number(cell)):
                return None
        self._tries = 0
        found = self._solved(alive, row)
        if found is None:
            return None
        near = row.copy()
        for column in np.nonzero(~found[self.starts + row[:-1]])[0].tolist():
            near[column] = int(found[self._values(column)].argmax())
        return near

    def _number(self, cell: Cell) -> int:
        return int(self.starts[cell[0]]) + cell[1]

    def _values(self, column: int) -> slice:
        return slice(int(self.starts[column]), int(self.starts[column] + self._sizes[column]))

    def _forbid(self, numbers: list[int]) -> None:
        if len(numbers) > 2:
            for number in numbers:
                self._larger.setdefault(number, []).append(tuple(each for each in numbers if each != number))
        elif len(numbers) == 1:
            self.pairs[numbers[0], :] = self.pairs[:, numbers[0]] = True
        else:
            self.pairs[numbers[0], numbers[1]] = self.pairs[numbers[1], numbers[0]] = True

    def _bound_columns(self) -> list[int]:
        """The columns that some forbidden set names."""
        elsewhere = (self.pairs & (self._columns[:, None] != self._columns)) | np.diag(self.pairs.diagonal())
        named = {int(column) for column in self._columns[elsewhere.any(axis=1)]}
        return sorted(named | {int(self._columns[number]) for number in self._larger})

    def _follow(self) -> None:
        """Forbid what follows: two cells that leave a column without a value cannot stand together either."""
        inside = np.nonzero(np.isin(self._columns, self._bound))[0]
        pairs = self.pairs[np.ix_(inside, inside)]
        before = -1
        while before != (before := int(pairs.sum())):
            for column in self._bound:
                blocked = pairs[:, self._columns[inside] == column]
                together = np.ones_like(pairs)
                for value in blocked.T:
                    together &= value[:, None] | value
                pairs |= together
                never = pairs.diagonal().copy()
                pairs[never, :] = pairs[:, never] = True
        self.pairs[np.ix_(inside, inside)] = pairs
        never = self.pairs.diagonal().copy()
        self.pairs[never, :] = self.pairs[:, never] = True

    def _partners_of(self, column: int) -> Ints:
        cells = np.nonzero(self.pairs[self._values(column)].any(axis=0))[0]
        columns = np.unique(self._columns[cells])
        return np.array([each for each in columns.tolist() if each != column and each in self._bound], dtype=np.intp)

    def _solved(self, alive: Truths, row: Ints) -> Truths | None:
        """The cells left where every column that a forbidden set names has one."""
        self._tries += 1
        if self._tries > _MOST_TRIES:
            raise PlanError("flags.constraints: too entangled to be solved; use fewer or simpler constraints")
        left = np.add.reduceat(alive, self.starts, dtype=np.intp)
        columns = [column for column in self._bound if left[column] > 1]
        if not columns:
            return alive
        column = min(columns, key=lambda each: (left[each], each))
        wanted = int(row[column])
        values = [value for value in range(int(self._sizes[column])) if alive[self.starts[column] + value]]
        for value in sorted(values, key=lambda each: (each != wanted, each)):
            attempt = alive.copy()
            if self._take(attempt, self._number((column, value))):
                found = self._solved(attempt, row)
                if found is not None:
                    return found
        return None

    def _take(self, alive: Truths, number: int) -> bool:
        """Fix a cell and whatever follows from it; False if that leaves a column without a value."""
        todo, taken = [number], set()
        while todo:
            number = todo.pop()
            if number in taken:
                continue
            if not alive[number]:
                return False
            taken.add(number)
            alive &= ~self.pairs[number]
            left = np.add.reduceat(alive, self.starts, dtype=np.intp)
            if not left.all():
                return False
            single = alive & (left[self._columns] == 1)
            for others in self._larger.get(number, ()):
                open_cells = [each for each in others if not single[each]]
                if not open_cells or (len(open_cells) == 1 and not self._drop(alive, open_cells[0])):
                    return False
            left = np.add.reduceat(alive, self.starts, dtype=np.intp)
            todo += [each for each in np.nonzero(alive & (left[self._columns] == 1))[0].tolist() if each not in taken
                     and self._columns[each] in self._bound]  # fmt: skip
        return True

    def _drop(self, alive: Truths, number: int) -> bool:
        alive[number] = False
        return bool(alive[self._values(int(self._columns[number]))].any())
