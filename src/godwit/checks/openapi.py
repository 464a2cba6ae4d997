"""Reads OpenAPI 3 documents: references, operations, and the mount on which two of them differ; compares no schema."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from godwit.checks.json_text import steps_of

_METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
_DEEPEST_MOUNT = 4

Key = tuple[str, str]
"""Method and shape of an operation: its path without the names of parameters, which clients do not send."""


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

    @property
    def root(self) -> str:
        """The path of the document's first server, without a slash at its end; a server with variables has none."""
        servers = self.content.get("servers")
        first = servers[0] if isinstance(servers, list) and servers else {}
        url = first.get("url") if isinstance(first, Mapping) else None
        return urlsplit(url).path.rstrip("/") if isinstance(url, str) and "{" not in url else ""

    def _target(self, reference: str) -> Any:
        found: Any = self.content if reference.startswith("#") else None
        for step in steps_of(reference):
            found = found.get(step) if isinstance(found, Mapping) else None
        if found is None:
            self.lost.add(reference)
        return found


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: method, whole path (the server's included), and its content with resolved parameters.

    Parameters are by place and name; those of the path by their order, `#1` first, since their names are the server's own.
    """

    method: str
    path: str
    content: Mapping[str, Any]
    parameters: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Method and path, as people write them."""
        return f"{self.method} {self.path}"


def is_openapi(content: Any) -> bool:
    """Whether a parsed file is an OpenAPI 3 document."""
    return (
        isinstance(content, Mapping)
        and str(content.get("openapi", "")).startswith("3.")
        and isinstance(content.get("paths"), Mapping)
    )


def operations(document: Document) -> dict[Key, Operation]:
    """The operations of a document by method and shape."""
    found: dict[Key, Operation] = {}
    for path, raw in document.content["paths"].items():
        item = document.resolved(raw)
        for method in _METHODS:
            if isinstance(item.get(method), Mapping):
                whole = f"{document.root}/{str(path).removeprefix('/')}"
                parameters = _parameters(document, whole, item, item[method])
                operation = Operation(method.upper(), whole, item[method], parameters)
                found[operation.method, shape_of_path(whole)] = operation
    return found


def shape_of_path(path: str) -> str:
    """The path without the names of its parameters.

    >>> shape_of_path("/tasks/{task_id}")
    '/tasks/{}'
    """
    return "/".join("{}" if part.startswith("{") and part.endswith("}") else part for part in path.split("/"))


def mounts(one: Collection[Key], other: Collection[Key]) -> tuple[str, str]:
    """The prefixes that stand before the paths of one document only: (of the baseline, of the candidate), empty if none.

    A prefix counts when at least half of the smaller document matches only without it.
    """
    plain = len(set(one) & set(other))
    best, most = ("", ""), plain
    for side, keys, others in ((0, one, set(other)), (1, other, set(one))):
        for prefix in sorted(set(_prefixes(keys))):
            count = len({unmounted(key, prefix) for key in keys} & others)
            if count > most and 2 * (count - plain) >= min(len(one), len(other)):
                best, most = (prefix, "") if side == 0 else ("", prefix), count
    return best


def unmounted(key: Key, prefix: str) -> Key:
    """The key without a prefix, if it stands below it."""
    method, path = key
    return (method, path[len(prefix) :]) if prefix and path.startswith(f"{prefix}/") else key


def _prefixes(keys: Collection[Key]) -> Iterator[str]:
    for _, path in keys:
        parts = path.split("/")[1:]
        for depth in range(1, min(len(parts), _DEEPEST_MOUNT + 1)):
            if "{}" not in parts[:depth]:
                yield "/" + "/".join(parts[:depth])


def _parameters(
    document: Document, path: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    raw = [*(item.get("parameters") or ()), *(operation.get("parameters") or ())]
    every = [document.resolved(each) for each in raw]
    named = {(str(it.get("in")), _name(it)): it for it in every if it.get("in") not in ("path", None)}
    by_name = {str(it.get("name")): it for it in every if it.get("in") == "path"}
    wanted = enumerate(_names_in(path), 1)
    return named | {("path", f"#{place}"): by_name[name] for place, name in wanted if name in by_name}


def _names_in(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{") and part.endswith("}")]


def _name(parameter: Mapping[str, Any]) -> str:
    name = str(parameter.get("name"))
    return name.lower() if parameter.get("in") == "header" else name
