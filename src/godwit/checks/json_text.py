"""Reads JSON without losing anything: how a number was written, which keys came twice; refuses what is no JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_KINDS: dict[type, str] = {type(None): "null", bool: "boolean", str: "string", list: "array"}
_text = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written. 3 and 3.0 are different numbers to a typed client, and so are 1e2 and 100.0."""

    lexeme: str

    @property
    def whole(self) -> bool:
        """Whether it was written as an integer."""
        return self.lexeme.lstrip("-").isdigit()

    @property
    def value(self) -> Decimal:
        """The exact value; NaN and the infinities are possible, for they are written by careless encoders."""
        return Decimal(self.lexeme)


class Doubled(dict[str, Any]):
    """An object in which keys came twice; `all_values` has every value of such a key in its order."""

    all_values: dict[str, list[Any]]


def parse_json(text: bytes | str) -> Any:
    """Read JSON: None, bool, str, Number, list, dict (or Doubled).

    Raises ValueError when it is none, is not text in a Unicode encoding, or is nested too deeply to be read.
    """
    try:
        return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def kind_of(value: Any) -> str:
    """The JSON type; integer and number are told apart by how they were written."""
    known = _KINDS.get(type(value))
    if known is None and isinstance(value, Number):
        return "integer" if value.whole else "number"
    return known or "object"


def shown(value: Any) -> str:
    """The value as compact JSON, numbers as they were written."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Number):
        return value.lexeme
    if isinstance(value, list):
        return "[" + ",".join(shown(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{shown(value[key])}" for key in value) + "}"
    return _text(value)


def doubled_keys(value: dict[str, Any]) -> dict[str, list[Any]]:
    """The keys of an object that came more than once, each with all its values."""
    return value.all_values if isinstance(value, Doubled) else {}


def pointer(steps: Sequence[str]) -> str:
    """The JSON Pointer (RFC 6901) of these steps."""
    text = "/".join(("", *steps))
    if "~" not in text and text.count("/") == len(steps):
        return text
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def steps_of(text: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    values: dict[str, list[Any]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    doubled = Doubled(plain)
    doubled.all_values = {key: found for key, found in values.items() if len(found) > 1}
    return doubled
