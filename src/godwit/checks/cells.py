"""When two cells of two stores are equal, typed and exact, and which known accident turned one into the other."""

import datetime as dt
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
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
    return (type(value).__name__, value) if isinstance(value, float | str) else value


def accident(one: Any, other: Any) -> str:
    """The known accident that made `other` of `one`, or nothing when there is none.

    Two cells of one column with the same accident have the same cause: a shift by one hour, NULL for empty text, a
    large integer that went through a double.
    """
    for tell in (_emptied, _renumbered, _moved_in_time, _rewritten):
        if said := tell(one, other):
            return said
    return ""


def _emptied(one: Any, other: Any) -> str:
    if other is None:
        return "empty text became NULL" if one == "" else "value was lost (NULL)"
    if one is None:
        return "NULL became empty text" if other == "" else "NULL got a value"
    if other == "" and isinstance(one, str):
        return "text became empty"
    return ""


def _renumbered(one: Any, other: Any) -> str:
    numeric = [isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in (one, other)]
    if all(numeric):
        if isinstance(one, int) and _through_a_double(one) == other:
            return "rounded to a double"
        if one == other:
            return f"{type(one).__name__} became {type(other).__name__}"
        return f"shifted by {other - one:+}" if type(one) is type(other) else ""
    if type(one) is not type(other) and str(one) == str(other):
        return f"{type(one).__name__} became {type(other).__name__}"
    return ""


def _through_a_double(number: int) -> int | None:
    """What is left of a large integer that some language held as a double."""
    return int(float(number)) if 2**53 < abs(number) < 2**1000 else None


def _moved_in_time(one: Any, other: Any) -> str:
    before, after = _instant(one), _instant(other)
    if before is None or after is None:
        return ""
    if (before.tzinfo is None) != (after.tzinfo is None):
        return "offset was added" if before.tzinfo is None else "offset was lost"
    if before == after:
        return "same instant, written differently"
    return f"shifted by {_said(after - before)}"


def _instant(value: Any) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str) or len(value) < 10 or not value[:4].isdigit():
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def _said(delta: dt.timedelta) -> str:
    sign, seconds = ("-", -delta) if delta < dt.timedelta(0) else ("+", delta)
    return f"{sign}{seconds}"


def _rewritten(one: Any, other: Any) -> str:
    if not isinstance(one, str) or not isinstance(other, str):
        return ""
    if one.strip() == other.strip():
        return "spaces changed"
    if one.casefold() == other.casefold():
        return "case changed"
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        return "Unicode normalisation changed"
    if _misread(one, other):
        return "text was decoded with the wrong encoding"
    if other and one.startswith(other):
        return f"cut after {len(other)} characters"
    plain = one.encode("ascii", "replace").decode()
    return "characters outside ASCII were replaced" if plain != one and other in (plain, _dropped(one)) else ""


def _dropped(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


def _misread(one: str, other: str) -> bool:
    raw = one.encode("utf-8", "surrogatepass")
    return any(raw.decode(encoding, "replace") == other for encoding in ("latin-1", "cp1252")) and one != other
