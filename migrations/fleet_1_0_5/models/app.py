"""The stub's HTTP surface: one call that answers whole or line by line, and what is to go wrong, for each model."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, HTTPException
from prometheus_client import CollectorRegistry, Counter, generate_latest
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from fleet_1_0_5.models.answers import MODELS, Model, lines_of, usd
from plumbing.faults import EvenShare
from plumbing.metrics import CONTENT_TYPE

EVERY = "*"
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Milliseconds = Annotated[float, Field(ge=0, le=600_000)]


class Ask(BaseModel):
    """One prompt, with the tokens that it and its answer count for."""

    model_config = ConfigDict(extra="forbid")

    model: str
    prompt: str
    input_tokens: Count
    output_tokens: Count
    stream: bool = False


class Conduct(BaseModel):
    """How a model behaves: extra delays, a share of failures, a stall in mid-stream, tokens other than asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_ms: Milliseconds | None = None
    line_ms: Milliseconds = 0.5
    error_rate: Annotated[float, Field(ge=0, le=1)] = 0.0
    stall_after: Annotated[int, Field(ge=0)] | None = None
    stall_streams_only: bool = True
    token_factor: Annotated[float, Field(ge=0, le=100)] = 1.0


class Stub:
    """The models and how each is told to behave."""

    def __init__(self) -> None:
        self.conduct: dict[str, Conduct] = {}
        self._errors: dict[str, EvenShare] = {}
        self.registry = CollectorRegistry()
        self._calls = Counter("models_calls_total", "Calls", ("model", "code"), registry=self.registry)
        self._usd = Counter("models_usd_total", "What was billed", ("model",), registry=self.registry)

    def conduct_of(self, model: Model) -> Conduct:
        """What was said for this model, else for every model, else nothing out of the ordinary."""
        return self.conduct.get(model.id) or self.conduct.get(EVERY) or Conduct()

    def fails(self, model: Model) -> bool:
        """Whether this call is one of those that are to fail."""
        failing = self._errors.setdefault(model.id, EvenShare()).picks(self.conduct_of(model).error_rate)
        self._calls.labels(model.id, "529" if failing else "200").inc()
        return failing

    def bill(self, model: Model, ask: Ask) -> dict[str, object]:
        """Tokens and price of one answer."""
        factor = self.conduct_of(model).token_factor
        spent = round(ask.input_tokens * factor), round(ask.output_tokens * factor)
        price = usd(model, *spent)
        self._usd.labels(model.id).inc(price)
        return {"usage": {"input_tokens": spent[0], "output_tokens": spent[1]}, "usd": price}

    async def lines(self, model: Model, ask: Ask) -> AsyncIterator[str]:
        """The answer in its own time."""
        conduct = self.conduct_of(model)
        await asyncio.sleep((model.latency_ms if conduct.latency_ms is None else conduct.latency_ms) / 1000)
        for number, line in enumerate(lines_of(ask.prompt, ask.output_tokens)):
            if conduct.stall_after == number and (ask.stream or not conduct.stall_streams_only):
                await asyncio.sleep(3600)
            await asyncio.sleep(conduct.line_ms / 1000)
            yield line


def create_app() -> FastAPI:
    """The whole stub."""
    app, stub = FastAPI(title="models", version="1"), Stub()

    @app.get("/health")
    async def health() -> dict[str, object]:
        return {"status": "healthy", "models": list(MODELS)}

    @app.post("/v1/messages")
    async def messages(ask: Ask, x_api_key: Annotated[str, Header()] = "") -> Response:
        if not x_api_key:
            raise HTTPException(401, "x-api-key is missing")
        model = MODELS.get(ask.model)
        if model is None:
            raise HTTPException(404, f"there is no model {ask.model!r}; there are {', '.join(MODELS)}")
        if stub.fails(model):
            raise HTTPException(529, "overloaded")
        if ask.stream:
            return StreamingResponse(_streamed(stub, model, ask), media_type="application/x-ndjson")
        text = "".join([line async for line in stub.lines(model, ask)])
        return JSONResponse({"model": model.id, "text": text} | stub.bill(model, ask))

    app.include_router(_inside(stub))
    return app


def _inside(stub: Stub) -> APIRouter:
    router = APIRouter()

    @router.put("/admin/models")
    async def put_conduct(wanted: dict[str, Conduct]) -> dict[str, Conduct]:
        unknown = sorted(set(wanted) - set(MODELS) - {EVERY})
        if unknown:
            raise HTTPException(422, f"there is no model {unknown[0]!r}; there are {', '.join(MODELS)}, and *")
        stub.conduct = wanted
        return stub.conduct

    @router.get("/admin/models")
    async def get_conduct() -> dict[str, Conduct]:
        return stub.conduct

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(stub.registry), media_type=CONTENT_TYPE)

    return router


async def _streamed(stub: Stub, model: Model, ask: Ask) -> AsyncIterator[str]:
    text = ""
    async for line in stub.lines(model, ask):
        text += line
        yield json.dumps({"text": line}) + "\n"
    yield json.dumps({"model": model.id, "end": text} | stub.bill(model, ask)) + "\n"
