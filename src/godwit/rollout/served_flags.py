"""Serves a document of flags that a stack fetches, and troubles it: refused, hanging, failing, garbled; judges nothing."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from godwit.rollout.controls import with_keys

_HANGS_S = 60.0


class ServedControl:
    """Keys in a JSON document at a URL of godwit's own on loopback, which stays the same until it is closed."""

    def __init__(self) -> None:
        self._put: Mapping[str, Any] = {}
        self._trouble = ""
        self._mended = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._listen()

    @property
    def url(self) -> str:
        """Where the stack finds the document."""
        return f"http://127.0.0.1:{self._port}/flags"

    def put(self, values: Mapping[str, Any]) -> None:
        """Have exactly these keys in the document."""
        self._put = with_keys({}, values)

    @contextmanager
    def trouble(self, kind: str) -> Iterator[None]:
        """Refuse connections, never answer, answer 500, or answer half a document."""
        self._trouble = kind
        self._mended.clear()
        if kind == "refused":
            self._close()
        try:
            yield
        finally:
            self._trouble = ""
            self._mended.set()
            if kind == "refused":
                self._listen()

    def close(self) -> None:
        """Serve no longer."""
        self._mended.set()
        self._close()

    def answer(self) -> tuple[int, bytes] | None:
        """What a request is answered now; None for none at all."""
        body = json.dumps(self._put).encode()
        if self._trouble == "hanging":
            self._mended.wait(_HANGS_S)
            return None
        if self._trouble == "failing":
            return 500, b"no flags today"
        return 200, body[: len(body) // 2] if self._trouble == "garbled" else body

    def _listen(self) -> None:
        handler = type("Handler", (_Handler,), {"control": self})
        # The port is asked for again after a refusal; nothing else on this machine is given it meanwhile but by chance.
        self._server = _Server(("127.0.0.1", self._port), handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="godwit-flags", daemon=True).start()

    def _close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a stack that no longer waits for its answer may well be what is tried."""


class _Handler(BaseHTTPRequestHandler):
    control: ServedControl

    def do_GET(self) -> None:
        """Answer, or hang up."""
        found = self.control.answer()
        if found is None:
            self.close_connection = True
            return
        status, body = found
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
