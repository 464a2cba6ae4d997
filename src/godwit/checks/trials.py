"""Plans the experiment that tells whether a change of the documents is felt on the running candidate; sends nothing."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from godwit.checks.contract_kinds import NOTHING, Change
from godwit.checks.openapi import Operation
from godwit.checks.stimuli import Stimulus, as_words, in_url
from godwit.plan import Request

_EXTRA = "x_not_in_the_contract"


@dataclass(frozen=True, slots=True)
class Trial:
    """Requests that are sent to both sides, each after the stimulus's prelude; `reading` names how answers are read."""

    reading: str
    stimulus: Stimulus
    requests: tuple[Request, ...]


def trial_of(change: Change, operation: Operation | None, stimulus: Stimulus) -> Trial | None:
    """The experiment for a change with one stimulus; None where none can be made of it."""
    plan = _PLANS.get(change.code)
    if plan is None:
        return None
    reading, variants = plan
    requests = variants(change, operation, stimulus.request)
    return Trial(reading, stimulus, tuple(requests)) if requests else None


def _plain(_: Change, _operation: Operation | None, request: Request) -> list[Request]:
    return [request]


def _without(change: Change, operation: Operation | None, request: Request) -> list[Request]:
    """The request without what is newly required."""
    if change.place.part == "parameter":
        return [_parameter(change, operation, request, NOTHING)]
    if change.code == "request-body-newly-required":
        return [request.model_copy(update={"body": None})]
    body = _edited(request.body, change.place.steps, _dropping)
    return [] if body is NOTHING else [request.model_copy(update={"body": body})]


def _with(change: Change, operation: Operation | None, request: Request) -> list[Request]:
    """The request with a value that the baseline's document allows and the candidate's does not."""
    if change.value is NOTHING:
        return []
    if change.place.part == "parameter":
        return [_parameter(change, operation, request, change.value)]
    body = _put(request.body, change.place.steps, as_words(change.value))
    return [] if body is NOTHING else [request.model_copy(update={"body": body})]


def _with_extra(change: Change, _operation: Operation | None, request: Request) -> list[Request]:
    body = _put(request.body, (*change.place.steps, _EXTRA), "x")
    return [] if body is NOTHING else [request.model_copy(update={"body": body})]


def _with_and_without(change: Change, operation: Operation | None, request: Request) -> list[Request]:
    """Twice without a parameter, which shows what is noise, and once with it."""
    parameter = operation.parameters.get(change.place.parameter) if operation else None
    value = change.value if change.value is not NOTHING else _stated(parameter)
    bare = _parameter(change, operation, request, NOTHING)
    return [bare, bare, _parameter(change, operation, request, value)]


def _stated(parameter: Mapping[str, Any] | None) -> Any:
    schema = (parameter or {}).get("schema")
    content = schema if isinstance(schema, Mapping) else {}
    for holder in (parameter or {}, content):
        if "example" in holder:
            return holder["example"]
    if content.get("enum"):
        return content["enum"][-1]
    return 1 if content.get("type") in ("integer", "number") else "sample"


def _with_media(change: Change, _operation: Operation | None, request: Request) -> list[Request]:
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-type"}
    media = change.place.media
    if "json" in media:
        body = request.body
    elif media == "application/x-www-form-urlencoded" and isinstance(request.body, Mapping):
        body = "&".join(f"{in_url(name)}={in_url(value)}" for name, value in request.body.items())
    else:
        return []
    return [request.model_copy(update={"headers": {**headers, "content-type": media}, "body": body})]


def _accepting(change: Change, _operation: Operation | None, request: Request) -> list[Request]:
    headers = {name: value for name, value in request.headers.items() if name.lower() != "accept"}
    return [request.model_copy(update={"headers": {**headers, "accept": change.place.media}})]


def _anonymous(_: Change, _operation: Operation | None, request: Request) -> list[Request]:
    proofs = ("authorization", "cookie", "x-api-key")
    headers = {name: value for name, value in request.headers.items() if name.lower() not in proofs}
    return [request.model_copy(update={"headers": headers})]


def _provoking(_: Change, operation: Operation | None, request: Request) -> list[Request]:
    """What may bring an error: the request itself, one with ids that nobody has, one with an empty object."""
    found = [request]
    if operation and "{" in operation.path:
        parts, wanted = request.path.partition("?")[0].split("/"), operation.path.split("/")
        if len(parts) == len(wanted):
            pairs = zip(parts, wanted, strict=True)
            path = "/".join("no-such-one" if each.startswith("{") else part for part, each in pairs)
            found.append(request.model_copy(update={"path": path}))
    if request.body is not None:
        found.append(request.model_copy(update={"body": {}}))
    return found


def _parameter(change: Change, operation: Operation | None, request: Request, value: Any) -> Request:
    """The request with a parameter of the query, a header or the path set; NOTHING leaves it out."""
    place, name = change.place.parameter
    if place == "header":
        headers = {key: each for key, each in request.headers.items() if key.lower() != name}
        added = {} if value is NOTHING else {name: str(as_words(str(value)))}
        return request.model_copy(update={"headers": {**headers, **added}})
    if place == "path":
        return request if value is NOTHING or operation is None else _in_path(operation, request, name, value)
    path, _, query = request.path.partition("?")
    pairs = [pair for pair in query.split("&") if pair and pair.partition("=")[0] != in_url(name)]
    pairs += [] if value is NOTHING else [f"{in_url(name)}={in_url(value)}"]
    return request.model_copy(update={"path": path + ("?" if pairs else "") + "&".join(pairs)})


def _in_path(operation: Operation, request: Request, name: str, value: Any) -> Request:
    template = operation.path.split("/")
    places = [index for index, part in enumerate(template) if part.startswith("{") and part.endswith("}")]
    path, mark, query = request.path.partition("?")
    parts = path.split("/")
    mounted = len(parts) - len(template)  # a mount stands before what the document says
    parts[mounted + places[int(name[1:]) - 1]] = in_url(value)
    return request.model_copy(update={"path": "/".join(parts) + mark + query})


def _put(body: Any, steps: tuple[str, ...], value: Any) -> Any:
    if not steps:
        return value

    def put(holder: dict[str, Any], name: str) -> None:
        holder[name] = value

    return _edited(body, steps, put)


def _dropping(holder: dict[str, Any], name: str) -> None:
    holder.pop(name, None)


def _edited(body: Any, steps: tuple[str, ...], edit: Callable[[dict[str, Any], str], None]) -> Any:
    """A copy of the body, edited in every object that holds the last step; NOTHING if there is none."""
    if not steps or steps[-1] == "*":
        return NOTHING
    edited = copy.deepcopy(_mutable(body))
    holders = [edited]
    for step in steps[:-1]:
        if step == "*":
            holders = [item for holder in holders if isinstance(holder, list) for item in holder]
        else:
            holders = [holder[step] for holder in holders if isinstance(holder, dict) and step in holder]
    objects = [holder for holder in holders if isinstance(holder, dict)]
    for holder in objects:
        edit(holder, steps[-1])
    return edited if objects else NOTHING


def _mutable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _mutable(item) for key, item in value.items()}
    return [_mutable(item) for item in value] if isinstance(value, list | tuple) else value


_Variants = Callable[[Change, Operation | None, Request], list[Request]]

_PLANS: Mapping[str, tuple[str, _Variants]] = {
    "mount-moved": ("gone", _plain),
    "operation-removed": ("gone", _plain),
    "parameter-removed": ("heeded", _with_and_without),
    "parameter-newly-required": ("refused", _without),
    "parameter-default-changed": ("default", _with_and_without),
    "request-body-newly-required": ("refused", _without),
    "request-body-removed": ("refused", _plain),
    "request-media-type-removed": ("refused", _with_media),
    "request-property-newly-required": ("refused", _without),
    "request-property-refused": ("refused", _with),
    "request-property-ignored": ("echoed", _with),
    "request-properties-closed": ("refused", _with_extra),
    "request-type-narrowed": ("refused", _with),
    "request-enum-value-removed": ("refused", _with),
    "request-bound-tightened": ("refused", _with),
    "request-default-changed": ("defaulted", _without),
    "response-status-removed": ("status", _plain),
    "response-error-status-removed": ("status", _provoking),
    "response-media-type-removed": ("media", _accepting),
    "response-header-removed": ("header", _plain),
    "response-property-removed": ("absent", _provoking),
    "response-property-now-optional": ("absent", _provoking),
    "response-type-changed": ("type", _provoking),
    "response-type-widened": ("type", _provoking),
    "response-enum-value-added": ("value", _provoking),
    "security-added": ("anonymous", _anonymous),
}
