"""Talks to both sides over kept connections; an answer of any status is an answer, silence is an UpstreamError."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "content-length", "expect", "date", "server"}
)
NO_DEFAULTS = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
AS_JSON = {"Content-Type": "application/json"}
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=2)
CONNECTIONS = 200
SILENT = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


class UpstreamError(RuntimeError):
    """A side that could not be reached or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A user's request: method, raw path with query, headers, body."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first header of that name (in lower case)."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Answered:
    """A side's answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer whose body is still coming."""

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: AsyncIterator[bytes]


class Upstream:
    """The client for both sides."""

    def __init__(self, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._session = aiohttp.ClientSession(
            # A side that was started again may have another address under its old name.
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=30, use_dns_cache=False),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=NO_DEFAULTS,
            timeout=timeout,
        )

    async def close(self) -> None:
        """Ends all connections."""
        await self._session.close()

    async def ask(self, url: str, asked: Asked) -> Answered:
        """The answer of the side at `url` (no path) to the request; raises UpstreamError."""
        async with self.begin(url, asked) as begun:
            try:
                body = b"".join([chunk async for chunk in begun.chunks])
            except SILENT as error:
                raise UpstreamError(f"{url} did not answer: {type(error).__name__}") from error
            return Answered(begun.status, begun.headers, body)

    @asynccontextmanager
    async def begin(self, url: str, asked: Asked) -> AsyncIterator[Begun]:
        """As ask, without waiting for the body; raises UpstreamError until the answer has begun."""
        # The host is handed on: a side that redirects has to name the address that the user knows.
        headers = [pair for pair in asked.headers if pair[0] not in HOP_BY_HOP]
        # A GET with a body of no bytes would be sent with a content length of its own.
        data = asked.body or None
        try:
            target = URL(url + asked.target, encoded=True)
            answer = await self._session.request(
                asked.method, target, headers=headers, data=data, allow_redirects=False
            )
        except SILENT as error:
            raise UpstreamError(f"{url} did not answer: {type(error).__name__}") from error
        async with answer:
            yield Begun(answer.status, tuple(_kept(answer.headers.items())), answer.content.iter_any())

    async def post(self, url: str, body: Mapping[str, Any], timeout_s: float) -> Any:
        """Posts JSON and returns the JSON of a 2xx answer, None without content; raises UpstreamError otherwise."""
        try:
            timeout = aiohttp.ClientTimeout(total=timeout_s)
            async with self._session.post(url, json=body, headers=AS_JSON, timeout=timeout) as answer:
                if answer.status >= 300:
                    raise UpstreamError(f"{url} answered {answer.status}")
                return await answer.json() if answer.status != 204 else None
        except SILENT as error:
            raise UpstreamError(f"{url} did not answer: {type(error).__name__}") from error


def _kept(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name.lower(), value) for name, value in headers if name.lower() not in HOP_BY_HOP)
