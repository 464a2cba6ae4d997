"""What every door before two sides has alike: paths of its own, a proxy for all others, an end of user traffic on demand."""

import argparse
import json
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from plumbing.asgi import send_json
from plumbing.journal import Journal
from plumbing.traffic import Traffic

INSIDE = "/internal"


class Door:
    """The ASGI application: `own` serves the paths in `owned`, `proxy` all others; what is inside stays inside."""

    def __init__(self, own: ASGIApp, owned: tuple[str, ...]) -> None:
        self._own = own
        self._owned = owned
        self.proxy: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or starts and ends the application."""
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(self._owned) or self.proxy is None:
            await self._own(scope, receive, send)
        elif path.startswith(INSIDE):
            await send_json(send, 404, {"error": {"code": "not_found", "message": "Not Found"}})
        else:
            await self.proxy(scope, receive, send)


class TrafficSwitch:
    """Holds user traffic, or releases it, on record."""

    def __init__(self, traffic: Traffic, audit: Journal) -> None:
        self._traffic = traffic
        self._audit = audit

    async def put(self, request: Request) -> Response:
        """Serves PUT {"state": "hold" | "release"}."""
        body = await json_of(request)
        state = body.get("state") if isinstance(body, dict) else None
        if state not in {"hold", "release"}:
            return refusal("invalid_traffic", "state is hold or release", ["state"])
        self._audit.append({"event": "traffic", "state": state, "held": self._traffic.held})
        if state == "hold":
            await self._traffic.hold()
        else:
            self._traffic.release()
        return JSONResponse(self.document())

    def document(self) -> dict[str, Any]:
        """How traffic stands."""
        return {"state": self._traffic.state, "held": self._traffic.held, "in_flight": self._traffic.in_flight}


async def json_of(request: Request) -> Any:
    """The body of a request; None where it is no JSON."""
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        return None


def refusal(code: str, message: str, fields: list[str]) -> Response:
    """The answer to a request with fields that cannot be taken."""
    return JSONResponse({"error": {"code": code, "message": message, "fields": fields}}, status_code=422)


def users_of(body: object) -> list[list[str | None]] | None:
    """The users of a request for assignments, pairs of id and team of which either may be null; None for anything else."""
    users = body.get("users") if isinstance(body, dict) else None
    return users if isinstance(users, list) and all(map(_is_pair, users)) else None


def _is_pair(user: object) -> bool:
    return isinstance(user, list) and len(user) == 2 and all(part is None or isinstance(part, str) for part in user)


def side(text: str) -> str:
    """The URL of a side, as an option of a command line takes it: http://host:port."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise argparse.ArgumentTypeError(f"{text!r} is not http://host:port")
    return text.rstrip("/")
