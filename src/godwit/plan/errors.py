"""What pydantic noticed, told as faults of the plan: one readable sentence for each place, with the allowed words."""

import datetime as dt
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from godwit.plan.source import Fault, Source, Where
from godwit.plan.suggestions import advice, listed

_PATTERNS = {
    r"^[a-z0-9][a-z0-9._-]*$": "an identifier; use lower case letters, digits, '.', '_' and '-'",
    r"^/": "a path; it begins with '/'",
    r"^(/.*)?$": "a JSON Pointer; it is empty or begins with '/', such as /tasks/0/id",
    r"^[A-Za-z_][A-Za-z0-9_.-]*$": "a flag's name; use letters, digits, '_', '.' and '-'",
}
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    dict: "a mapping of words to values",
    tuple: "a list",
    list: "a list",
    frozenset: "a list",
    dt.date: "a date such as 2025-03-14",
}
_ASKED = {
    "string_type": "text; write it in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping of words to values",
    "model_type": "a mapping of words to values",
    "model_attributes_type": "a mapping of words to values",
    "date_type": "a date such as 2025-03-14",
    "date_parsing": "a date such as 2025-03-14",
    "date_from_datetime_parsing": "a date such as 2025-03-14",
    "date_from_datetime_inexact": "a date without a time, such as 2025-03-14",
}


def faults_of(trouble: ValidationError, source: Source, model: type[BaseModel]) -> list[Fault]:
    """The faults in a failed validation, the noise of unions collapsed to one sentence each."""
    found: dict[tuple[Where, str], Fault] = {}
    for error in trouble.errors(include_url=False):
        where, rest = _split(error["loc"], source.data)
        if _is_echo(error, where, source):
            continue
        fault = _fault(error, where, rest, source, model)
        found.setdefault((where, fault.message), fault)
    return list(found.values())


def nothing_faults(source: Source, model: type[BaseModel]) -> list[Fault]:
    """Places where nothing is written although the models ask for something; free JSON values may be null."""
    said = "nothing is written here; write a value, or delete the word"
    return [
        Fault(source.mark(where), where, said)
        for where in source.nothings
        if annotation_at(model, where) is not Any
    ]  # fmt: skip


def _is_echo(error: ErrorDetails, where: Where, source: Source) -> bool:
    """Whether a list is called too short only because its items are wrong, which is told at the items."""
    if error["type"] != "too_short":
        return False
    value = _value_at(source.data, where)
    return isinstance(value, (list, dict)) and len(value) >= error.get("ctx", {}).get("min_length", 0)


def _split(loc: tuple[int | str, ...], data: Any) -> tuple[Where, tuple[int | str, ...]]:
    """The part of a location that stands in the file, and what pydantic added (missing words, union members)."""
    for depth, key in enumerate(loc):
        named = isinstance(data, dict) and isinstance(key, str) and key in data
        counted = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if not named and not counted:
            return loc[:depth], loc[depth:]
        data = data[key]
    return loc, ()


def _fault(
    error: ErrorDetails, where: Where, rest: Sequence[int | str], source: Source, model: type[BaseModel]
) -> Fault:
    if error["type"] == "missing" and rest and isinstance(rest[-1], str):
        return _missing(str(rest[-1]), where, source, model)
    if error["type"] == "extra_forbidden":
        known = _words(annotation_at(model, where[:-1]))
        return Fault(source.key_mark(where), where, f"no word '{where[-1]}' here{advice(str(where[-1]), known)}")
    if rest and rest[-1] == "[key]":
        return Fault(source.key_mark(where), where, _said(error, where[-1]))
    value = _value_at(source.data, where)
    if error["type"] == "missing":
        return Fault(source.mark(where), where, f"a list of {len(value)} is too short; write {len(value) + 1} or more")
    if rest:
        return Fault(source.mark(where), where, f"{shown(value)} is not {_asked(annotation_at(model, where))}")
    return Fault(source.mark(where), where, _said(error, value))


def _missing(word: str, where: Where, source: Source, model: type[BaseModel]) -> Fault:
    section = _section(annotation_at(model, where))
    needed = [name for name, field in section.model_fields.items() if field.is_required()] if section else [word]
    return Fault(source.mark(where), where, f"'{word}' is missing; needed here: {', '.join(needed)}")


def _said(error: ErrorDetails, value: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _ASKED:
        return f"{shown(value)} is not {_ASKED[kind]}"
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        return f"{shown(value)} is not known here{advice(str(value), _literals(context['expected']))}"
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} is not {_PATTERNS.get(context['pattern'], 'of the form ' + context['pattern'])}"
    if kind in ("string_too_short", "too_short"):
        return _short(value, error)
    if kind in ("string_too_long", "too_long"):
        return f"{shown(value)} is too long: {error['msg'].lower()}"
    return f"{shown(value)} is not allowed: {error['msg'].replace('Input should', 'it should')}"


def _short(value: Any, error: ErrorDetails) -> str:
    if value == "":
        return "this text is empty; write some"
    return f"{shown(value)} is too short: {error['msg'].lower()}" if value else "this is empty; write at least one"


def _literals(expected: str) -> list[str]:
    """The words in pydantic's sentence `'a', 'b' or 'c'`."""
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")]


def shown(value: Any) -> str:
    """A value as a person would quote it, at most forty letters of it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    text = text if len(text) <= 40 else text[:37] + "..."
    return f"'{text}'" if isinstance(value, str) else text


def _value_at(data: Any, where: Where) -> Any:
    for key in where:
        data = data[key]
    return data


def _plain(annotation: Any) -> Any:
    """An annotation without Annotated, and without None beside one other choice."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        others = [each for each in get_args(annotation) if each is not NoneType]
        return _plain(others[0]) if len(others) == 1 else annotation
    return annotation


def annotation_at(model: type[BaseModel], where: Where) -> Any:
    """What the models ask at a place."""
    annotation: Any = model
    for key in where:
        annotation = _inner(_plain(annotation), key)
    return _plain(annotation)


def _inner(annotation: Any, key: str | int) -> Any:
    section = _section(annotation)
    if section:
        field = section.model_fields.get(str(key))
        return field.annotation if field else Any
    items = [each for each in get_args(annotation) if each is not Ellipsis]
    if get_origin(annotation) in (Union, UnionType):
        inside = [each for each in items if get_origin(_plain(each)) in (tuple, dict)]
        return _inner(_plain(inside[0]), key) if inside else Any
    return items[-1] if items else Any


def _section(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _words(annotation: Any) -> list[str]:
    section = _section(annotation)
    return list(section.model_fields) if section else []


def _asked(annotation: Any) -> str:
    """What a union (or anything else) asks, in words."""
    if get_origin(annotation) in (Union, UnionType):
        choices = [_asked(_plain(each)) for each in get_args(annotation)]
        return ", ".join(choices[:-1]) + " or " + choices[-1]
    if get_origin(annotation) is Literal:
        return listed(str(each) for each in get_args(annotation))
    return _KINDS.get(get_origin(annotation) or annotation, "allowed here")
