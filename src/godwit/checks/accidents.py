"""Which known accidents may have turned one cell into another: a shift, a cut, a wrong encoding; it compares no rows.

Several may fit one pair of cells; the one that fits most cells of a column is its likely cause (see `grouping`).
"""

import datetime as dt
import html
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from godwit.checks.accidents_of_numbers import number_accidents
from godwit.checks.cells import FOLDS, instant

_NULL_WORDS = ("None", "null", "NULL", "nil", "undefined", "NaN", "nan", "\\N")


def accidents(one: Any, other: Any) -> Iterator[str]:
    """Every known accident that may have made `other` of `one`, the most specific first.

    Two cells of one column with the same accident have the same cause: a shift by one hour, NULL for empty text, a
    large integer that went through a double.
    """
    if one is None or other is None:
        yield from _emptied(one, other)
        return
    if isinstance(one, str) and other == "":
        yield "text became empty"
        return
    yield from number_accidents(one, other)
    yield from _moved_in_time(one, other)
    if isinstance(one, str) and isinstance(other, str):
        yield from _rewritten(one, other)
        yield from _reshaped(one, other)
    elif isinstance(one, list | tuple | dict) or isinstance(other, list | tuple | dict):
        yield from _json_changes(*(it if isinstance(it, str) else json.dumps(it, default=str) for it in (one, other)))
    elif isinstance(one, str) != isinstance(other, str):
        yield from _retyped(one, other)


def _emptied(one: Any, other: Any) -> Iterator[str]:
    if other is None:
        if one in _NULL_WORDS:
            yield f"the text {one!r} became NULL"
        yield "empty text became NULL" if one == "" else "value was lost (NULL)"
        return
    if other == "":
        yield "NULL became empty text"
    if other in _NULL_WORDS:
        yield f"NULL became the text {other!r}"
    yield f"NULL was filled in with {other!r}"
    yield "NULL got a value"


def _retyped(one: Any, other: Any) -> Iterator[str]:
    if str(one) == str(other) and type(one) is not type(other):
        yield f"{type(one).__name__} became {type(other).__name__}"
    if isinstance(one, bytes | bytearray | memoryview):
        yield from (f"bytes became {word}" for word, made in _spelled(bytes(one)) if made == other)


def _spelled(raw: bytes) -> Iterator[tuple[str, str]]:
    import base64

    yield "hexadecimal text", raw.hex()
    yield "base64 text", base64.b64encode(raw).decode()
    yield "text", raw.decode("utf-8", "replace")
    yield "the text of a Python literal", repr(raw)


def _moved_in_time(one: Any, other: Any) -> Iterator[str]:
    before, after = instant(one), instant(other)
    if before is None or after is None:
        yield from _as_number(before, other)
        return
    if (before.tzinfo is None) != (after.tzinfo is None):
        yield "offset was added" if before.tzinfo is None else "offset was lost"
        return
    if before == after:
        yield "same instant, written differently"
    if before != after and before.replace(microsecond=0) == after:
        yield "fraction of seconds was lost"
    if before != after and before.replace(microsecond=before.microsecond // 1000 * 1000) == after:
        yield "cut to milliseconds"
    if before.tzinfo and before.replace(tzinfo=None) == after.replace(tzinfo=None):
        yield "the clock's time was kept, the offset changed"
    if before == after:
        return
    if before.date() == after.date() and after.time() == dt.time():
        yield "time of day was lost"
    if before.day != before.month and _swapped(before) == after:
        yield "day and month were swapped"
    yield f"shifted by {_said(after - before)}"


def _swapped(time: dt.datetime) -> dt.datetime | None:
    return time.replace(day=time.month, month=time.day) if time.day <= 12 else None


def _as_number(before: dt.datetime | None, other: Any) -> Iterator[str]:
    if before is None or isinstance(other, bool) or not isinstance(other, int | float):
        return
    seconds = (before if before.tzinfo else before.replace(tzinfo=dt.UTC)).timestamp()
    if abs(seconds - other) < 1:
        yield "time became seconds since 1970"
    if abs(seconds * 1000 - other) < 1000:
        yield "time became milliseconds since 1970"


def _said(delta: dt.timedelta) -> str:
    sign, seconds = ("-", -delta) if delta < dt.timedelta(0) else ("+", delta)
    return f"{sign}{seconds}"


def _rewritten(one: str, other: str) -> Iterator[str]:
    """Texts that say nearly the same."""
    if one.rstrip() == other:
        yield "trailing spaces were lost"
    if one.lstrip() == other:
        yield "leading spaces were lost"
    if one.replace("\r\n", "\n").replace("\r", "\n") == other.replace("\r\n", "\n"):
        yield "line ends were changed"
    if one.strip() == other.strip():
        yield "spaces changed"
    if " ".join(one.split()) == " ".join(other.split()):
        yield "white space was joined"
    if one.lower() == other or one.casefold() == other:
        yield "case folded: all small letters"
    if one.upper() == other:
        yield "case folded: all capital letters"
    if one.casefold() == other.casefold():
        yield "case changed"
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        yield "Unicode normalisation changed"
    yield from _misread(one, other)
    yield from _shortened(one, other)
    yield from _left_out(one, other)


def _misread(one: str, other: str) -> Iterator[str]:
    raw = one.encode("utf-8", "surrogatepass")
    for encoding in ("latin-1", "cp1252"):
        if raw.decode(encoding, "replace") == other:
            yield f"UTF-8 was read as {encoding} (encoded twice)"
    for encoding in ("latin-1", "cp1252"):
        if "\ufffd" in other and one.encode(encoding, "replace").decode("utf-8", "replace") == other:
            yield f"{encoding} was read as UTF-8"


def _shortened(one: str, other: str) -> Iterator[str]:
    if not one.startswith(other):
        return
    yield f"cut after {len(other)} characters"
    if len(raw := other.encode("utf-8", "surrogatepass")) != len(other):
        yield f"cut after {len(raw)} bytes"
    yield "cut short"


def _left_out(one: str, other: str) -> Iterator[str]:
    plain = one.encode("ascii", "replace").decode()
    if plain != one and other in (plain, one.encode("ascii", "ignore").decode()):
        yield "characters outside ASCII were replaced"
    if "".join(letter for letter in one if ord(letter) < 0x10000) == other:
        yield "characters past U+FFFF were lost"
    if "".join(letter if ord(letter) < 0x10000 else "?" for letter in one) == other:
        yield "characters past U+FFFF were replaced"
    if FOLDS["ignore-accents"](one) == other:
        yield "accents were lost"


def _reshaped(one: str, other: str) -> Iterator[str]:
    """Texts that were escaped, quoted, or JSON that lost something."""
    if html.escape(one) == other or html.escape(one, quote=False) == other:
        yield "escaped for HTML"
    if html.unescape(one) == other:
        yield "HTML escapes were resolved"
    if other in (json.dumps(one), json.dumps(one, ensure_ascii=False)):
        yield "encoded as JSON once more"
    if other in (f"'{one}'", f'"{one}"'):
        yield "put into quotes"
    if one.encode("unicode_escape").decode() == other:
        yield "written with escapes"
    if one[:1] in ("{", "[") and other[:1] in ("{", "["):
        yield from _json_changes(one, other)


def _json_changes(one: str, other: str) -> Iterator[str]:
    try:
        before, after = json.loads(one), json.loads(other)
    except (ValueError, RecursionError):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        lost, gained = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
        yield from (f"JSON {word} {', '.join(names)}" for word, names in (("lost", lost), ("got", gained)) if names)
    if isinstance(before, list) and isinstance(after, list):
        texts = [sorted(json.dumps(item, sort_keys=True, default=str) for item in side) for side in (before, after)]
        if texts[0] == texts[1]:
            yield "items of the list are in another order"
        elif set(texts[1]) < set(texts[0]):
            yield "items of the list were lost"
    if _through_doubles(before) == after:
        yield "large numbers inside were rounded to doubles"


def _through_doubles(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _through_doubles(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_through_doubles(item) for item in value]
    return int(float(value)) if isinstance(value, int) and 2**53 < abs(value) < 2**1000 else value
