"""A thin client of the v1 API on the standard library alone; it turns refusals into exceptions and hides no answer."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]


class OrchestrationError(Exception):
    """The service said no: `status` and the `code` of its error body, on which scripts depend."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class Orchestration:
    """One service of the v1 API."""

    def __init__(self, url: str, timeout_s: float = 10.0) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def agents(self) -> list[Json]:
        """All agents."""
        return list(self._ask("GET", "/api/agents")["agents"])

    def create_task(self, key: str = "", **fields: Any) -> Json:
        """Create a task; the same `key` twice creates it once."""
        return dict(self._ask("POST", "/api/tasks", fields, {"Idempotency-Key": key} if key else {}))

    def task(self, task_id: str) -> Json:
        """One task."""
        return dict(self._ask("GET", f"/api/tasks/{task_id}"))

    def complete(self, task_id: str, result: Any) -> Json:
        """Complete a task with a result."""
        return dict(self._ask("POST", f"/api/tasks/{task_id}/complete", {"result": result, "success": True}))

    def delete(self, task_id: str) -> None:
        """Delete a task."""
        self._ask("DELETE", f"/api/tasks/{task_id}")

    def tasks(self, page: int = 100, **wanted: str) -> Iterator[Json]:
        """Every task that fits, page by page."""
        cursor: str | None = None
        while True:
            query = {"limit": page, **wanted, **({"cursor": cursor} if cursor else {})}
            answer = self._ask("GET", f"/api/tasks?{urlencode(query)}")
            yield from answer["tasks"]
            cursor = answer["next"]
            if cursor is None:
                return

    def start_workflow(self, **fields: Any) -> Json:
        """Start a workflow."""
        return dict(self._ask("POST", "/api/workflows", fields))

    def workflow(self, flow_id: str, deed: str) -> Json:
        """Advance, pause or resume a workflow."""
        return dict(self._ask("POST", f"/api/workflows/{flow_id}/{deed}"))

    def _ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        every = {**(headers or {}), **({"Content-Type": "application/json"} if data else {})}
        request = urllib.request.Request(self._url + path, data=data, method=method, headers=every)  # noqa: S310 - the caller's service
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                raw = response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None
        return json.loads(raw) if raw else None


def _refusal(status: int, raw: bytes) -> OrchestrationError:
    try:
        error = json.loads(raw)["error"]
        return OrchestrationError(status, error["code"], error["message"])
    except (ValueError, KeyError, TypeError):
        return OrchestrationError(status, "unknown", raw[:200].decode(errors="replace"))
