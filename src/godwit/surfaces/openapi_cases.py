"""Makes requests of an OpenAPI document, and values of JSON Schemas, with Schemathesis; sends nothing."""

import importlib.util
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from godwit.plan import Request
from godwit.verdict import HarnessError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_PLACE = "godwit-place-{}-here"
_AT = "#/paths/~1/post/requestBody/content/application~1json/schema/properties/{}"
_SETTINGS = {"allow-x00": False, "allow-extra-parameters": False, "with-security-parameters": False}


class UnreadableError(ValueError):
    """A document of which no request can be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """One operation: its label (`METHOD /path`), the captures in its path, and a strategy of requests, or what is wrong."""

    label: str
    uses: tuple[str, ...] = ()
    requests: "SearchStrategy[Request] | None" = None
    wrong: str = ""

    @property
    def writes(self) -> bool:
        """Whether its requests may change state."""
        return self.label.split()[0] not in ("GET", "HEAD", "OPTIONS")


def requests_of(document: Any, captured: Collection[str]) -> list[Made]:
    """The operations of a document, in its order.

    A path parameter whose name is one of `captured` (in lower case) stays a place in the path of its requests. Raises
    UnreadableError for what is no OpenAPI document or refers to others; HarnessError where Schemathesis is missing.
    """
    _need("generated requests")
    from schemathesis.errors import SchemathesisError

    _refuse(document)
    try:
        root = _root(document)
        return [_made(result, captured, root) for result in _read(document).get_all_operations()]
    except SchemathesisError as error:
        raise UnreadableError(f"it is no OpenAPI document: {_line(error)}") from None


def values_of(schemas: Mapping[str, Any]) -> "SearchStrategy[dict[str, Any]]":
    """A strategy of one value for each name, as its JSON Schema (draft 2020-12) says, drawn as a body that holds them.

    Raises HarnessError where Schemathesis is missing. What is no schema is told at the first draw.
    """
    _need("drawn calls")
    body = {"type": "object", "required": [*schemas], "additionalProperties": False}
    body["properties"] = {name: _rooted(schema, _AT.format(_escaped_step(name))) for name, schema in schemas.items()}
    asked = {"required": True, "content": {"application/json": {"schema": body}}}
    paths = {"/": {"post": {"requestBody": asked, "responses": {"200": {"description": ""}}}}}
    document = {"openapi": "3.1.0", "info": {"title": "values", "version": "1"}, "paths": paths}
    _refuse(document)
    strategy: SearchStrategy[Any] = _read(document)["/"]["POST"].as_strategy()
    return strategy.map(_values)


def _values(case: Any) -> dict[str, Any]:
    if not isinstance(case.body, dict):
        raise UnreadableError("a $ref leads nowhere")
    return case.body


def _need(what: str) -> None:
    if importlib.util.find_spec("schemathesis") is None:
        raise HarnessError(f"{what} need Schemathesis: pip install 'pytest-godwit[openapi]'")


def _read(document: Any) -> Any:
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    settings = SchemathesisConfig.from_dict({"generation": _SETTINGS})
    return schemathesis.openapi.from_dict(document, config=settings)


def _rooted(schema: Any, root: str) -> Any:
    """A schema whose references into itself hold at another place."""
    if isinstance(schema, dict):
        moved = {key: _rooted(value, root) for key, value in schema.items()}
        ref = schema.get("$ref")
        return moved | {"$ref": root + ref[1:]} if isinstance(ref, str) and ref.startswith("#") else moved
    return [_rooted(item, root) for item in schema] if isinstance(schema, list | tuple) else schema


def _escaped_step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _refuse(document: Any) -> None:
    """What Schemathesis would not say clearly, or would fetch from other hosts."""
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise UnreadableError("it is no OpenAPI document: it has no mapping `paths`")
    elsewhere = next((ref for ref in _references(document) if not ref.startswith("#")), None)
    if elsewhere is not None:
        raise UnreadableError(f"it refers to another document ({elsewhere}); bundle both into one")


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _references(item)


def _root(document: Any) -> str:
    """The path of the document's first server, without a slash at its end; a server with variables has none."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = first.get("url") if isinstance(first, dict) else None
    path = urlsplit(url).path if isinstance(url, str) and "{" not in url else document.get("basePath", "")
    return str(path).rstrip("/")


def _made(result: Any, captured: Collection[str], root: str) -> Made:
    from schemathesis.core.result import Ok

    if not isinstance(result, Ok):
        error = result.err()
        return Made(f"{(error.method or 'any').upper()} {error.path or '?'}", wrong=_line(error))
    operation: Any = result.ok()
    names = [parameter.name for parameter in operation.path_parameters]
    places = {name: name.lower() for name in names if name.lower() in captured}
    strategy = operation.as_strategy().map(lambda case: _request(case, places, root))
    return Made(operation.label, tuple(places.values()), strategy.filter(lambda request: request is not None))


def _request(case: Any, places: dict[str, str], root: str) -> Request | None:
    """A case as a request whose other braces are written twice; None for a body that no text holds, such as a file."""
    for name, place in places.items():
        case.path_parameters[name] = _PLACE.format(place)
    asked = case.as_transport_kwargs(base_url="http://side")
    path = _escaped(root + asked["url"].removeprefix("http://side"))
    for place in places.values():
        path = path.replace(_PLACE.format(place), f"{{{place}}}")
    query = urlencode(asked["params"] or {}, doseq=True)
    headers = {name: _escaped(str(value)) for name, value in (case.headers or {}).items()}
    if case.cookies:
        headers["cookie"] = _escaped("; ".join(f"{name}={value}" for name, value in case.cookies.items()))
    body = _body(asked)
    if body is None and case.media_type:
        return None
    if body is not None:
        headers["content-type"] = case.media_type
    whole = f"{path}?{query}" if query else path
    return Request.model_construct(
        method=case.method.upper(), path=whole, headers=headers, body=_escaped(body), capture={}
    )


def _body(asked: Mapping[str, Any]) -> Any:
    """The body as JSON or text; None for none, and for one that neither holds."""
    data = asked.get("data")
    if asked.get("json") is not None or asked.get("files"):
        return asked.get("json")
    if isinstance(data, dict):
        return urlencode(data, doseq=True)
    try:
        return data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        return None


def _escaped(value: Any) -> Any:
    """A value in whose texts no brace stands for a place."""
    if isinstance(value, str):
        return value.replace("{", "{{").replace("}", "}}")
    if isinstance(value, dict):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
