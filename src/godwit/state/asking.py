"""Fills the requests of a ledger or a history and reads their answers by JSON Pointer; sends nothing."""

from collections.abc import Mapping
from typing import Any


def filled(value: Any, places: Mapping[str, str]) -> Any:
    """A value with every known `{name}` in its strings replaced, recursively; other braces stay as they are.

    >>> filled({"title": "write {n}"}, {"n": "3"})
    {'title': 'write 3'}
    """
    if isinstance(value, str):
        for name, text in places.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, Mapping):
        return {key: filled(item, places) for key, item in value.items()}
    return [filled(item, places) for item in value] if isinstance(value, list | tuple) else value


def pointed(value: Any, pointer: str) -> Any:
    """The part of a JSON value that a pointer names; LookupError, TypeError or ValueError where it leads nowhere.

    >>> pointed({"tasks": [{"id": "t1"}]}, "/tasks/0/id")
    't1'
    """
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value
