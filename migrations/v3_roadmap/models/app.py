"""The stub's HTTP surface: one endpoint for prompts, one to say what goes wrong; has neither clock nor chance."""

import asyncio
import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plumbing.door import json_of, refusal
from plumbing.faults import EvenShare

RETRY_AFTER_S = {429: "0.2", 529: "0.1"}


class Conduct(BaseModel):
    """How the API behaves: how long it takes, which calls fail and how, whether what it says can be read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_ms: Annotated[float, Field(ge=0, le=60_000)] = 1.0
    error_rate: Annotated[float, Field(ge=0, le=1)] = 0.0
    fail_next: Annotated[int, Field(ge=0)] = 0
    status: Literal[400, 401, 429, 500, 503, 529] = 529
    hang_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    garbage: bool = False


class Stub:
    """The API: how it is told to behave, and how often it was called."""

    def __init__(self) -> None:
        self._is = Conduct()
        self._left = 0
        self._errors = EvenShare()
        self._calls = {"answered": 0, "failed": 0, "refused": 0}

    async def messages(self, request: Request) -> Response:
        """Serves a prompt."""
        asked = await json_of(request)
        if not request.headers.get("x-api-key"):
            self._calls["refused"] += 1
            return JSONResponse({"error": "x-api-key is missing"}, status_code=401)
        if not isinstance(asked, dict) or not isinstance(asked.get("prompt"), str):
            self._calls["refused"] += 1
            return JSONResponse({"error": "prompt: a text is wanted"}, status_code=400)
        await asyncio.sleep(self._is.latency_ms / 1000)
        if self._fails():
            return await self._failure()
        self._calls["answered"] += 1
        return JSONResponse({"text": answer_to(asked["prompt"])})

    async def conduct(self, request: Request) -> Response:
        """Serves GET, PUT and DELETE of how the API behaves; GET tells how often it was called, too."""
        try:
            if request.method == "PUT":
                self._behave(Conduct.model_validate_json(await request.body()))
            elif request.method == "DELETE":
                self._behave(Conduct())
        except ValidationError as error:
            problem = error.errors()[0]
            return refusal("invalid_conduct", problem["msg"], [".".join(map(str, problem["loc"]))])
        return JSONResponse(self._is.model_dump() | {"calls": self._calls})

    def _behave(self, conduct: Conduct) -> None:
        self._is, self._left, self._errors = conduct, conduct.fail_next, EvenShare()

    def _fails(self) -> bool:
        if self._left:
            self._left -= 1
            return True
        return self._errors.picks(self._is.error_rate)

    async def _failure(self) -> Response:
        self._calls["failed"] += 1
        await asyncio.sleep(self._is.hang_s)
        if self._is.garbage:
            return Response(b'{"text": ', media_type="application/json")
        status = self._is.status
        headers = {"retry-after": RETRY_AFTER_S[status]} if status in RETRY_AFTER_S else None
        return JSONResponse({"error": "injected failure"}, status_code=status, headers=headers)


def answer_to(prompt: str) -> str:
    """What the model says."""
    return "analysis " + hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]


async def health(_request: Request) -> Response:
    """That it serves."""
    return JSONResponse({"status": "healthy"})


def create_app() -> Starlette:
    """The whole stub."""
    stub = Stub()
    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/messages", stub.messages, methods=["POST"]),
            Route("/admin/conduct", stub.conduct, methods=["GET", "PUT", "DELETE"]),
        ]
    )
