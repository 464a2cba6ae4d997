"""`python -m v3_roadmap.infrastructure.collector`: takes spans as Jaeger's OTLP door does, and shows them; samples none out."""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plumbing.server import serve, service_parser

NAME = "collector"


class Spans:
    """What was received, in order."""

    def __init__(self) -> None:
        self._all: list[dict[str, Any]] = []

    async def post(self, request: Request) -> Response:
        """Serves POST /v1/traces with an OTLP document in JSON; 400 for anything else."""
        try:
            self._all += spans_of(json.loads(await request.body()))
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"message": f"no OTLP document: {error!r}"}, status_code=400)
        return JSONResponse({})

    async def get(self, _request: Request) -> Response:
        """Serves GET /spans."""
        return JSONResponse({"spans": self._all})

    async def health(self, _request: Request) -> Response:
        """Serves GET /health."""
        return JSONResponse({"status": "healthy", "spans": len(self._all)})


def spans_of(document: Any) -> list[dict[str, Any]]:
    """The spans of an OTLP document: trace, id, parent ("" for none), name, service, nanoseconds; KeyError where one lacks any."""
    found = []
    for resource in document["resourceSpans"]:
        attributes = {item["key"]: item["value"] for item in resource["resource"]["attributes"]}
        service = attributes["service.name"]["stringValue"]
        for scope in resource["scopeSpans"]:
            found += [_span(span, service) for span in scope["spans"]]
    return found


def _span(span: dict[str, Any], service: str) -> dict[str, Any]:
    return {
        "trace": _hex(span["traceId"], 32),
        "id": _hex(span["spanId"], 16),
        "parent": _hex(span["parentSpanId"], 16) if span.get("parentSpanId") else "",
        "name": span["name"],
        "service": service,
        "begun": int(span["startTimeUnixNano"]),
        "ended": int(span["endTimeUnixNano"]),
    }


def _hex(text: str, length: int) -> str:
    if len(text) != length or int(text, 16) == 0:
        raise ValueError(f"{text!r} is no id of {length} hexadecimal digits")
    return text.lower()


def main() -> None:
    """Serves until SIGTERM."""
    options = service_parser(NAME, "Takes spans of OpenTelemetry (OTLP over HTTP, JSON) and shows them.").parse_args()
    spans = Spans()
    routes = [
        Route("/v1/traces", spans.post, methods=["POST"]),
        Route("/spans", spans.get),
        Route("/health", spans.health),
    ]
    serve(Starlette(routes=routes), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
