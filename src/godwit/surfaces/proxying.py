"""What `mitmdump` loads to record: writes each exchange as one line, unmasked, to a file for its starter only; it needs no godwit.

It runs in the proxy's own environment, so it imports the standard library alone.
"""

import base64
import json
import os
from typing import Any

_FILE, _LIMIT = "GODWIT_RECORD_TO", "GODWIT_RECORD_LIMIT"


class Recorder:
    """Writes what went through, each exchange when its answer is whole; ends the proxy when the limit is reached."""

    def __init__(self, path: str, limit: int) -> None:
        self._file = open(path, "w", encoding="utf-8")  # noqa: PTH123, SIM115  open as long as the proxy is
        self._left = limit

    def response(self, flow: Any) -> None:
        """One exchange is whole."""
        if self._left <= 0:
            return
        self._left -= 1
        self._file.write(json.dumps(_line(flow)) + "\n")
        self._file.flush()
        if self._left == 0:
            self._stop()

    def done(self) -> None:
        """The proxy ends."""
        self._file.close()

    @staticmethod
    def _stop() -> None:
        from mitmproxy import ctx  # type: ignore[import-not-found]

        ctx.master.shutdown()


def _line(flow: Any) -> dict[str, Any]:
    request, response = flow.request, flow.response
    return {
        "method": request.method,
        "path": request.path,
        "headers": _pairs(request.headers),
        **_body("body", request.get_content(strict=False)),
        "status": response.status_code,
        "response_headers": [pair for pair in _pairs(response.headers) if pair[0].lower() != "content-encoding"],
        **_body("response_body", response.get_content(strict=False)),
        "started_at": f"{request.timestamp_start:.6f}",
    }


def _pairs(headers: Any) -> list[list[str]]:
    return [[name, value] for name, value in headers.items(multi=True)]


def _body(name: str, content: bytes | None) -> dict[str, str]:
    if not content:
        return {}
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content).decode()}


if _FILE in os.environ:
    addons = [Recorder(os.environ[_FILE], int(os.environ[_LIMIT]))]
