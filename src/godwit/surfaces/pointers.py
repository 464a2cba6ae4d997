"""JSON Pointers (RFC 6901) read from a value, and `{name}` places filled in one; refuses names that are not known."""

import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"\{\{|\}\}|\{([a-z0-9][a-z0-9._-]*)\}")


class AbsentError(LookupError):
    """A pointer led nowhere, or a place has no value; the text says which."""


def at(value: Any, pointer: str) -> Any:
    """The part of a JSON value that a pointer names; raises AbsentError.

    >>> at({"tasks": [{"id": "t1"}]}, "/tasks/0/id")
    't1'
    """
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise AbsentError(f"nothing at {pointer}") from None
    return value


def fill(value: Any, captured: Mapping[str, Any]) -> Any:
    """A value with every `{name}` in its strings replaced, recursively; `{{` and `}}` stand for braces.

    A string that is nothing but one place becomes the captured value itself, whatever its type. Raises AbsentError.

    >>> fill({"id": "{task}", "path": "/tasks/{task}"}, {"task": 7})
    {'id': 7, 'path': '/tasks/7'}
    """
    if isinstance(value, str):
        whole = _PLACE.fullmatch(value)
        return _known(whole[1], captured) if whole and whole[1] else fill_text(value, captured)
    if isinstance(value, Mapping):
        return {fill_text(key, captured): fill(item, captured) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, captured) for item in value]
    return value


def fill_text(text: str, captured: Mapping[str, Any]) -> str:
    """A text with every `{name}` replaced by the captured value as text; raises AbsentError."""
    return _PLACE.sub(lambda match: str(_known(match[1], captured)) if match[1] else match[0][0], text)


def _known(name: str, captured: Mapping[str, Any]) -> Any:
    try:
        return captured[name]
    except KeyError:
        raise AbsentError(f"nothing was captured as {name}") from None
