"""Strategies for single values, as a store holds them, the ugly ones among them; it knows neither tables nor files."""

import json
from collections.abc import Callable
from typing import Any

from godwit.plan import Hint
from godwit.verdict import ColumnShape

UGLY_TEXTS = (
    "",
    " ",
    "0",
    "null",
    "Zoë",
    "Cafe\u0301",
    "Straße",
    "שלום",
    "発注",
    "🚀👩‍💻",
    "O'Reilly; --",
    'say "no"\\',
    "a\tb",
    "line\r\nend",
    " padded ",
    "100%",
    "{x}",
    "a,b",
)
UGLY_INTEGERS = (0, -1, 2**31 - 1, 2**31, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63))
UGLY_NUMBERS = (0.0, -1.0, 0.1, 1e-9, 123456789.125, 1e15)
UGLY_OFFSETS = ("+00:00", "+01:00", "-05:00", "+05:30", "+14:00", "-11:30")
# Hours that there are not, or twice, where clocks are changed; the last second of a year; a day that few years have.
UGLY_TIMES = (
    "1970-01-01 00:00:00.000000",
    "2024-02-29 23:59:59.999999",
    "2025-03-30 02:30:00.000000",
    "2025-10-26 02:30:00.000000",
    "1969-12-31 23:59:59.000000",
    "9999-12-31 23:59:59.000000",
)
UGLY_JSON = ("null", "{}", "[]", '""', "0", "9007199254740993", '{"a":null}')
_TEXT_AT_MOST = 12
_BITS = 64


def values_of(column: ColumnShape, hint: Hint) -> Any:
    """A strategy for the values of a column (NULL left out), the simplest first, so that shrinking ends there."""
    from hypothesis import strategies as st

    if hint.values:
        return st.sampled_from([_stored(value) for value in hint.values if value is not None])
    if hint.matches:
        return st.from_regex(hint.matches, fullmatch=True)
    if column.choices and not hint.kind:
        return st.sampled_from(column.choices)
    return _KINDS[hint.kind or column.kind](column, hint)


def others_of(column: ColumnShape, hint: Hint, taken: frozenset[Any]) -> Any:
    """A strategy for values that a hint does not allow, of the column's own type; `taken` are those of a reference."""
    from hypothesis import strategies as st

    allowed = taken | {_stored(value) for value in hint.values}
    plain = st.one_of(st.sampled_from(["lost", "x"]), _text(column, Hint()))
    if column.kind in ("integer", "number", "boolean"):
        plain = _KINDS["integer"](column, Hint())
    if hint.kind is not None:
        plain = st.sampled_from(_MALFORMED.get(hint.kind, ("lost", "")))
    if hint.matches:
        import re

        matches = re.compile(hint.matches)
        return plain.filter(lambda value: not matches.fullmatch(str(value)))
    return plain.filter(lambda value: value not in allowed)


_MALFORMED = {
    "zoned-timestamp": ("yesterday", "", "2025-13-01T00:00:00+00:00", "2025-01-01"),
    "timestamp": ("yesterday", "", "2025-13-01 00:00:00"),
    "date": ("yesterday", "", "2025-02-30"),
    "json": ("{", "", "[1,"),
    "uuid": ("lost", "", "00000000-0000-0000-0000-00000000000g"),
    "integer": ("lost", "", "1.5"),
}


def _stored(value: Any) -> Any:
    """A value of the plan as a store holds it."""
    if isinstance(value, bool):
        return int(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple | dict) else value


def _text(column: ColumnShape, _: Hint) -> Any:
    from hypothesis import strategies as st

    most = min(column.length or _TEXT_AT_MOST, _TEXT_AT_MOST)
    ugly = [text for text in UGLY_TEXTS if len(text) <= (column.length or len(text))]
    plain = st.text(st.sampled_from("abz019-"), max_size=most)
    wild = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=most)
    longest = [st.just("x" * column.length)] if column.length else []
    return st.one_of(plain, st.sampled_from(ugly), wild, *longest)


def _integer(column: ColumnShape, hint: Hint) -> Any:
    from hypothesis import strategies as st

    edge = 2 ** ((column.bits or _BITS) - 1)
    least = -edge if hint.least is None else int(hint.least)
    most = edge - 1 if hint.most is None else int(hint.most)
    ugly = [value for value in UGLY_INTEGERS if least <= value <= most]
    near = st.integers(max(least, min(-3, most)), min(most, max(99, least)))
    return st.one_of(near, st.sampled_from(ugly)) if ugly else near


def _number(column: ColumnShape, hint: Hint) -> Any:
    from hypothesis import strategies as st

    least, most = hint.least, hint.most
    if column.places:
        whole, behind = column.places
        scale, edge = 10**behind, 10**whole - 1
        low = -edge if least is None else int(least * scale)
        high = edge if most is None else int(most * scale)
        return st.integers(max(low, -edge), min(high, edge)).map(lambda value: value / scale)
    ugly = [it for it in UGLY_NUMBERS if (least is None or it >= least) and (most is None or it <= most)]
    drawn = st.floats(least, most, allow_nan=False, allow_infinity=False)
    return st.one_of(st.sampled_from(ugly), drawn) if ugly else drawn


def _timestamp(_: ColumnShape, __: Hint) -> Any:
    from hypothesis import strategies as st

    some = st.datetimes().map(lambda at: at.isoformat(" ", "microseconds"))
    return st.one_of(st.sampled_from(UGLY_TIMES), some)


def _zoned(_: ColumnShape, __: Hint) -> Any:
    from hypothesis import strategies as st

    whole = st.sampled_from(UGLY_TIMES).map(lambda at: at.replace(" ", "T").removesuffix(".000000"))
    some = st.datetimes().map(lambda at: at.isoformat("T"))
    return st.tuples(st.one_of(whole, some), st.sampled_from(UGLY_OFFSETS)).map("".join)


def _json(_: ColumnShape, __: Hint) -> Any:
    from hypothesis import strategies as st

    leaf = st.one_of(st.none(), st.booleans(), st.sampled_from(UGLY_INTEGERS), st.sampled_from(UGLY_TEXTS))
    names = st.sampled_from(["a", "b", "é", ""])
    value = st.recursive(
        leaf, lambda part: st.one_of(st.lists(part, max_size=2), st.dictionaries(names, part, max_size=2)), max_leaves=4
    )
    return st.one_of(st.sampled_from(UGLY_JSON), value.map(lambda it: json.dumps(it, ensure_ascii=False)))


def _date(_: ColumnShape, __: Hint) -> Any:
    from hypothesis import strategies as st

    return st.one_of(st.sampled_from(["1970-01-01", "2024-02-29"]), st.dates().map(lambda day: day.isoformat()))


def _time(_: ColumnShape, __: Hint) -> Any:
    from hypothesis import strategies as st

    return st.times().map(lambda at: at.isoformat("microseconds"))


def _boolean(_: ColumnShape, __: Hint) -> Any:
    from hypothesis import strategies as st

    return st.sampled_from([0, 1])


def _uuid(column: ColumnShape, _: Hint) -> Any:
    from hypothesis import strategies as st

    # As SQLAlchemy writes one into SQLite where the column is of that type, and as people do in a text.
    return st.uuids().map(lambda it: it.hex if column.kind == "uuid" else str(it))


def _bytes(_: ColumnShape, __: Hint) -> Any:
    from hypothesis import strategies as st

    return st.one_of(st.sampled_from([b"", b"\x00", b"\xff\xfe", b"caf\xe9"]), st.binary(max_size=_TEXT_AT_MOST))


_KINDS: dict[str, Callable[[ColumnShape, Hint], Any]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "timestamp": _timestamp,
    "zoned-timestamp": _zoned,
    "json": _json,
    "uuid": _uuid,
    "bytes": _bytes,
    "unknown": _text,
}
