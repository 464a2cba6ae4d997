"""Finds every change from one OpenAPI document to another, operation by operation; judges none of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from godwit.checks.contract_kinds import Change, Place
from godwit.checks.openapi import Document, Key, Operation, mounts, operations, unmounted
from godwit.checks.schemas import Pair, schema_changes


@dataclass(frozen=True, slots=True)
class Contracts:
    """Two documents, the baseline's operations by method and path, and every change between them."""

    baseline: Document
    candidate: Document
    operations: Mapping[tuple[str, str], Operation]
    changes: tuple[Change, ...]
    mount: str = ""


def contracts_of(baseline: Mapping[str, Any], candidate: Mapping[str, Any]) -> Contracts:
    """Read two OpenAPI 3 documents and find every change; paths that differ by a mount only are the same."""
    one, other = Document(baseline), Document(candidate)
    mine, theirs = operations(one), operations(other)
    before, after = mounts(mine, theirs)
    changes = list(_moved(mine, theirs, before, after))
    left = {unmounted(key, after): operation for key, operation in theirs.items()}
    for key, operation in mine.items():
        match = left.pop(unmounted(key, before), None)
        changes += _operation_changes(one, other, operation, match)
    changes += [Change("operation-added", _at(it), "(absent)", "present") for it in left.values()]
    by_name = {(operation.method, operation.path): operation for operation in mine.values()}
    return Contracts(one, other, by_name, tuple(dict.fromkeys(changes)), before or after)


def _moved(mine: Mapping[Key, Operation], theirs: Mapping[Key, Operation], before: str, after: str) -> Iterator[Change]:
    """The one change of a mount, at the operation that is easiest to ask for."""
    there = {unmounted(key, after) for key in theirs}
    moved = [mine[key] for key in mine if key not in theirs and unmounted(key, before) in there]
    easiest = sorted(moved, key=lambda it: (it.method != "GET", it.path.count("{")))
    if (before or after) and easiest:
        yield Change("mount-moved", _at(easiest[0]), before or "/", after or "/")


def _at(operation: Operation) -> Place:
    return Place(operation.method, operation.path)


def _operation_changes(one: Document, other: Document, old: Operation, new: Operation | None) -> Iterator[Change]:
    if new is None:
        yield Change("operation-removed", _at(old), "present", "(absent)")
        return
    if new.content.get("deprecated") is True and old.content.get("deprecated") is not True:
        yield Change("operation-deprecated", _at(old), "in use", "deprecated")
    yield from _security(one, other, old, new)
    yield from _parameters(one, other, old, new)
    yield from _request(one, other, old, new)
    yield from _responses(one, other, old, new)


def _security(one: Document, other: Document, old: Operation, new: Operation) -> Iterator[Change]:
    mine, theirs = _schemes(one, old), _schemes(other, new)
    if theirs and not mine:
        yield Change("security-added", _at(old), "none", " or ".join(theirs))
    elif mine and not theirs:
        yield Change("security-removed", _at(old), " or ".join(mine), "none")


def _schemes(document: Document, operation: Operation) -> list[str]:
    """The ways to prove who one is; none if one of them is no proof at all."""
    stated = operation.content.get("security", document.content.get("security"))
    ways = [way for way in stated or () if isinstance(way, Mapping)]
    return [] if any(not way for way in ways) else [" and ".join(sorted(way)) for way in ways]


def _parameters(one: Document, other: Document, old: Operation, new: Operation) -> Iterator[Change]:
    pair = Pair(one, other, sent=True)
    for name, parameter in old.parameters.items():
        place = replace(_at(old), part="parameter", parameter=name)
        theirs = new.parameters.get(name)
        if theirs is None:
            if name[0] != "path":
                yield Change("parameter-removed", place, "present", "(absent)")
            continue
        yield from _one_parameter(parameter, theirs, place)
        yield from schema_changes(pair, _schema(parameter), _schema(theirs), place)
    for name, parameter in new.parameters.items():
        if name not in old.parameters and name[0] != "path":
            place = replace(_at(old), part="parameter", parameter=name)
            required = parameter.get("required") is True
            code = "parameter-newly-required" if required else "parameter-added"
            yield Change(code, place, "(absent)", "required" if required else "optional")


def _one_parameter(mine: Mapping[str, Any], theirs: Mapping[str, Any], place: Place) -> Iterator[Change]:
    was, is_now = mine.get("required") is True, theirs.get("required") is True
    if is_now and not was:
        yield Change("parameter-newly-required", place, "optional", "required")
    elif was and not is_now:
        yield Change("parameter-now-optional", place, "required", "optional")
    if theirs.get("deprecated") is True and mine.get("deprecated") is not True:
        yield Change("parameter-deprecated", place, "in use", "deprecated")


def _schema(parameter: Mapping[str, Any]) -> Any:
    """The schema of a parameter, which may stand in the one media type that it has."""
    contents = parameter.get("content")
    first: Any = next(iter(contents.values()), None) if isinstance(contents, Mapping) else None
    return parameter.get("schema", first.get("schema") if isinstance(first, Mapping) else None)


def _request(one: Document, other: Document, old: Operation, new: Operation) -> Iterator[Change]:
    mine, theirs = one.resolved(old.content.get("requestBody")), other.resolved(new.content.get("requestBody"))
    place = replace(_at(old), part="request")
    if theirs.get("required") is True and mine.get("required") is not True:
        yield Change("request-body-newly-required", place, "optional" if mine else "(absent)", "required")
    if mine and not theirs:
        yield Change("request-body-removed", place, "present", "(absent)")
    if mine and theirs:
        yield from _contents(Pair(one, other, sent=True), mine, theirs, place)


def _responses(one: Document, other: Document, old: Operation, new: Operation) -> Iterator[Change]:
    mine, theirs = _by_status(old), _by_status(new)
    for status, raw in mine.items():
        place = replace(_at(old), part="response", status=status)
        match = theirs.get(status, theirs.get(f"{status[:1]}XX"))
        if match is None:
            code = "response-status-removed" if status[:1] == "2" else "response-error-status-removed"
            yield Change(code, place, "present", "(absent)")
            continue
        answer, their_answer = one.resolved(raw), other.resolved(match)
        yield from _headers(answer, their_answer, place)
        yield from _contents(Pair(one, other, sent=False), answer, their_answer, place)
    for status in theirs.keys() - mine.keys():
        yield Change("response-status-added", replace(_at(old), part="response", status=status), "(absent)", "present")


def _by_status(operation: Operation) -> dict[str, Any]:
    found = operation.content.get("responses")
    return {str(status).upper(): raw for status, raw in found.items()} if isinstance(found, Mapping) else {}


def _headers(mine: Mapping[str, Any], theirs: Mapping[str, Any], place: Place) -> Iterator[Change]:
    kept = {name.lower() for name in _mapping(theirs, "headers")}
    for name in _mapping(mine, "headers"):
        if name.lower() not in kept:
            at = replace(place, parameter=("header", name.lower()))
            yield Change("response-header-removed", at, "present", "(absent)")


def _contents(pair: Pair, mine: Mapping[str, Any], theirs: Mapping[str, Any], place: Place) -> Iterator[Change]:
    old, new = _mapping(mine, "content"), _mapping(theirs, "content")
    way = "request" if pair.sent else "response"
    for media in old:
        if media not in new:
            yield Change(f"{way}-media-type-removed", replace(place, media=media), "present", "(absent)")
        else:
            yield from schema_changes(
                pair, _mapping(old, media).get("schema"), _mapping(new, media).get("schema"), place
            )
    for media in sorted(new.keys() - old.keys()):
        yield Change(f"{way}-media-type-added", replace(place, media=media), "(absent)", "present")


def _mapping(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, Mapping) else {}
