"""Makes covering arrays: few rows in which every wanted combination of values stands; what it makes is proved elsewhere.

A first array is built row by row, greedily; then rows are taken out one at a time, and a tabu search changes single
cells until nothing is missing again. Work is counted in changes of the search, not in time, so that a seed gives the
same array on every machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from godwit.checks.combinations import Cell, Combinations, Ints, Truths
from godwit.checks.forbidden import Forbidden
from godwit.verdict import PlanError

Row = tuple[int, ...]
_IMPOSSIBLE = 1 << 30
_BATCHES, _BATCH = 3, 12
_LARGE = 100_000
_TENURE = 4
_WIDE = 500
_MOST_ROWS = 4000


@dataclass(frozen=True, slots=True)
class Wish:
    """What an array has to cover: columns with `sizes` values each (0, 1, ...), and how.

    `groups` are columns with the strength at which their values are to stand together. No row holds all cells of a
    forbidden set. Each of `must` is a part of a row that has to be there.
    """

    sizes: tuple[int, ...]
    groups: tuple[tuple[tuple[int, ...], int], ...]
    forbidden: tuple[tuple[Cell, ...], ...] = ()
    must: tuple[tuple[Cell, ...], ...] = ()


def covering_array(wish: Wish, seed: int, work: int) -> tuple[Row, ...]:
    """The rows that `work` changes of the search lead to; the same for the same wish, seed and work."""
    found: tuple[Row, ...] = ()
    for found in smaller_arrays(wish, seed, work):  # noqa: B007 - the last one is the smallest
        pass
    return found


def smaller_arrays(wish: Wish, seed: int, work: int) -> Iterator[tuple[Row, ...]]:
    """Ever smaller arrays, the first one as soon as it can be had; it ends after `work` changes of the search."""
    search = _Search(wish, np.random.Generator(np.random.PCG64(seed)))
    search.build()
    yield search.result()
    while len(search.rows) > max(search.bound, len(wish.must)):
        search.drop_row()
        while search.missing:
            if work <= 0:
                return
            work -= search.step()
        yield search.result()


class _Search:
    """The rows so far, how often each combination stands in them, and which are missing."""

    def __init__(self, wish: Wish, chance: np.random.Generator) -> None:
        self._wish, self._chance = wish, chance
        self._table = Combinations(wish.sizes, wish.groups)
        self._forbidden = Forbidden(wish.sizes, wish.forbidden)
        self.bound = self._table.bound
        self._effort = 1 + max((len(each[0]) for each in self._table.around), default=0) // _WIDE
        self._counts: Ints = np.zeros(self._table.total, dtype=np.intp)
        self.missing = list(range(self._table.total))
        self._places = list(range(self._table.total))
        self.rows: Ints = np.zeros((0, len(wish.sizes) + 1), dtype=np.intp)
        self._tabu: Ints = np.zeros((0, len(wish.sizes)), dtype=np.intp)
        self._locked = np.zeros((len(wish.must), len(wish.sizes)), dtype=bool)
        self._now = 0
        for number in self._table.holding(self._forbidden.starts, self._forbidden.pairs).tolist():
            self._leave_out(number)

    def result(self) -> tuple[Row, ...]:
        """The rows as they stand."""
        return tuple(tuple(row) for row in self.rows[:, :-1].tolist())

    # ------------------------------------------------------------ the first array

    def build(self) -> None:
        """Add rows until nothing is missing; combinations that no row can hold are found out and left out."""
        for place, cells in enumerate(self._wish.must):
            row = self._forbidden.completed(cells, self._drawn_row())
            if row is None:
                raise PlanError(f"no allowed row holds {cells}")
            self._locked[place, [column for column, _ in cells]] = True
            self._add(row)
        while self.missing:
            number = self.missing[self._draw(len(self.missing))]
            wanted = self._table.cells(number)
            row = self._best_row(wanted)
            if row is None:
                row = self._forbidden.completed(wanted, self._drawn_row())
            if row is None:
                self._leave_out(number)
            else:
                self._add(row)
            if len(self.rows) > _MOST_ROWS:
                raise PlanError(f"flags.strength: it takes more than {_MOST_ROWS} cases; write a lower strength")
        self._tabu = np.zeros((len(self.rows), len(self._wish.sizes)), dtype=np.intp)

    def _best_row(self, wanted: Sequence[Cell]) -> Ints | None:
        """Of some rows with the wanted combination, grown column by column, the one that brings most that is missing."""
        best: tuple[int, Ints | None] = (0, None)
        for _ in range(_BATCHES if self._table.total <= _LARGE else 1):
            rows, gains = self._grown(wanted)
            if len(gains) and gains.max() > best[0]:
                best = int(gains.max()), rows[int(gains.argmax())]
        return best[1]

    def _grown(self, wanted: Sequence[Cell]) -> tuple[Ints, Ints]:
        first = [column for column, _ in wanted]
        others = [
            column for column in np.argsort(self._chance.random(len(self._wish.sizes))).tolist() if column not in first
        ]
        rows: Ints = np.zeros((_BATCH, len(self._wish.sizes) + 1), dtype=np.intp)
        known = np.zeros(rows.shape[1], dtype=bool)
        known[-1] = True
        gains: Ints = np.ones(_BATCH, dtype=np.intp)
        rows[:, first] = [value for _, value in wanted]
        known[first] = True
        if any(self._forbidden.broken_by(rows[:1], known, cell)[0] for cell in wanted):
            return rows[:0], gains[:0]
        for column in others:
            gained = self._gains(rows, known, column)
            score = gained + self._chance.random(gained.shape) * 0.9
            for value in range(self._wish.sizes[column]):
                score[self._forbidden.broken_by(rows, known, (column, value)), value] = -1
            chosen = score.argmax(axis=1)
            alive = score[np.arange(len(rows)), chosen] >= 0
            rows[:, column] = chosen
            gains = gains + gained[np.arange(len(rows)), chosen]
            rows, gains = rows[alive], gains[alive]
            known[column] = True
        return rows, gains

    def _gains(self, rows: Ints, known: Truths, column: int) -> Ints:
        """How many missing combinations each value of a column completes in each row."""
        rest, own = self._table.rest(rows, column)
        complete = np.ones(len(own), dtype=bool)
        for others in self._table.around[column][2]:
            complete &= known[others]
        numbers = rest[:, complete, None] + own[complete, None] * np.arange(self._wish.sizes[column])
        gained: Ints = (self._counts[numbers] == 0).sum(axis=1)
        return gained

    def _leave_out(self, number: int) -> None:
        """Want a combination no more: no allowed row holds it."""
        self._counts[number] = _IMPOSSIBLE
        self._found(number)

    # ------------------------------------------------------------ fewer rows

    def drop_row(self) -> None:
        """Take out the row that alone holds the least."""
        alone = [int((self._counts[self._table.numbers(row)] == 1).sum()) for row in self.rows[len(self._wish.must) :]]
        at = len(self._wish.must) + int(np.argmin(alone))
        numbers = self._table.numbers(self.rows[at])
        self._counts[numbers] -= 1
        for number in numbers[self._counts[numbers] == 0].tolist():
            self._lost(number)
        self.rows = np.delete(self.rows, at, axis=0)
        self._tabu = np.zeros((len(self.rows), len(self._wish.sizes)), dtype=np.intp)

    def step(self) -> int:
        """Change one cell so that a missing combination stands again, at the least loss; now and then a whole row.

        Gives the work that it was: 1, and more where a cell stands in many combinations.
        """
        self._now += 1
        wanted = self._table.cells(self.missing[self._draw(len(self.missing))])
        best = self._best_change(wanted)
        if best is None:
            self._force(wanted)
        else:
            self._change(*best)
        return self._effort

    def _best_change(self, wanted: Sequence[Cell]) -> tuple[int, int, int] | None:
        columns, values = [c for c, _ in wanted], [v for _, v in wanted]
        fits = self.rows[:, columns] == values
        near = fits.sum(axis=1) == len(columns) - 1
        best: tuple[float, tuple[int, int, int]] | None = None
        for place, (column, value) in enumerate(wanted):
            rows = np.nonzero(near & ~fits[:, place])[0]
            rows = rows[self._tabu[rows, column] < self._now]
            rows = rows[~self._locks(rows, column)]
            rows = rows[~self._forbidden.broken_by(self.rows[rows], None, (column, value))]
            if not len(rows):
                continue
            rest, own = self._table.rest(self.rows[rows], column)
            won = (self._counts[rest + own * value] == 0).sum(axis=1)
            lost = (self._counts[rest + own * self.rows[rows, column][:, None]] == 1).sum(axis=1)
            score = won - lost + self._chance.random(len(rows)) * 0.9
            at = int(score.argmax())
            if best is None or score[at] > best[0]:
                best = float(score[at]), (int(rows[at]), column, value)
        return best[1] if best else None

    def _locks(self, rows: Ints, column: int) -> Truths:
        musts = len(self._locked)
        locked = np.zeros(len(rows), dtype=bool)
        locked[rows < musts] = self._locked[rows[rows < musts], column]
        return locked

    def _force(self, wanted: tuple[Cell, ...]) -> None:
        """Write a combination into some row, and change whatever else of it must change then."""
        at = self._draw(len(self.rows))
        fixed = dict(self._wish.must[at]) if at < len(self._wish.must) else {}
        if any(fixed.get(column, value) != value for column, value in wanted):
            return
        row = self._forbidden.completed((*fixed.items(), *wanted), self.rows[at])
        if row is None:
            return
        for column in np.nonzero(row[:-1] != self.rows[at, :-1])[0].tolist():
            self._change(at, column, int(row[column]))

    def _change(self, at: int, column: int, value: int) -> None:
        rest, own = self._table.rest(self.rows[at], column)
        old, new = rest + own * self.rows[at, column], rest + own * value
        self._counts[old] -= 1
        for number in old[self._counts[old] == 0].tolist():
            self._lost(number)
        for number in new[self._counts[new] == 0].tolist():
            self._found(number)
        self._counts[new] += 1
        self.rows[at, column] = value
        self._tabu[at, column] = self._now + _TENURE + self._draw(_TENURE)

    # ------------------------------------------------------------ bookkeeping

    def _add(self, row: Ints) -> None:
        numbers = self._table.numbers(row)
        for number in numbers[self._counts[numbers] == 0].tolist():
            self._found(number)
        self._counts[numbers] += 1
        self.rows = np.concatenate([self.rows, row[None, :]])

    def _lost(self, number: int) -> None:
        self._places[number] = len(self.missing)
        self.missing.append(number)

    def _found(self, number: int) -> None:
        place, last = self._places[number], self.missing.pop()
        if last != number:
            self.missing[place] = last
            self._places[last] = place

    def _drawn_row(self) -> Ints:
        sizes = np.array([*self._wish.sizes, 1])
        drawn: Ints = (self._chance.random(len(sizes)) * sizes).astype(np.intp)
        return drawn

    def _draw(self, below: int) -> int:
        return int(self._chance.random() * below)
