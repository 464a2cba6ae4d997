"""The outermost layer of a service: measures requests, says which side answered, turns a crash into a 500 answer."""

import json
import sys
import time
import traceback
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plumbing.metrics import RequestMetrics

MEASURED = "/api/"


def internal_error(message: str) -> dict[str, dict[str, str]]:
    """The body of every 5xx answer."""
    return {"error": {"code": "internal", "message": message}}


async def send_json(send: Send, status: int, body: object) -> None:
    """Sends one whole JSON answer."""
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


class MeasuredRequests:
    """ASGI middleware that adds X-Served-By and counts what is asked under the measured paths, /api/ unless told."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: RequestMetrics,
        served_by: str,
        clock: Callable[[], float],
        measured: tuple[str, ...] = (MEASURED,),
    ) -> None:
        self._app = app
        self._measured = measured
        self._metrics = metrics
        self._served_by = served_by.encode()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = self._clock()
        code = 0

        async def marked(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-served-by", self._served_by)]
            await send(message)

        try:
            await self._app(scope, receive, marked)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the caller gets an answer
            traceback.print_exception(error, file=sys.stderr)
            if not code:
                await send_json(marked, 500, internal_error(f"{type(error).__name__} while answering"))
        if scope["path"].startswith(self._measured):
            self._metrics.observe_request(code or 499, self._clock() - begun)


def monotonic_s() -> float:
    """Seconds on a clock that never goes back."""
    return time.perf_counter()
