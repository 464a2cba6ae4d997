"""Why rows are missing, or have another key: what those that are lost have in common; it decides no outcome."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from godwit.checks.cells import same_cell
from godwit.checks.differences import cut

Rows = Sequence[Mapping[str, Any]]
Place = tuple[Any, ...]
_RANGE_AT_LEAST = 3


def in_common(lost: Rows, kept: Rows, columns: Sequence[str]) -> str:
    """What all lost rows have and no kept row has: a value, or a range of values; the likely cause."""
    for column in columns:
        value = lost[0].get(column)
        if any(not same_cell(value, row.get(column)) for row in lost):
            continue
        if kept and not any(same_cell(value, row.get(column)) for row in kept):
            return f"all have {column} = {cut(repr(value))}, and no other row has"
    return next((said for column in columns if (said := _range(lost, kept, column))), "")


def _range(lost: Rows, kept: Rows, column: str) -> str:
    if len(lost) < _RANGE_AT_LEAST or not kept:
        return ""
    gone: list[Any] = [row.get(column) for row in lost]
    left: list[Any] = [row.get(column) for row in kept]
    kind = type(gone[0])
    if kind not in (int, float, str, Decimal) or any(type(value) is not kind for value in gone):
        return ""
    low, high = min(gone), max(gone)
    if low == high or any(type(value) is kind and low <= value <= high for value in left):
        return ""
    return f"all have {column} from {cut(repr(low))} to {cut(repr(high))}, and no other row has"


def by_position(lost: Sequence[Place], all_places: Sequence[Place], key: Sequence[str]) -> str:
    """Where lost rows stand in the order of their key: the first, the last, one stretch, or every so many."""
    ordered = sorted(all_places, key=lambda place: [_order(value) for value in place])
    gone = set(lost)
    numbers = [number for number, place in enumerate(ordered) if place in gone]
    if len(numbers) < _RANGE_AT_LEAST or len(numbers) == len(ordered):
        return ""
    by = ", ".join(key)
    steps = {after - before for before, after in pairwise(numbers)}
    if steps == {1}:
        where = {0: "the first", len(ordered) - len(numbers): "the last"}.get(numbers[0], "one stretch of")
        return f"{where} {len(numbers)} in the order of {by}"
    return f"every {ordinal(steps.pop())} in the order of {by}" if len(steps) == 1 else ""


def ordinal(number: int) -> str:
    """A number as `2nd`, `3rd`, `10th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


def _order(value: Any) -> tuple[int, Any]:
    """One order for keys of any type."""
    if value is None:
        return 0, 0
    if isinstance(value, int | float | Decimal):
        return 1, value
    return 2, str(value)


def _each_text(change: Callable[[str], str]) -> Callable[[Place], Place]:
    """A change of every text of a key, as keys hold it: a text stands as (`str`, text)."""

    def changed(place: Place) -> Place:
        return tuple((value[0], change(value[1])) if _is_text(value) else value for value in place)

    return changed


def _is_text(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and value[0] == "str"


def _misread(encoding: str) -> Callable[[str], str]:
    return lambda text: text.encode("utf-8", "surrogatepass").decode(encoding, "replace")


def _as_text(place: Place) -> Place:
    return tuple(("str", str(value)) if isinstance(value, int) else value for value in place)


def _as_number(place: Place) -> Place:
    return tuple(int(value[1]) if _is_text(value) and value[1].isdecimal() else value for value in place)


def _doubled(place: Place) -> Place:
    return tuple(int(float(value)) if isinstance(value, int) and abs(value) < 2**1000 else value for value in place)


REKEYED: tuple[tuple[str, Callable[[Place], Place]], ...] = (
    ("spaces were lost", _each_text(str.strip)),
    ("trailing spaces were lost", _each_text(str.rstrip)),
    ("case folded: all small letters", _each_text(str.lower)),
    ("case folded: all capital letters", _each_text(str.upper)),
    ("Unicode normalisation changed", _each_text(lambda text: unicodedata.normalize("NFC", text))),
    ("Unicode normalisation changed", _each_text(lambda text: unicodedata.normalize("NFD", text))),
    ("UTF-8 was read as latin-1 (encoded twice)", _each_text(_misread("latin-1"))),
    ("hyphens were left out", _each_text(lambda text: text.replace("-", ""))),
    ("leading zeros were lost", _each_text(lambda text: text.lstrip("0"))),
    ("characters outside ASCII were replaced", _each_text(lambda text: text.encode("ascii", "replace").decode())),
    ("number became text", _as_text),
    ("text became a number", _as_number),
    ("rounded to a double", _doubled),
)
"""What may have happened to a key, and what it makes of one."""


def rekeyed(lost: Sequence[Place], gained: Sequence[Place]) -> tuple[str, list[tuple[Place, Place]]]:
    """The change that turns most lost keys into gained ones, and those pairs; an empty text when there is none.

    Where several lost keys became one, each of them is paired with it.
    """
    there, best = set(gained), ("", list[tuple[Place, Place]]())
    for cause, change in (*REKEYED, *_cuts(gained), *_shifts(lost, gained)):
        pairs = [(place, made) for place in lost if (made := change(place)) in there and made != place]
        if len(pairs) > len(best[1]):
            best = cause, pairs
    return best


def _cuts(gained: Sequence[Place]) -> list[tuple[str, Callable[[Place], Place]]]:
    longest = max((len(value[1]) for place in gained for value in place if _is_text(value)), default=0)
    return [(f"cut after {longest} characters", _each_text(lambda text: text[:longest]))] if longest else []


def _shifts(lost: Sequence[Place], gained: Sequence[Place]) -> list[tuple[str, Callable[[Place], Place]]]:
    """The shift of a single number as key that the smallest of both sides suggest."""
    if not lost or not gained or any(len(place) != 1 or type(place[0]) is not int for place in (*lost, *gained)):
        return []
    apart = {pick(gained)[0] - pick(lost)[0] for pick in (min, max)}
    return [(f"shifted by {by:+}", _shifted(by)) for by in sorted(apart)]


def _shifted(by: int) -> Callable[[Place], Place]:
    return lambda place: (place[0] + by,)


def collided(lost: Sequence[Place], kept: Sequence[Place]) -> str:
    """Why lost keys may have become one with another key: what makes each of them equal to a kept one, or to one another."""
    if not lost:
        return ""
    for cause, change in REKEYED:
        taken = {change(place) for place in kept}
        if all(change(place) in taken for place in lost):
            return f"their keys equal others' when {cause}"
    return ""
