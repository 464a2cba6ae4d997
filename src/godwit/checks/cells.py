"""When two cells of two stores are equal, typed and exact unless a plan says what does not count; it seeks no cause."""

import datetime as dt
import json
import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from godwit.checks.json_text import parse_json


def same_cell(one: Any, other: Any) -> bool:
    """Whether two cells hold the same value.

    SQLite has no booleans, so 0 and 1 equal False and True. 3, 3.0 and "3" differ, but an exact decimal equals the
    number it stands for. NULL and "" differ. JSON texts (objects and lists) are compared as JSON.
    """
    if one is None or other is None:
        return one is other
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, int) and isinstance(other, int) and int(one) == int(other)
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        return isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal) and one == other
    if isinstance(one, bytes | bytearray | memoryview) and isinstance(other, bytes | bytearray | memoryview):
        return bytes(one) == bytes(other)
    if isinstance(one, list | tuple | dict) or isinstance(other, list | tuple | dict):
        return _same_json(_json_text(one), _json_text(other))
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other) or (isinstance(one, str) and _same_json(one, other))


def _json_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _same_json(one: str, other: str) -> bool:
    if one.lstrip()[:1] not in ("{", "[") or other.lstrip()[:1] not in ("{", "["):
        return False
    try:
        return bool(parse_json(one) == parse_json(other))
    except ValueError:
        return False


def key_of(row: Mapping[str, Any], key: Sequence[str]) -> tuple[Any, ...]:
    """The row's key, hashable, equal for cells that `same_cell` holds equal."""
    return tuple(_hashable(row.get(column)) for column in key)


def _hashable(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, sort_keys=True, default=str)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return (type(value).__name__, value) if isinstance(value, float | str) else value


def key_text(part: Any) -> str:
    """A part of such a key as people write it."""
    return str(part[1]) if isinstance(part, tuple) and len(part) == 2 else str(part)


@dataclass(frozen=True, slots=True)
class Sameness:
    """When two cells of one column count as the same: within a tolerance, or but for what a collation passes over.

    `tolerance` is in the numbers' own unit, for times in seconds; with it, times are compared as instants.
    """

    tolerance: float | None = None
    collation: tuple[str, ...] = ()

    def holds(self, one: Any, other: Any) -> bool:
        """Whether two cells count as the same."""
        if same_cell(one, other):
            return True
        if self.collation and isinstance(one, str) and isinstance(other, str):
            return bool(self.folded(one) == self.folded(other))
        return self.tolerance is not None and _apart(one, other) <= self.tolerance

    def folded(self, value: Any) -> Any:
        """A text without what does not count; any other value as it is."""
        if not isinstance(value, str):
            return value
        for name in self.collation:
            value = FOLDS[name](value)
        return value


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


FOLDS: Mapping[str, Callable[[str], str]] = {
    "ignore-case": str.casefold,
    "ignore-accents": _without_accents,
    "ignore-trailing-spaces": str.rstrip,
    "ignore-normalisation": lambda text: unicodedata.normalize("NFC", text),
}
"""What each collation makes of a text before it is compared."""


def _apart(one: Any, other: Any) -> float:
    """How far two numbers, or two times in seconds, are apart; infinitely if they are neither."""
    numeric = [isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in (one, other)]
    if all(numeric):
        return abs(float(Decimal(str(one)) - Decimal(str(other))))
    before, after = instant(one), instant(other)
    if before is None or after is None or (before.tzinfo is None) != (after.tzinfo is None):
        return math.inf
    return abs((after - before).total_seconds())


def instant(value: Any) -> dt.datetime | None:
    """The time that a cell holds, itself or as ISO text; None when it holds none."""
    if isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str) or len(value) < 10 or not value[:4].isdigit():
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None
