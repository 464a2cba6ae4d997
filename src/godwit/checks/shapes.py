"""Sees through a schema of an OpenAPI document to what it lets pass: types, fields, bounds; compares nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from godwit.checks.contract_kinds import NOTHING
from godwit.checks.openapi import Document

EVERYTHING = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_OBJECT = frozenset({"object"})
_DEEPEST = 6
BOUNDS = (
    "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "minimum", "exclusiveMinimum", "minLength",
    "minItems", "minProperties", "multipleOf", "pattern", "format", "uniqueItems",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema lets pass, its references, allOf, anyOf and oneOf seen through.

    `fields` are the schemas of properties, unresolved. `values` are the only ones allowed, None if any is. `alternatives`
    are the names of the component schemas of which one has to fit. `closed` tells that no other property may stand.
    """

    types: frozenset[str] = EVERYTHING
    fields: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Any = None
    values: tuple[Any, ...] | None = None
    closed: bool = False
    bounds: Mapping[str, Any] = field(default_factory=dict)
    default: Any = NOTHING
    alternatives: frozenset[str] = frozenset()
    deprecated: bool = False


def shape_of(document: Document, schema: Any, depth: int = 0) -> Shape:
    """See through a schema; nothing, or what is nested too deep, lets everything pass."""
    content = document.resolved(schema)
    shape = _own(content)
    if depth >= _DEEPEST:
        return shape
    for part in _list(content.get("allOf")):
        shape = _both(shape, shape_of(document, part, depth + 1))
    branches = [*_list(content.get("anyOf")), *_list(content.get("oneOf"))]
    if branches:
        shape = _both(shape, _any_of([shape_of(document, part, depth + 1) for part in branches], branches))
    return shape


def reference_of(schema: Any) -> str:
    """The name of the component schema that is referred to; empty for a schema that stands in place."""
    return str(schema.get("$ref", "")).rpartition("/")[2] if isinstance(schema, Mapping) else ""


def said(types: frozenset[str]) -> str:
    """Types as people read them."""
    return "anything" if types == EVERYTHING else " or ".join(sorted(types)) or "nothing"


def _own(content: Mapping[str, Any]) -> Shape:
    fields = content.get("properties")
    extra = content.get("additionalProperties", content.get("unevaluatedProperties", True))
    return Shape(
        types=_types(content),
        fields=dict(fields) if isinstance(fields, Mapping) else {},
        required=frozenset(str(name) for name in _list(content.get("required"))),
        items=content.get("items"),
        values=_values(content),
        closed=extra is False,
        bounds={name: content[name] for name in BOUNDS if content.get(name) not in (None, False)},
        default=content.get("default", NOTHING),
        deprecated=content.get("deprecated") is True,
    )


def _types(content: Mapping[str, Any]) -> frozenset[str]:
    stated = content.get("type")
    if stated is None:
        return _OBJECT if isinstance(content.get("properties"), Mapping) else EVERYTHING
    named = {stated} if isinstance(stated, str) else {str(each) for each in _list(stated)}
    return frozenset(named | ({"null"} if content.get("nullable") is True else set()))


def _values(content: Mapping[str, Any]) -> tuple[Any, ...] | None:
    if "const" in content:
        return (content["const"],)
    return tuple(content["enum"]) if isinstance(content.get("enum"), list) else None


def _both(one: Shape, other: Shape) -> Shape:
    """What passes only if it fits both."""
    if one.values is not None and other.values is not None:
        values: tuple[Any, ...] | None = tuple(value for value in one.values if value in other.values)
    else:
        values = one.values if other.values is None else other.values
    return Shape(
        types=_common(one.types, other.types),
        fields={**other.fields, **one.fields},
        required=one.required | other.required,
        items=other.items if one.items is None else one.items,
        values=values,
        closed=one.closed or other.closed,
        bounds={**other.bounds, **one.bounds},
        default=other.default if one.default is NOTHING else one.default,
        alternatives=one.alternatives | other.alternatives,
        deprecated=one.deprecated or other.deprecated,
    )


def _common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    common = one & other
    integers = ("integer" in one and "number" in other) or ("number" in one and "integer" in other)
    return common | {"integer"} if integers and not {"integer", "number"} & common else common


def _any_of(shapes: Sequence[Shape], branches: Iterable[Any]) -> Shape:
    """What passes if it fits one of several; bounds and defaults are known only where a single branch is more than null."""
    full = [shape for shape in shapes if shape.types != {"null"}] or list(shapes)
    objects = [shape for shape in full if "object" in shape.types]
    joined = full[0] if len(full) == 1 else Shape(items=next((it.items for it in full if it.items is not None), None))
    named = frozenset(filter(None, map(reference_of, branches)))
    return replace(
        joined,
        types=frozenset().union(*(shape.types for shape in shapes)),
        fields={name: schema for shape in reversed(full) for name, schema in shape.fields.items()},
        required=frozenset.intersection(*(shape.required for shape in objects)) if objects else frozenset(),
        values=_joined_values(full, shapes),
        closed=bool(objects) and all(shape.closed for shape in objects),
        alternatives=named,
    )


def _joined_values(full: Sequence[Shape], every: Sequence[Shape]) -> tuple[Any, ...] | None:
    if any(shape.values is None for shape in full):
        return None
    null = (None,) if any(shape.types == {"null"} for shape in every) else ()
    return (*(value for shape in full for value in shape.values or ()), *null)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
