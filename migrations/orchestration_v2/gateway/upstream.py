"""Talks to the two sides over kept connections; an answer of any status is an answer, silence is an UpstreamError."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "content-length", "host", "expect", "date", "server"}
)
NO_DEFAULTS = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
AS_JSON = {"Content-Type": "application/json"}
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=2)
CONNECTIONS = 200


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


class Upstream:
    """The client for both sides."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=NO_DEFAULTS,
            timeout=TIMEOUT,
        )

    async def close(self) -> None:
        """Ends all connections."""
        await self._session.close()

    async def ask(self, url: str, asked: Asked) -> Answered:
        """The answer of the side at `url` (no path) to the request; raises UpstreamError."""
        headers = [pair for pair in asked.headers if pair[0] not in HOP_BY_HOP]
        try:
            # A GET with a body of no bytes would be sent with a content length of its own.
            async with self._session.request(
                asked.method,
                URL(url + asked.target, encoded=True),
                headers=headers,
                data=asked.body or None,
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
                return Answered(answer.status, tuple(_kept(answer.headers.items())), body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise UpstreamError(f"{url} did not answer: {type(error).__name__}") from error

    async def post(self, url: str, body: Mapping[str, Any], timeout_s: float) -> Any:
        """Posts JSON and returns the JSON of a 2xx answer, None without content; raises UpstreamError otherwise."""
        try:
            timeout = aiohttp.ClientTimeout(total=timeout_s)
            async with self._session.post(url, json=body, headers=AS_JSON, timeout=timeout) as answer:
                if answer.status >= 300:
                    raise UpstreamError(f"{url} answered {answer.status}")
                return await answer.json() if answer.status != 204 else None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise UpstreamError(f"{url} did not answer: {type(error).__name__}") from error


def _kept(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name.lower(), value) for name, value in headers if name.lower() not in HOP_BY_HOP)
