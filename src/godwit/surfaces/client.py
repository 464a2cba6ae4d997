"""Speaks HTTP through aiohttp on one event loop of its own; knows no probe, follows no redirect, raises for no answer."""

import asyncio
import atexit
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import uvloop
from yarl import URL

from godwit.verdict import Answer

Value = TypeVar("Value")

BODY_LIMIT = 32 * 1024 * 1024
"""The largest body that is kept, in bytes; a larger one counts as no answer."""

_EVERY = {"accept-encoding": "identity", "user-agent": "godwit"}
_UNTYPED = ("Content-Type",)
"""A body's type is what the request says of it, or none."""

_LINE_LIMIT = 64 * 1024
_VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "#")


class _TooLargeError(Exception):
    """A body went over the limit."""


class _Loop:
    """The event loop and its thread: made on first use, closed when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def running(self) -> asyncio.AbstractEventLoop:
        """The loop, running."""
        with self._lock:
            if self._loop is None:
                self._loop = uvloop.new_event_loop()
                thread = threading.Thread(target=self._loop.run_forever, name="godwit-http", daemon=True)
                thread.start()
                # A loop that is torn down under its thread at the end of the process may take the process with it.
                atexit.register(self._end, self._loop, thread)
            return self._loop

    @staticmethod
    def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=2.0)
        if not thread.is_alive():
            loop.close()


_LOOP = _Loop()


def run(work: Coroutine[Any, Any, Value]) -> Value:
    """Carry out asynchronous work on the loop and wait for it; an interruption of the caller ends it."""
    future = asyncio.run_coroutine_threadsafe(work, _LOOP.running())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


class Client:
    """One side's connections. Paths go out as they are written; signs that no URL may hold are percent-encoded."""

    def __init__(self, session: aiohttp.ClientSession, timeout_s: float) -> None:
        self._session = session
        self._timeout_s = timeout_s

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request and keep its answer, the body as it came; status 0 and an error when none came in time."""
        started = time.perf_counter()
        target = None
        try:
            target = URL(url if _is_plain(url) else quote(url, safe=_VISIBLE), encoded=True)
            untyped = None if content is None else _UNTYPED
            asked = self._session.request(
                method, target, headers=headers, data=content, allow_redirects=False, skip_auto_headers=untyped
            )
            async with asked as response:
                kept = _kept(response.raw_headers)
                length = response.content_length
                small = length is not None and length <= BODY_LIMIT
                body = await response.read() if small else await _body(response)
        except (_TooLargeError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            named = f"{method} {target.raw_path_qs if target is not None else url}"
            return Answer(named, 0, error=self._said(error), seconds=time.perf_counter() - started)
        return Answer(f"{method} {target.raw_path_qs}", response.status, kept, body, time.perf_counter() - started)

    def _said(self, error: Exception) -> str:
        """Why no answer came, in words."""
        if isinstance(error, _TooLargeError):
            return f"the body is larger than {BODY_LIMIT} bytes"
        if isinstance(error, TimeoutError):
            return f"no whole answer within {self._timeout_s:g} s"
        if isinstance(error, aiohttp.InvalidURL):
            return f"no URL that can be asked: {error}"
        if isinstance(error, aiohttp.ClientConnectorError):
            return f"no connection: {error.strerror or error}"
        if isinstance(error, aiohttp.ServerDisconnectedError):
            return "the server disconnected before it answered"
        if isinstance(error, aiohttp.ClientPayloadError):
            return "the body ended before it was whole"
        if isinstance(error, aiohttp.ClientResponseError):
            return f"no HTTP that can be read: {error.message.splitlines()[0] if error.message else error}"
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@asynccontextmanager
async def client(timeout_s: float, *, connections: int = 0) -> AsyncIterator[Client]:
    """A client with connections of its own (at most `connections`, 0 for any number), closed at the end.

    `timeout_s` is for one request as a whole, from connecting to the last byte, so that a dripping server ends too.
    No proxy of the environment, no cookie jar, no decoding of bodies, which come as they are stored unless a request's
    headers say otherwise.
    """
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        headers=_EVERY,
        auto_decompress=False,
        trust_env=False,
        max_line_size=_LINE_LIMIT,
        max_field_size=_LINE_LIMIT,
    ) as session:
        yield Client(session, timeout_s)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """A body whose size is not told, or is too large, part by part up to the limit."""
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > BODY_LIMIT:
            response.close()
            raise _TooLargeError
        parts.append(part)
    return b"".join(parts)


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url and "#" not in url


def _kept(headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    try:
        return tuple([(name.decode().lower(), value.decode()) for name, value in headers])
    except UnicodeDecodeError:
        return tuple([(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers])
