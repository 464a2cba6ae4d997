"""Compares two OpenAPI documents: what clients of the baseline send and read must go on working; additions are free."""

from collections.abc import Mapping
from typing import Any

from godwit.checks.differences import verdict_on
from godwit.checks.schemas import Document, schema_changes
from godwit.verdict import Finding, Judgement, inconclusive

_METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")


def compare_contracts(baseline_doc: Any, candidate_doc: Any) -> Judgement:
    """Judge whether the candidate's OpenAPI 3 document breaks clients of the baseline's.

    Breaking: an operation, parameter, media type, response status or response field that is gone; a parameter or
    request field that is newly required; a type that got narrower in a request or wider in a response. Something that
    is no OpenAPI 3 document, or has references that lead nowhere, is inconclusive.
    """
    for side, doc in (("baseline", baseline_doc), ("candidate", candidate_doc)):
        if not _is_openapi(doc):
            return inconclusive(f"what the {side} serves is no OpenAPI 3 document")
    one, other = Document(baseline_doc), Document(candidate_doc)
    operations = _operations(one)
    findings = _gone_or_changed(one, other, operations)
    if not findings and (lost := one.lost | other.lost):
        return inconclusive(f"references that lead nowhere: {', '.join(sorted(lost))}")
    return verdict_on(findings, len(operations), "operation(s)")


def _is_openapi(doc: Any) -> bool:
    return (
        isinstance(doc, Mapping)
        and str(doc.get("openapi", "")).startswith("3.")
        and isinstance(doc.get("paths"), Mapping)
    )


def _operations(doc: Document) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Operations by (method, path with nameless parameters), parameters of the path joined in."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for path, raw in doc.content["paths"].items():
        item = doc.resolved(raw)
        for method in _METHODS:
            if method in item:
                own = {**item[method], "path_parameters": item.get("parameters", ())}
                found[method.upper(), _shape(path)] = {**own, "path": path}
    return found


def _shape(path: str) -> str:
    """The path without the names of its parameters: clients do not send them."""
    return "/".join("{}" if part.startswith("{") and part.endswith("}") else part for part in path.split("/"))


def _gone_or_changed(
    one: Document, other: Document, operations: Mapping[tuple[str, str], Mapping[str, Any]]
) -> list[Finding]:
    theirs = _operations(other)
    findings: list[Finding] = []
    for (method, shape), operation in operations.items():
        where = f"{method} {operation['path']}"
        match = theirs.get((method, shape))
        if match is None:
            findings.append(Finding("operation is gone", where, "present", "(absent)"))
        else:
            findings += _parameters(one, other, operation, match, where)
            findings += _request(one, other, operation, match, where)
            findings += _responses(one, other, operation, match, where)
    return findings


def _parameters(
    one: Document, other: Document, operation: Mapping[str, Any], match: Mapping[str, Any], where: str
) -> list[Finding]:
    mine, theirs = _named(one, operation), _named(other, match)
    findings: list[Finding] = []
    for (place, name), parameter in mine.items():
        at = f"{where} {place} {name}"
        if (place, name) not in theirs:
            findings.append(Finding("parameter is gone", at, "present", "(absent)"))
            continue
        new = theirs[place, name]
        if new.get("required") and not parameter.get("required"):
            findings.append(Finding("parameter is newly required", at, "optional", "required"))
        findings += schema_changes(one, other, parameter.get("schema"), new.get("schema"), at, sent=True)
    for (place, name), parameter in theirs.items():
        if (place, name) not in mine and parameter.get("required"):
            findings.append(Finding("parameter is newly required", f"{where} {place} {name}", "(absent)", "required"))
    return findings


def _named(doc: Document, operation: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Parameters by place and name; those of the path by their order, since their names are the server's own."""
    parameters = [doc.resolved(raw) for raw in (*operation["path_parameters"], *operation.get("parameters", ()))]
    named = {(str(it.get("in")), _name(it)): it for it in parameters if it.get("in") != "path"}
    wanted = [part[1:-1] for part in operation["path"].split("/") if part.startswith("{") and part.endswith("}")]
    by_name = {str(it.get("name")): it for it in parameters if it.get("in") == "path"}
    return named | {("path", f"#{place}"): by_name[name] for place, name in enumerate(wanted, 1) if name in by_name}


def _name(parameter: Mapping[str, Any]) -> str:
    name = str(parameter.get("name"))
    return name.lower() if parameter.get("in") == "header" else name


def _request(
    one: Document, other: Document, operation: Mapping[str, Any], match: Mapping[str, Any], where: str
) -> list[Finding]:
    mine, theirs = one.resolved(operation.get("requestBody")), other.resolved(match.get("requestBody"))
    at = f"{where} request"
    findings: list[Finding] = []
    if theirs.get("required") and not mine.get("required"):
        findings.append(Finding("request body is newly required", at, "optional", "required"))
    if not mine or not theirs:
        return findings
    return findings + _contents(one, other, mine, theirs, at, sent=True)


def _responses(
    one: Document, other: Document, operation: Mapping[str, Any], match: Mapping[str, Any], where: str
) -> list[Finding]:
    theirs = match.get("responses", {})
    findings: list[Finding] = []
    for status, raw in operation.get("responses", {}).items():
        at = f"{where} {status}"
        if status not in theirs:
            findings.append(Finding("response status is gone", at, "present", "(absent)"))
        else:
            findings += _contents(one, other, one.resolved(raw), other.resolved(theirs[status]), at, sent=False)
    return findings


def _contents(
    one: Document, other: Document, mine: Mapping[str, Any], theirs: Mapping[str, Any], at: str, *, sent: bool
) -> list[Finding]:
    findings: list[Finding] = []
    new = theirs.get("content", {})
    for media, content in mine.get("content", {}).items():
        if media not in new:
            findings.append(Finding("media type is gone", f"{at} {media}", "present", "(absent)"))
        else:
            findings += schema_changes(one, other, content.get("schema"), new[media].get("schema"), at, sent=sent)
    return findings
