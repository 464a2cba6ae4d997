"""Compares two schemas of OpenAPI documents as a client feels them: narrower in requests, wider in answers breaks."""

from collections.abc import Mapping
from typing import Any

from godwit.checks.json_text import steps_of
from godwit.verdict import Finding

_EVERYTHING = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


class Document:
    """An OpenAPI document that resolves its own references; `lost` collects those that lead nowhere."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.lost: set[str] = set()

    def resolved(self, part: Any) -> Mapping[str, Any]:
        """The part itself or what its $ref means; empty for nothing, for a circle and for what is no object."""
        seen: set[str] = set()
        while isinstance(part, Mapping) and isinstance(part.get("$ref"), str):
            reference = part["$ref"]
            if reference in seen:
                return {}
            seen.add(reference)
            part = self._target(reference)
        return part if isinstance(part, Mapping) else {}

    def _target(self, reference: str) -> Any:
        found: Any = self.content if reference.startswith("#") else None
        for step in steps_of(reference):
            found = found.get(step) if isinstance(found, Mapping) else None
        if found is None:
            self.lost.add(reference)
        return found


def schema_changes(
    one: Document,
    other: Document,
    mine: Any,
    theirs: Any,
    where: str,
    *,
    sent: bool,
    seen: frozenset[str] = frozenset(),
) -> list[Finding]:
    """The breaking changes between two schemas; `sent` tells whether clients send such values or receive them."""
    trail = f"{_reference(mine)}|{_reference(theirs)}"
    if trail in seen:
        return []
    deeper = seen | {trail} if trail != "|" else seen
    old, new = one.resolved(mine), other.resolved(theirs)
    findings = _types_changed(_types(one, old), _types(other, new), where, sent)
    old_fields, new_fields = _fields(one, old), _fields(other, new)
    findings += _fields_lost(
        old_fields, new_fields, where, sent, closed=bool(new_fields) or _types(other, new) == {"object"}
    )
    if sent:
        findings += _newly_required(_required(one, old), _required(other, new), where)
    for name in old_fields.keys() & new_fields.keys():
        place = f"{where} .{name}"
        findings += schema_changes(one, other, old_fields[name], new_fields[name], place, sent=sent, seen=deeper)
    if "items" in old and "items" in new:
        findings += schema_changes(one, other, old["items"], new["items"], f"{where} []", sent=sent, seen=deeper)
    return findings


def _reference(part: Any) -> str:
    return str(part.get("$ref", "")) if isinstance(part, Mapping) else ""


def _branches(doc: Document, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [doc.resolved(part) for key in ("anyOf", "oneOf") for part in schema.get(key, ())]


def _types(doc: Document, schema: Mapping[str, Any], depth: int = 0) -> frozenset[str]:
    """The JSON types that the schema lets through; a schema that states none lets all through."""
    branches = _branches(doc, schema)
    if branches and depth < 8:
        return frozenset().union(*(_types(doc, branch, depth + 1) for branch in branches))
    stated = schema.get("type")
    if stated is None:
        parts = [_types(doc, doc.resolved(part), depth + 1) for part in schema.get("allOf", ()) if depth < 8]
        return (
            frozenset.intersection(*parts)
            if parts
            else (frozenset({"object"}) if "properties" in schema else _EVERYTHING)
        )
    named = {stated} if isinstance(stated, str) else set(stated)
    return frozenset(named | ({"null"} if schema.get("nullable") else set()))


def _fields(doc: Document, schema: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    found = dict(schema.get("properties", {}))
    for part in [*_branches(doc, schema), *(doc.resolved(part) for part in schema.get("allOf", ()))]:
        if depth < 8:
            found = {**_fields(doc, part, depth + 1), **found}
    return found


def _required(doc: Document, schema: Mapping[str, Any]) -> set[str]:
    required = set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        required |= set(doc.resolved(part).get("required", ()))
    return required


def _covers(types: frozenset[str], others: frozenset[str]) -> bool:
    return others <= (types | {"integer"} if "number" in types else types)


def _types_changed(old: frozenset[str], new: frozenset[str], where: str, sent: bool) -> list[Finding]:
    fine = _covers(new, old) if sent else _covers(old, new)
    if fine:
        return []
    what = "request type is narrower" if sent else "response type is wider"
    return [Finding(what, where, _said(old), _said(new))]


def _said(types: frozenset[str]) -> str:
    return "anything" if types == _EVERYTHING else " or ".join(sorted(types))


def _fields_lost(
    old: Mapping[str, Any], new: Mapping[str, Any], where: str, sent: bool, *, closed: bool
) -> list[Finding]:
    """Fields that answers no longer have. A request field that is ignored breaks no client that sends it."""
    if sent or not closed:
        return []
    return [
        Finding("response field is gone", f"{where} .{name}", "present", "(absent)") for name in old if name not in new
    ]


def _newly_required(old: set[str], new: set[str], where: str) -> list[Finding]:
    return [
        Finding("request field is newly required", f"{where} .{name}", "optional", "required")
        for name in sorted(new - old)
    ]
