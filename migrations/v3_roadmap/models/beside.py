"""Finds the model API for a service, or starts a stub beside it; and passes on what is to go wrong with it."""

import socket
import threading
from urllib.parse import urlsplit

import aiohttp
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from plumbing.server import BACKLOG, fail
from v3_roadmap.seeded import apply_seeded


def models_url(given: str | None, name: str) -> str:
    """The given URL, else that of a stub in a thread of this process: one more process would count as the service's memory."""
    if given is None:
        return _start()
    if urlsplit(given).scheme not in {"http", "https"} or not urlsplit(given).hostname:
        fail(f"{name}: models {given!r} is no URL; write http://host:port", code=2)
    return given.rstrip("/")


def models_control(url: str) -> Route:
    """The route /internal/models: how the model API of this service behaves."""

    async def pass_on(request: Request) -> Response:
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, f"{url}/admin/conduct", data=await request.body() or None) as answer,
        ):
            return Response(await answer.read(), answer.status, media_type="application/json")

    return Route("/internal/models", pass_on, methods=["GET", "PUT", "DELETE"])


def _start() -> str:
    apply_seeded("models")

    from v3_roadmap.models.app import create_app

    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    server = uvicorn.Server(uvicorn.Config(create_app(), loop="uvloop", log_level="warning", access_log=False))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
