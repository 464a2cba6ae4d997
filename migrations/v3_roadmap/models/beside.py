"""Finds the model API for a service, or starts a stub beside it; and passes on what is to go wrong with it."""

import subprocess
from urllib.parse import urlsplit

import aiohttp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from plumbing.server import fail, start_beside

_children: list[subprocess.Popen[str]] = []


def models_url(given: str | None, name: str) -> str:
    """The given URL, else that of a stub that is started and ends with this process."""
    if given is None:
        child, url = start_beside(["v3_roadmap.models"], name)
        _children.append(child)
        return url
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
