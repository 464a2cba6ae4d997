"""Makes the smallest value that a schema lets pass, from its examples where it has some; sends nothing, and has no chance."""

from collections.abc import Iterator, Mapping
from typing import Any

from godwit.checks.contract_kinds import NOTHING
from godwit.checks.openapi import Document
from godwit.checks.shapes import EVERYTHING, Shape, shape_of

_PARTS_AT_MOST = 100
_TEXTS = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1M",
    "email": "someone@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "byte": "AA==",
}
_ORDER = ("object", "string", "integer", "number", "boolean", "array", "null")
_PLAIN = "sample"


def instance_of(document: Document, schema: Any) -> Any:
    """A value that the schema lets pass: an example, a default, an allowed value, or the smallest of its type.

    An object gets its required properties only. A pattern is not solved; such a text needs an example. What would have
    more than a hundred parts, as a circle of required properties has, is cut short and may not pass.
    """
    return _made(document, schema, iter(range(_PARTS_AT_MOST)))


def _made(document: Document, schema: Any, left: Iterator[int]) -> Any:
    content = document.resolved(schema)
    if (stated := example_in(document, content)) is not NOTHING:
        return stated
    shape = shape_of(document, schema)
    if shape.default is not NOTHING and shape.default is not None:
        return shape.default
    if shape.values:
        return shape.values[0]
    kind = next((kind for kind in _ORDER if kind in shape.types), "null") if shape.types != EVERYTHING else "string"
    return _of_type(document, shape, kind, left)


def value_of_type(kind: str) -> Any:
    """A small value of a JSON type.

    >>> value_of_type("integer")
    1
    """
    return _of_type(Document({}), Shape(), kind, iter(()))


def example_in(document: Document, content: Mapping[str, Any]) -> Any:
    """The example that a schema, a parameter or a media type states; NOTHING if it has none."""
    if "example" in content:
        return content["example"]
    examples = content.get("examples")
    if isinstance(examples, list) and examples:
        return examples[0]
    if isinstance(examples, Mapping) and examples:
        return document.resolved(next(iter(examples.values()))).get("value", NOTHING)
    return NOTHING


def _of_type(document: Document, shape: Shape, kind: str, left: Iterator[int]) -> Any:
    if kind == "object":
        wanted = (name for name in sorted(shape.required) if next(left, None) is not None)
        return {name: _made(document, shape.fields.get(name, {}), left) for name in wanted}
    if kind == "array":
        least = int(_number(shape.bounds.get("minItems"), 0))
        return [_made(document, shape.items, left) for _ in range(min(least, 100)) if next(left, None) is not None]
    if kind in ("integer", "number"):
        return _least(shape.bounds, 1 if kind == "integer" else 1.5)
    return {"string": _text(shape.bounds), "boolean": True}.get(kind)


def _least(bounds: Mapping[str, Any], plain: float) -> float:
    """The plain number, or the one nearest to it within the bounds."""
    step = _number(bounds.get("multipleOf"), 0)
    low, high = _number(bounds.get("minimum"), None), _number(bounds.get("maximum"), None)
    above = _number(bounds.get("exclusiveMinimum"), None)
    value = step or plain
    value = low if low is not None and value < low else value
    value = above + 1 if above is not None and value <= above else value
    return high if high is not None and value > high else value


def _text(bounds: Mapping[str, Any]) -> str:
    text = _TEXTS.get(str(bounds.get("format")), _PLAIN)
    least, most = int(_number(bounds.get("minLength"), 0)), _number(bounds.get("maxLength"), None)
    text = text.ljust(min(least, 10_000), "x")
    return text if most is None else text[: int(most)]


def _number(value: Any, otherwise: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
