"""Finds the model API for a service, or starts a stub beside it; and passes on what is to go wrong with the models."""

import os
import subprocess
from urllib.parse import urlsplit

import aiohttp
from fastapi import APIRouter, Request, Response

from plumbing.server import fail, start_beside

_children: list[subprocess.Popen[str]] = []


def models_url(given: str | None, name: str) -> str:
    """The given URL, else that of FLEET_MODELS_URL, else that of a stub that is started and ends with this process."""
    url = given or os.environ.get("FLEET_MODELS_URL") or _start(name)
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        fail(f"{name}: models {url!r} is no URL; write http://host:port", code=2)
    return url.rstrip("/")


def models_routes(url: str) -> APIRouter:
    """GET, PUT and DELETE /internal/models: how the models of this service behave."""
    router = APIRouter(prefix="/internal/models", include_in_schema=False)

    @router.get("")
    @router.put("")
    @router.delete("")
    async def pass_on(request: Request) -> Response:
        changing = request.method != "GET"
        body = b"{}" if request.method == "DELETE" else await request.body()
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                "PUT" if changing else "GET",
                f"{url}/admin/models",
                data=body if changing else None,
                headers={"Content-Type": "application/json"},
            ) as answer,
        ):
            return Response(await answer.read(), answer.status, media_type="application/json")

    return router


def _start(name: str) -> str:
    child, url = start_beside(["fleet_1_0_5.models"], name)
    _children.append(child)
    return url
