"""What differs between runs of the baseline alone: such lines are compared by their shape, never left out."""

import re
from collections.abc import Callable, Sequence

_HEX = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}(?![0-9A-Za-z])")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")

Key = tuple[int, str]
"""A line as it is compared: how coarsely, and what is left of it then."""


def by_digits(line: str) -> str:
    """The line with every run of digits as one 9, and long hexadecimal words as one word.

    >>> by_digits("took 113 ms for 9f86d081884c7d65")
    'took 9 ms for <hex>'
    """
    return _DIGITS.sub("9", _HEX.sub("<hex>", line))


def by_letters(line: str) -> str:
    """The line with its words as `a` besides: only signs and their order are left."""
    return _LETTERS.sub("a", _DIGITS.sub("9", line))


SHAPES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("as it is", str),
    ("by its digits' places", by_digits),
    ("by its signs", by_letters),
    ("by being there", lambda _: ""),
)
"""How coarsely a line can be compared, the finest first."""


class Noise:
    """What several runs of the baseline gave for one text; turns lines of either side into what is compared.

    Where the runs have equally many lines, each line has the finest shape on which they agree. Where not, `unordered`
    tells whether they hold the same lines in another order; if not even that (`loose`), lines that
    every run wrote are still asked for as they are (`always`), and all others by the shapes seen.
    """

    def __init__(self, runs: Sequence[Sequence[str]]) -> None:
        self._first = runs[0]
        self.unordered = len({tuple(sorted(run)) for run in runs}) == 1 and len({tuple(run) for run in runs}) > 1
        self.loose = not self.unordered and len({len(run) for run in runs}) > 1
        self._levels = [0] * len(self._first)
        if not self.unordered and not self.loose:
            self._levels = [_finest(lines) for lines in zip(*runs, strict=True)]
        self._exact = {line for line, level in zip(self._first, self._levels, strict=True) if level == 0}
        self._noisy = {self._key(line, level) for line, level in zip(self._first, self._levels, strict=True) if level}
        self.shapes_seen = {by_digits(line) for run in runs for line in run}
        every = [{by_digits(line) for line in run} for run in runs]
        self.shapes_always = set.intersection(*every)
        self.always = set.intersection(*(set(run) for run in runs))

    def baseline(self) -> list[Key]:
        """The baseline's own lines as they are compared."""
        return [self._key(line, level) for line, level in zip(self._first, self._levels, strict=True)]

    def candidate(self, lines: Sequence[str]) -> list[Key]:
        """The candidate's lines as they are compared; one that equals a steady line of the baseline stays as it is."""
        return [self._candidate(line) for line in lines]

    def told(self) -> str:
        """What was noisy, in words; empty if nothing was."""
        if self.unordered:
            return "lines in any order"
        if self.loose:
            return "number of lines, so those that not every run wrote by their shapes"
        counts = [(name, self._levels.count(level)) for level, (name, _) in enumerate(SHAPES) if level]
        return ", ".join(f"{count} line(s) {name}" for name, count in counts if count)

    def _candidate(self, line: str) -> Key:
        if line not in self._exact:
            for level in sorted({level for level, _ in self._noisy}):
                if (key := self._key(line, level)) in self._noisy:
                    return key
        return (0, line)

    @staticmethod
    def _key(line: str, level: int) -> Key:
        return (level, SHAPES[level][1](line))


def _finest(lines: Sequence[str]) -> int:
    return next(level for level, (_, shape) in enumerate(SHAPES) if len({shape(line) for line in lines}) == 1)
