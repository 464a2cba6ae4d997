"""Asks the router for its flags and assignments, and changes them; every refusal is an error."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from godwit.plan import FlagControl, Router
from godwit.verdict import Answer, GodwitError

_CHUNK = 2000
_SIDES = ("baseline", "candidate")


class RouterControl:
    """The control plane of one router. Every method raises GodwitError when the router refuses or does not answer."""

    def __init__(self, url: str, router: Router, control: FlagControl, *, timeout_s: float = 10.0) -> None:
        if control.kind != "http":
            raise GodwitError(f"flags.control.kind: {control.kind!r} cannot be driven; the kind that can be is 'http'")
        self._url = url.rstrip("/")
        self._router = router
        self._control = control
        self._timeout_s = timeout_s

    def flags(self) -> dict[str, Any]:
        """The flags in force, by name."""
        found = self._ask("GET", str(self._control.path))
        if not isinstance(found, dict):
            raise GodwitError(f"GET {self._url}{self._control.path} answered {found!r:.200}, not flags by name")
        return found

    def set_flags(self, flags: Mapping[str, Any]) -> None:
        """Set some flags; the others stay as they are."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in flags.items()}
        self._ask("PUT", str(self._control.path), plain)

    def assignments(self, users: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Who would serve each user (id, team) now: `baseline` or `candidate`, by user id."""
        assigned: dict[str, str] = {}
        for start in range(0, len(users), _CHUNK):
            chunk = users[start : start + _CHUNK]
            assigned.update(zip((who for who, _ in chunk), self._assigned(chunk), strict=True))
        return assigned

    def hold(self) -> None:
        """Have the router keep requests waiting."""
        self._traffic("hold")

    def release(self) -> None:
        """Have waiting requests go on, by the flags in force now."""
        self._traffic("release")

    def served_by(self, answer: Answer) -> str | None:
        """Which side made an answer that came through the router, or None when the answer does not tell."""
        word = answer.header(self._router.served_by.header)
        sides = {getattr(self._router.served_by, side): side for side in _SIDES}
        return sides.get(word) if word is not None else None

    def _assigned(self, chunk: Sequence[tuple[str, str]]) -> list[str]:
        path = self._router.assignments
        found = self._ask("POST", path, {"users": [list(user) for user in chunk]})
        sides = found.get("assignments") if isinstance(found, dict) else None
        if not isinstance(sides, list) or len(sides) != len(chunk):
            raise GodwitError(f"POST {self._url}{path} answered {found!r:.200}, not one assignment for each user asked")
        if unknown := {str(side) for side in sides} - set(_SIDES):
            raise GodwitError(f"POST {self._url}{path}: {', '.join(sorted(unknown))}: not baseline or candidate")
        return sides

    def _traffic(self, state: str) -> None:
        if self._router.traffic is None:
            raise GodwitError("rollout.router.traffic is not in the plan, so traffic cannot be held or released")
        self._ask("PUT", self._router.traffic, {"state": state})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        url = self._url + path
        try:
            with httpx.Client(verify=url.startswith("https:"), trust_env=False, timeout=self._timeout_s) as client:
                answer = client.request(method, url, json=body)
        except httpx.HTTPError as error:
            raise GodwitError(
                f"{method} {url}: the router does not answer: {str(error) or type(error).__name__}"
            ) from None
        if not 200 <= answer.status_code < 300:
            raise GodwitError(f"{method} {url}: the router refused with {answer.status_code}: {answer.text[:300]}")
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise GodwitError(f"{method} {url}: the router answered no JSON: {answer.text[:100]!r}") from None
