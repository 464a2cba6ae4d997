"""Stands in for Discord, Claude and GitHub on loopback; what it is told to fail at, it fails at; keeps what it was asked."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODES = ("ok", "timeout", "degraded", "bad-token", "no-permission", "down")
SLOW_S = 20.0


class StandIns(ThreadingHTTPServer):
    """The server; `modes` by integration, `calls` as they came, `messages` by channel."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Asked)
        self.modes = dict.fromkeys(("discord", "claude", "github"), "ok")
        self.calls: list[dict[str, Any]] = []
        self.messages: dict[str, list[dict[str, str]]] = {}

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class Asked(BaseHTTPRequestHandler):
    """One request."""

    server: StandIns

    def do_GET(self) -> None:
        """Any method is answered by the same table."""
        self._answer()

    do_POST = do_PATCH = do_PUT = do_GET  # noqa: N815  # the names that the server asks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that the server uses
        """Nothing: what was asked is kept."""

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        _, name, *rest = self.path.split("/")
        if name == "admin":
            self._say(200, self._administer(rest, body))
            return
        self.server.calls.append({"method": self.command, "path": self.path, "body": body})
        mode = self.server.modes.get(name, "down")
        if mode == "timeout":
            time.sleep(SLOW_S)
        code, said = answer(mode, name, rest, bool(self._secret()), self.server.messages)
        self._say(code, said)

    def _secret(self) -> str:
        words = (self.headers.get("Authorization") or self.headers.get("x-api-key") or "").split()
        return words[-1] if words and words[-1] not in {"Bot", "Bearer"} else ""

    def _administer(self, rest: list[str], body: Any) -> Any:
        """PUT /admin/discord {"mode": ...}; PUT /admin/messages/CHANNEL [...]; GET /admin/calls."""
        if rest[0] in self.server.modes and body and body.get("mode") in MODES:
            self.server.modes[rest[0]] = body["mode"]
        elif rest[0] == "messages" and len(rest) > 1:
            self.server.messages[rest[1]] = body
        return {"modes": self.server.modes, "calls": self.server.calls}

    def _say(self, code: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def answer(
    mode: str, name: str, rest: list[str], has_secret: bool, messages: dict[str, list[dict[str, str]]]
) -> tuple[int, Any]:
    """Code and JSON of one request."""
    if mode == "down":
        return 503, {"error": "down"}
    if rest == ["gateway"]:
        return 200, {"url": "wss://stand-in"}
    if rest == ["status"]:
        return 200, {"status": "degraded" if mode == "degraded" else "operational"}
    if mode == "bad-token" or not has_secret:
        return 401, {"error": "unauthorized"}
    if rest[:1] == ["guilds"]:
        return 200, {"granted": ["send_messages"] if mode == "no-permission" else ["send_messages", "manage_channels"]}
    if rest[:1] == ["channels"] and rest[2:] == ["messages"]:
        return 200, messages.pop(rest[1], [])
    return 200, {"integration": name, "path": "/".join(rest)}
