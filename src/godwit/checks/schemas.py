"""Compares two schemas of OpenAPI documents as a client feels them: narrower in requests, wider in answers breaks."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from godwit.checks.contract_kinds import NOTHING, Change, Place
from godwit.checks.differences import cut
from godwit.checks.instances import instance_of, value_of_type
from godwit.checks.openapi import Document
from godwit.checks.shapes import BOUNDS, Shape, reference_of, said, shape_of

_VISITS_AT_MOST = 3
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents of which the schemas of one message are compared; `sent` tells whether clients send or receive it.

    `visits` counts how often each component was gone into: in a tangle of references there are more ways than time.
    """

    baseline: Document
    candidate: Document
    sent: bool
    visits: Counter[tuple[str, str]] = field(default_factory=Counter)


def schema_changes(
    pair: Pair, mine: Any, theirs: Any, place: Place, seen: frozenset[tuple[str, str]] = frozenset()
) -> Iterator[Change]:
    """Every change from the baseline's schema to the candidate's, at its place; a circle is gone through once."""
    names = reference_of(mine), reference_of(theirs)
    if any(names):
        if names in seen or pair.visits[names] >= _VISITS_AT_MOST:
            return
        pair.visits[names] += 1
        seen |= {names}
        place = replace(place, origin=(names[0] or names[1], "request" if pair.sent else "response"))
    old, new = shape_of(pair.baseline, mine), shape_of(pair.candidate, theirs)
    yield from _types(pair, old, new, place)
    yield from _values(pair, old, new, place)
    yield from _bounds(pair, old, new, place)
    yield from _alternatives(pair, old, new, place)
    yield from _fields(pair, old, new, place)
    yield from _defaults(pair, old, new, place)
    for name in sorted(old.fields.keys() & new.fields.keys()):
        if not _hidden(pair, pair.baseline, old.fields[name]):
            yield from schema_changes(pair, old.fields[name], new.fields[name], _into(place, name), seen)
    if old.items is not None and new.items is not None:
        yield from schema_changes(pair, old.items, new.items, _into(place, "*"), seen)


def _into(place: Place, step: str) -> Place:
    origin = (*place.origin, step) if place.origin else ()
    return replace(place, steps=(*place.steps, step), origin=origin)


def _hidden(pair: Pair, document: Document, schema: Any) -> bool:
    """Whether a property never stands in messages of this direction."""
    return document.resolved(schema).get("readOnly" if pair.sent else "writeOnly") is True


def _covers(types: frozenset[str], others: frozenset[str]) -> bool:
    return others <= (types | {"integer"} if "number" in types else types)


def _types(pair: Pair, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    if old.types == new.types:
        return
    shown = said(old.types), said(new.types)
    wider, narrower = _covers(new.types, old.types), _covers(old.types, new.types)
    if pair.sent:
        if wider:
            yield Change("request-type-widened", place, *shown)
        else:
            lost = sorted(kind for kind in old.types if not _covers(new.types, frozenset({kind})))
            yield Change("request-type-narrowed", place, *shown, value_of_type(lost[0]), old.types)
    elif narrower:
        yield Change("response-type-narrowed", place, *shown, types=old.types)
    elif old.types & new.types or wider:
        yield Change("response-type-widened", place, *shown, types=old.types)
    else:
        yield Change("response-type-changed", place, *shown, types=old.types)


def _values(pair: Pair, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    mine, theirs = old.values, new.values
    way = "request" if pair.sent else "response"
    listed = _listed(mine), _listed(theirs)
    if mine is None and theirs is not None and pair.sent:
        yield Change("request-enum-value-removed", place, *listed)
    elif mine is not None and theirs is None and not pair.sent:
        yield Change("response-enum-value-added", place, *listed)
    if mine is None or theirs is None:
        return
    for value in (value for value in mine if value not in theirs):
        yield Change(f"{way}-enum-value-removed", place, _shown(value), "(absent)", value)
    for value in (value for value in theirs if value not in mine):
        yield Change(f"{way}-enum-value-added", place, "(absent)", _shown(value), value)


def _bounds(pair: Pair, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    for name in BOUNDS:
        mine, theirs = old.bounds.get(name), new.bounds.get(name)
        stricter = _is_stricter(name, mine, theirs) if pair.sent else _is_stricter(name, theirs, mine)
        if not stricter:
            continue
        code = "request-bound-tightened" if pair.sent else "response-bound-loosened"
        yield Change(
            code, place, _stated(name, mine), _stated(name, theirs), _beyond(name, theirs) if pair.sent else NOTHING
        )


def _stated(name: str, bound: Any) -> str:
    return f"no {name}" if bound is None else f"{name} {cut(str(bound))}"


def _is_stricter(name: str, before: Any, after: Any) -> bool:
    """Whether `after` lets less pass than `before` does."""
    if after is None or before == after:
        return False
    if before is None or isinstance(before, bool) or isinstance(after, bool):
        return True
    if name in _UPPER | _LOWER:
        try:
            return bool(after < before if name in _UPPER else after > before)
        except TypeError:
            return True
    return (before, after) not in _WIDER_FORMATS


def _beyond(name: str, bound: Any) -> Any:
    """A value just beyond a bound; NOTHING where none can be made without knowing more."""
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return NOTHING
    made = {
        "maximum": bound + 1,
        "exclusiveMaximum": bound,
        "minimum": bound - 1,
        "exclusiveMinimum": bound,
        "maxLength": "x" * min(int(bound) + 1, 100_000),
        "minLength": "x" * max(int(bound) - 1, 0),
    }
    return made.get(name, NOTHING)


def _alternatives(pair: Pair, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    """Component schemas of which one has to fit; as many as before under other names are the same ones renamed."""
    if not old.alternatives or not new.alternatives:
        return
    more = len(new.alternatives) - len(old.alternatives)
    if pair.sent and more < 0:
        for name in sorted(old.alternatives - new.alternatives):
            yield Change("request-alternative-removed", place, name, "(absent)")
    elif not pair.sent and more > 0:
        for name in sorted(new.alternatives - old.alternatives):
            yield Change("response-alternative-added", place, "(absent)", name)


def _fields(pair: Pair, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    mine, theirs = _visible(pair, pair.baseline, old), _visible(pair, pair.candidate, new)
    yield from _required(pair, old, new, place, frozenset(mine), frozenset(theirs))
    yield from _lost(pair, new, place, mine, theirs)
    way = "request" if pair.sent else "response"
    for name in sorted(theirs.keys() - mine.keys()):
        if not (pair.sent and name in new.required):
            yield Change(f"{way}-property-added", _into(place, name), "(absent)", "present")
    for name in sorted(mine.keys() & theirs.keys()):
        if _is_deprecated(pair.candidate, theirs[name]) and not _is_deprecated(pair.baseline, mine[name]):
            yield Change("property-deprecated", _into(place, name), "in use", "deprecated")
    if pair.sent and new.closed and not old.closed and "object" in old.types:
        yield Change("request-properties-closed", place, "any other property", "no other property")


def _required(
    pair: Pair, old: Shape, new: Shape, place: Place, mine: frozenset[str], theirs: frozenset[str]
) -> Iterator[Change]:
    ways = ("optional", "required"), ("required", "optional")
    newly, no_longer = sorted(new.required - old.required), sorted(old.required - new.required)
    if pair.sent:
        for name in (name for name in newly if name in theirs or name not in new.fields):
            yield Change("request-property-newly-required", _into(place, name), *ways[0])
        for name in (name for name in no_longer if name in theirs):
            yield Change("request-property-now-optional", _into(place, name), *ways[1])
    else:
        for name in (name for name in no_longer if name in mine and name in theirs):
            yield Change("response-property-now-optional", _into(place, name), *ways[1])
        for name in (name for name in newly if name in mine and name in theirs):
            yield Change("response-property-newly-required", _into(place, name), *ways[0])


def _lost(pair: Pair, new: Shape, place: Place, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Change]:
    """Properties that the candidate's schema no longer names. One that names none at all and is open says nothing."""
    if not (new.fields or new.closed or new.types == {"object"}):
        return
    code = "response-property-removed"
    if pair.sent:
        code = "request-property-refused" if new.closed else "request-property-ignored"
    for name in sorted(mine.keys() - theirs.keys()):
        value = instance_of(pair.baseline, mine[name])
        yield Change(code, _into(place, name), "present", "(absent)", value if pair.sent else NOTHING)


def _visible(pair: Pair, document: Document, shape: Shape) -> dict[str, Any]:
    return {name: schema for name, schema in shape.fields.items() if not _hidden(pair, document, schema)}


def _defaults(pair: Pair, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    if not pair.sent or old.default is NOTHING or repr(old.default) == repr(new.default):
        return
    code = "parameter-default-changed" if place.part == "parameter" else "request-default-changed"
    after = "(none)" if new.default is NOTHING else _shown(new.default)
    yield Change(code, place, _shown(old.default), after, old.default)


def _is_deprecated(document: Document, schema: Any) -> bool:
    return document.resolved(schema).get("deprecated") is True


def _listed(values: tuple[Any, ...] | None) -> str:
    return "any value" if values is None else cut(", ".join(map(_shown, values)))


def _shown(value: Any) -> str:
    return cut(repr(value) if isinstance(value, str) else str(value))
