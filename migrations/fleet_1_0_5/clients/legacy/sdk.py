"""A thin client of the fleet of 1.0.4 on the standard library alone; it turns refusals into exceptions."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


class FleetRefusal(Exception):
    """The fleet said no: `status` and the `code` of its error body, on which scripts depend."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Fleet:
    """One fleet."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path: str) -> Json:
        """What is at a path."""
        return self._ask("GET", path)

    def spawn(self, kind: str) -> Json:
        """A new agent."""
        return self._ask("POST", "/agents", {"type": kind})

    def do(self, kind: str, description: str, **more: Any) -> Json:
        """A task that was done."""
        return self._ask("POST", "/tasks", {"agentType": kind, "description": description, **more})

    def call(self, tool: str, **params: Any) -> Any:
        """What a tool returned."""
        return self._ask("POST", f"/tools/{tool}/execute", {"params": params})["result"]

    def tasks(self, page: int = 100) -> Iterator[Json]:
        """Every task, page by page."""
        cursor = ""
        while cursor is not None:
            answer = self.get(f"/tasks?limit={page}{f'&cursor={cursor}' if cursor else ''}")
            yield from answer["tasks"]
            cursor = answer["next"]

    def _ask(self, method: str, path: str, body: Any = None) -> Json:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        request = urllib.request.Request(self._url + path, data=data, method=method, headers=headers)  # noqa: S310 - the caller's service
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                return dict(json.loads(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None


def _refusal(status: int, raw: bytes) -> FleetRefusal:
    try:
        return FleetRefusal(status, json.loads(raw)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return FleetRefusal(status, "unknown")
