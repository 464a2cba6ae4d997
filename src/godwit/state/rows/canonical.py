"""One form for the cells of two tables whose types differ, as Ibis expressions; it says where the form is coarser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from godwit.state.rows.functions import without_end
from godwit.state.rows.pairing import Pair
from godwit.verdict import HarnessError

_EXACT_DIGITS = 15
"""So many digits of a decimal survive a double."""
_LARGEST_SCALE = 38


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of canonical tables: those of the key, the other ones, and the tolerance of some."""

    key: tuple[str, ...]
    values: tuple[str, ...]
    tolerances: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Form:
    """How one pair of columns is compared. `parsed` holds where texts are read as another type; only DuckDB can."""

    kind: Any
    parsed: bool = False
    note: str = ""
    text: bool = False


def layout_of(pairs: Sequence[Pair], key: Sequence[str]) -> Layout:
    """The layout of a comparison; without a key every column is part of it."""
    names = [pair.name for pair in pairs]
    keys = tuple(key) or tuple(names)
    return Layout(
        keys,
        tuple(name for name in names if name not in keys),
        {pair.name: pair.tolerance for pair in pairs if pair.tolerance is not None},
    )


def form_of(one: Any, other: Any, tolerant: bool = False) -> Form:
    """The form in which columns of these two types are compared; its note tells what it cannot tell apart.

    HarnessError where a tolerance was asked for and one side is no number.
    """
    if tolerant and not all(kind.is_numeric() for kind in (one, other)):
        raise HarnessError(f"a tolerance needs numbers on both sides, not {one} and {other}")
    if tolerant and any(kind.is_floating() for kind in (one, other)):
        return Form(dt.float64)
    if tolerant and any(kind.is_decimal() and kind.scale is None for kind in (one, other)):
        said = f"numbers of any precision compared as doubles: not told apart past {_EXACT_DIGITS} digits"
        return Form(dt.float64, note=said)
    if one.is_string() and other.is_string():
        return Form(dt.string)
    if one.is_string() or other.is_string():
        return _against_text(other if one.is_string() else one)
    plain = one.copy(nullable=True) == other.copy(nullable=True)
    if plain and not tolerant and _is_kept(one):
        return Form(one.copy(nullable=True))
    if _is_numeric(one) and _is_numeric(other):
        return _of_numbers(one, other)
    if one.is_timestamp() or other.is_timestamp():
        return _of_times(one, other)
    return Form(dt.string, note="" if plain else f"{one} and {other} compared as texts")


def canonical(column: Any, form: Form) -> Any:
    """A column in its common form."""
    kind = column.type()
    if form.parsed and kind.is_string():
        return ibis.coalesce(column.try_cast(form.kind).cast("string"), column)
    if form.parsed:
        return column.cast(form.kind).cast("string")
    if form.text:
        return _number_text(column)
    if kind.is_boolean() and form.kind.is_numeric() and not form.kind.is_boolean():
        column = column.ifelse(1, 0)
    return column if column.type().copy(nullable=True) == form.kind else column.cast(form.kind)


def _is_kept(kind: Any) -> bool:
    """Whether cells of this type on both sides are compared as they are: a cast to the widest costs more than all else."""
    exact = kind.is_integer() or (kind.is_decimal() and kind.scale is not None)
    return bool(exact or kind.is_date() or kind.is_boolean() or kind.is_binary() or kind.is_time())


def _is_numeric(kind: Any) -> bool:
    return bool(kind.is_numeric() or kind.is_boolean())


def _of_numbers(one: Any, other: Any) -> Form:
    kinds = (one, other)
    if all(kind.is_floating() for kind in kinds):
        return Form(dt.float64)
    if any(kind.is_floating() for kind in kinds):
        return _beside_a_double(next(kind for kind in kinds if not kind.is_floating()))
    decimals = [kind for kind in kinds if kind.is_decimal()]
    if any(kind.scale is None for kind in decimals):
        return Form(dt.string, text=True, note="numbers of any precision compared as texts without trailing zeros")
    if decimals:
        return Form(dt.Decimal(_LARGEST_SCALE, max(kind.scale for kind in decimals)))
    return Form(dt.Decimal(_LARGEST_SCALE, 0) if any(kind.is_uint64() for kind in kinds) else dt.int64)


def _beside_a_double(exact: Any) -> Form:
    if exact.is_decimal() and (exact.precision or _LARGEST_SCALE) <= _EXACT_DIGITS:
        return Form(dt.float64)
    if exact.is_decimal():
        return Form(dt.float64, note=f"{exact} beside a double: not told apart past {_EXACT_DIGITS} digits")
    return Form(dt.string, text=True)


def _of_times(one: Any, other: Any) -> Form:
    zoned = [bool(getattr(kind, "timezone", None)) for kind in (one, other)]
    fine = any(getattr(kind, "scale", None) == 9 for kind in (one, other))
    note = "a time with an offset beside one without: taken for UTC" if zoned[0] != zoned[1] else ""
    if not all(kind.is_timestamp() or kind.is_date() for kind in (one, other)):
        return Form(dt.string, note=f"{one} and {other} compared as texts")
    return Form(dt.Timestamp(scale=9 if fine else 6), note=note)


def _against_text(kind: Any) -> Form:
    if kind.is_integer() or kind.is_decimal():
        # Held against the number as it is written: a cast of the text would round, or take long for wide decimals.
        return Form(dt.string, text=True, note=f"text beside {kind}: compared as written, zeros after the point aside")
    if kind.is_timestamp():
        return Form(dt.Timestamp(scale=6), parsed=True, note="text beside a time: read as such")
    if kind.is_floating() or kind.is_date() or kind.is_boolean() or kind.is_uuid():
        return Form(kind.copy(nullable=True), parsed=True, note=f"text beside {kind}: read as such")
    return Form(dt.string, note=f"text beside {kind}: compared as texts")


def _number_text(column: Any) -> Any:
    """A number as text: whole ones without a point, so that an integer and a double of its value are alike, digit by digit."""
    kind = column.type()
    if kind.is_floating():
        whole = (column == column.floor()) & (column.abs() < 2.0**63)
        return whole.ifelse(column.cast("int64").cast("string"), column.cast("string"))
    if kind.is_decimal() or kind.is_string():
        return _without_zeros(column.cast("string"))
    return (column.ifelse(1, 0) if kind.is_boolean() else column).cast("string")


def _without_zeros(text: Any) -> Any:
    # Not a regular expression, which costs ten times as much. Only DuckDB and PostgreSQL get here.
    return text.contains(".").ifelse(without_end(without_end(text, "0"), "."), text)
