"""What is kept of a load's parameters: all but its passwords and tokens, by the names beside them; it finds no others."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from godwit.plan import MASK, PRIVATE_NAME

_NAME = rf"(?:proxy-)?authorization|(?:set-)?cookie|{PRIVATE_NAME}"
_NAMED = re.compile(_NAME, re.IGNORECASE)
_ASSIGNED = re.compile(rf"((?:{_NAME})=)(.+)", re.IGNORECASE | re.DOTALL)
_IN_A_URL = re.compile(r"(://[^/?#\s]*?:)[^/?#\s]+(?=@)")
_PLACE = re.compile(r"(?:\w+ )?\{[a-z][a-z0-9_]*\}")
"""A value that is filled in for each request is no secret."""


def without_secrets(found: Any, name: str = "") -> Any:
    """The parameters with every text masked that stands under, or in a command after, the name of a secret."""
    if isinstance(found, dict):
        return {key: value if key == "capture" else without_secrets(value, key) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return list(_words(found, name))
    if not isinstance(found, str) or _PLACE.fullmatch(found):
        return found
    return MASK if _NAMED.fullmatch(name) else _ASSIGNED.sub(rf"\1{MASK}", _IN_A_URL.sub(rf"\1{MASK}", found))


def _words(found: Sequence[Any], name: str) -> Iterator[Any]:
    """Each item as it may be kept; what follows a word such as `--password` is what that names."""
    for place, item in enumerate(found):
        before = found[place - 1] if place else ""
        is_option = isinstance(before, str) and before.startswith("-")
        yield without_secrets(item, before.lstrip("-") if is_option else name)
