"""Sends the requests of a ledger or a history with their places filled, and points into answers; judges and keeps none."""

from collections.abc import Mapping
from typing import Any

import httpx

from godwit.plan import Request

_TIMEOUT_S = 35.0


def connections(url: str, at_most: int) -> httpx.Client:
    """A client that keeps its connections open, up to so many; no proxy of the environment stands between."""
    limits = httpx.Limits(max_connections=at_most, max_keepalive_connections=at_most)
    return httpx.Client(verify=url.startswith("https:"), trust_env=False, timeout=_TIMEOUT_S, limits=limits)


def ask(http: httpx.Client, url: str, request: Request, places: Mapping[str, str]) -> httpx.Response:
    """The answer to a request with its places filled."""
    headers, body = filled(request.headers, places), filled(request.body, places)
    return http.request(request.method, url + filled(request.path, places), headers=headers, json=body)


def filled(value: Any, places: Mapping[str, str]) -> Any:
    """A value with every known `{name}` in its strings replaced, recursively; other braces stay as they are.

    >>> filled({"title": "write {n}"}, {"n": "3"})
    {'title': 'write 3'}
    """
    if isinstance(value, str):
        for name, text in places.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, Mapping):
        return {key: filled(item, places) for key, item in value.items()}
    return [filled(item, places) for item in value] if isinstance(value, list | tuple) else value


def pointed(value: Any, pointer: str) -> Any:
    """The part of a JSON value that a pointer names; LookupError, TypeError or ValueError where it leads nowhere.

    >>> pointed({"tasks": [{"id": "t1"}]}, "/tasks/0/id")
    't1'
    """
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value
