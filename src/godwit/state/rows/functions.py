"""The hashes that each engine has, as Ibis sees them: of one row, and their `rtrim`; it compares nothing.

The hashes are the engine's own and 64 bits wide, so only sums of the same engine are held against each other.
"""

from collections.abc import Sequence
from inspect import Parameter, Signature
from typing import Any

import ibis
import ibis.expr.datatypes as dt


def row_hash(engine: str, columns: Sequence[Any]) -> Any:
    """A hash of a row over these columns in their order; two rows that swap a value never keep their sum by design."""
    return _HASHES[engine](columns)


def without_end(text: Any, letters: str) -> Any:
    """A text without these letters at its end, where DuckDB or PostgreSQL works it out."""
    return _builtin("rtrim", [dt.string, dt.string], dt.string)(text, letters)


def _duckdb(columns: Sequence[Any]) -> Any:
    return _builtin("hash", [column.type() for column in columns], dt.uint64)(*columns)


def _postgresql(columns: Sequence[Any]) -> Any:
    # The hash of a record is linear in those of its columns: summed as it is, two rows could swap a value unseen.
    # ROW by name, since Ibis casts every cell of a struct of its own, which costs half as much again. Texts go in as bytes:
    # citext, and collations that take 'a' for 'A', give two texts one hash.
    cells = [_bytes(column) if column.type().is_string() else column for column in columns]
    kinds = [cell.type() for cell in cells]
    record = _builtin("row", kinds, dt.Struct({f"c{index}": kind for index, kind in enumerate(kinds)}))(*cells)
    zero = ibis.literal(0, "int64")
    linear = _builtin("hash_record_extended", [record.type(), dt.int64], dt.int64)(record, zero)
    return _builtin("hashint8extended", [dt.int64, dt.int64], dt.int64)(linear, zero)


def _bytes(text: Any) -> Any:
    plain = _builtin("text", [text.type()], dt.string)(text)  # an enum is a text to Ibis, and none to PostgreSQL
    return _builtin("textsend", [dt.string], dt.binary)(plain)


def _spark(columns: Sequence[Any]) -> Any:
    # A NULL leaves the hash as it is, so it is told beside the value.
    told = [part for column in columns for part in (column, column.isnull())]
    return _builtin("xxhash64", [part.type() for part in told], dt.int64)(*told)


_HASHES = {"duckdb": _duckdb, "postgresql": _postgresql, "spark": _spark}


def _builtin(name: str, kinds: Sequence[Any], gives: Any) -> Any:
    def function(*_: Any) -> Any: ...

    function.__name__ = name
    names = [Parameter(f"p{index}", Parameter.POSITIONAL_OR_KEYWORD) for index in range(len(kinds))]
    function.__signature__ = Signature(names)  # type: ignore[attr-defined]
    return ibis.udf.scalar.builtin(function, name=name, signature=(tuple(kinds), gives))
