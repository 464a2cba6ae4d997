"""Makes requests for an operation that its baseline should accept: the plan's own probes, else what the document gives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import quote

from godwit.checks.contract_kinds import NOTHING
from godwit.checks.instances import example_in, instance_of
from godwit.checks.openapi import Document, Operation
from godwit.plan import Probe, Request

_METHODS = frozenset(get_args(Request.model_fields["method"].annotation))
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One request for an operation, what has to be sent before it, and where it comes from."""

    source: str
    request: Request
    prelude: tuple[Request, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether it may change state."""
        return any(request.writes for request in (*self.prelude, self.request))


def stimuli_for(
    operation: Operation, document: Document, probes: Sequence[Probe], mount: str, *, may_make_writes: bool
) -> list[Stimulus]:
    """Requests for an operation, best first: from probes, then made of the document; writes are made only where allowed.

    A DELETE is never made up: what it would delete is for the plan to say.
    """
    found = list(_from_probes(operation, probes, mount))
    if operation.method not in _METHODS or operation.method == "DELETE":
        return found
    made = _made(operation, document)
    if made is not None and (may_make_writes or not made.writes):
        found.append(made)
        if mount:
            found.append(Stimulus(made.source, made.request.model_copy(update={"path": mount + made.request.path})))
    return found


def as_words(value: Any) -> Any:
    """A JSON value as a plan would hold it: braces in texts doubled, so that they are sent as they are."""
    if isinstance(value, str):
        return value.replace("{", "{{").replace("}", "}}")
    if isinstance(value, Mapping):
        return {as_words(str(key)): as_words(item) for key, item in value.items()}
    return [as_words(item) for item in value] if isinstance(value, list | tuple) else value


def in_url(value: Any) -> str:
    """A value as it stands in a path or a query."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(",".join(map(str, value)) if isinstance(value, list | tuple) else str(value), safe="")


def _from_probes(operation: Operation, probes: Sequence[Probe], mount: str) -> Iterator[Stimulus]:
    paths = {operation.path, mount + operation.path, operation.path.removeprefix(mount) or "/"}
    for probe in probes:
        for index, request in enumerate(probe.requests):
            if request.method == operation.method and any(_is_at(request.path, path) for path in paths):
                yield Stimulus(f"probe {probe.id}", request, probe.requests[:index])
                break


def _is_at(asked: str, template: str) -> bool:
    parts, wanted = asked.partition("?")[0].split("/"), template.split("/")
    return len(parts) == len(wanted) and all(
        each.startswith("{") or part == each for part, each in zip(parts, wanted, strict=True)
    )


def _made(operation: Operation, document: Document) -> Stimulus | None:
    """A request made of examples and smallest values; None where the document does not say enough."""
    body, media = _body(operation, document)
    headers = {} if media in ("", _JSON) else {"content-type": media}
    query = []
    for (place, name), parameter in operation.parameters.items():
        if parameter.get("required") is not True or place == "path":
            continue
        value = in_url(_value(document, parameter))
        if place == "query":
            query.append(f"{in_url(name)}={value}")
        elif place == "header":
            headers[name] = value
    path = _path(operation, document) + ("?" if query else "") + "&".join(query)
    return Stimulus("the document", Request(method=operation.method, path=path, headers=headers, body=body))


def _path(operation: Operation, document: Document) -> str:
    parts, at = [], 0
    for part in operation.path.split("/"):
        if part.startswith("{") and part.endswith("}"):
            at += 1
            part = in_url(_value(document, operation.parameters.get(("path", f"#{at}"), {})))
        parts.append(part)
    return "/".join(parts) or "/"


def _value(document: Document, parameter: Mapping[str, Any]) -> Any:
    stated = example_in(document, parameter)
    return instance_of(document, parameter.get("schema")) if stated is NOTHING else stated


def _body(operation: Operation, document: Document) -> tuple[Any, str]:
    contents = document.resolved(operation.content.get("requestBody")).get("content")
    if not isinstance(contents, Mapping) or not contents:
        return None, ""
    media = next((name for name in contents if "json" in name), next(iter(contents)))
    content = contents[media] if isinstance(contents[media], Mapping) else {}
    stated = example_in(document, content)
    value = instance_of(document, content.get("schema")) if stated is NOTHING else stated
    return as_words(value), str(media)
