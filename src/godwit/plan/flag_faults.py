"""What is wrong with the words about the flag matrix: constraints, stronger groups, rows that must be; it weighs nothing."""

from collections.abc import Iterator
from typing import Any

from godwit.plan.constraints import ConstraintError, Declared, read_constraint
from godwit.plan.references import find
from godwit.plan.source import Fault, Source

_TYPES = ("bool", "enum", "percent", "list", "number", "text")


def flag_faults(source: Source) -> list[Fault]:
    """Every constraint that cannot be read, and every value that the matrix does not try."""
    declared = dict(_declared(source))
    return [*_constraints(source, declared), *_must(source, declared)]


def _declared(source: Source) -> Iterator[tuple[str, Declared]]:
    for _, item in find(source.data, "flags.flags.*"):
        name, kind, values = (
            (item.get(word) for word in ("name", "type", "values")) if isinstance(item, dict) else _NONE
        )
        if isinstance(name, str) and kind in _TYPES and isinstance(values, list) and values:
            yield name, Declared(str(kind), tuple(tuple(v) if isinstance(v, list) else v for v in values))


_NONE = (None, None, None)


def _constraints(source: Source, declared: dict[str, Declared]) -> Iterator[Fault]:
    for where, text in find(source.data, "flags.constraints.*"):
        if not isinstance(text, str):
            continue
        try:
            read_constraint(text, declared)
        except ConstraintError as trouble:
            yield Fault(source.mark(where), where, str(trouble))


def _must(source: Source, declared: dict[str, Declared]) -> Iterator[Fault]:
    for where, value in find(source.data, "flags.must.*.*"):
        flag = declared.get(str(where[-1]))
        wanted: Any = tuple(value) if isinstance(value, list) else value
        if flag and not any(
            wanted == each and isinstance(wanted, bool) == isinstance(each, bool) for each in flag.values
        ):
            said = f"{value!r} is none of the values that the matrix tries; add it to the values of {where[-1]}"
            yield Fault(source.mark(where), where, said)
