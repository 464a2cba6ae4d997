"""A client of the v2 API on httpx; on a v1 service it says which parts are not offered, and guesses none of them."""

from types import TracebackType
from typing import Any, Self

import httpx

Json = dict[str, Any]


class NotOfferedError(Exception):
    """The service is of a version that does not have this."""


class RefusedError(Exception):
    """The service said no to something that it has."""


class TeamOrchestration:
    """One service; `offers_teams` tells whether it speaks version 2."""

    def __init__(self, url: str, timeout_s: float = 10.0) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout_s, trust_env=False)
        self.version = str(self._get("/health")["version"])
        self.offers_teams = self._http.get("/health/v2").status_code != 404

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def teams(self) -> list[Json]:
        """All teams with their members; NotOfferedError on a service without teams."""
        return list(self._of_version_2("teams", "/api/v2/teams")["teams"])

    def capacity(self) -> Json:
        """Capacity and use by team; NotOfferedError on a service without teams."""
        return dict(self._of_version_2("capacity by team", "/api/v2/capacity"))

    def agents(self) -> list[Json]:
        """All agents, which every version has."""
        return list(self._get("/api/agents")["agents"])

    def hand_out(self, role: str, title: str, created_by: str) -> str:
        """Create a task for a role, complete it and delete it; every version can. Gives the status that it ended with."""
        body = {"title": title, "role": role, "created_by": created_by}
        task = self._taken(self._http.post("/api/tasks", json=body))["id"]
        done = self._taken(self._http.post(f"/api/tasks/{task}/complete", json={"result": None, "success": True}))
        self._taken(self._http.delete(f"/api/tasks/{task}"))
        return str(done["status"])

    def _of_version_2(self, what: str, path: str) -> Json:
        if not self.offers_teams:
            raise NotOfferedError(f"a service of version {self.version} does not offer {what}")
        return self._get(path)

    def _get(self, path: str) -> Json:
        return self._taken(self._http.get(path))

    def _taken(self, answer: httpx.Response) -> Json:
        if not answer.is_success:
            raise RefusedError(f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}")
        return dict(answer.json()) if answer.content else {}
