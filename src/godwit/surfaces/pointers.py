"""Values read from answers by JSON Pointer (RFC 6901) or header, and `{name}` places filled; refuses unknown names."""

import re
from collections.abc import Mapping
from typing import Any

from godwit.verdict import Answer

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


def taken(answer: Answer, place: str) -> Any:
    """What stands at a place of an answer: a JSON Pointer into its body, or `@headers/<name>`; raises AbsentError."""
    if place.startswith("@headers/"):
        value = answer.header(place.removeprefix("@headers/"))
        if value is None:
            raise AbsentError(f"nothing at {place}")
        return value
    try:
        return at(answer.json(), place)
    except ValueError:
        raise AbsentError(f"nothing at {place}: the body is no JSON") from None


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
    if "{" not in text and "}" not in text:
        return text
    return _PLACE.sub(lambda match: str(_known(match[1], captured)) if match[1] else match[0][0], text)


def _known(name: str, captured: Mapping[str, Any]) -> Any:
    try:
        return captured[name]
    except KeyError:
        raise AbsentError(f"nothing was captured as {name}") from None
