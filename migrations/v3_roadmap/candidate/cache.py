"""Keeps answers for a while: in Redis, or in memory where that is asked for; without it the service is slower, not wrong."""

import asyncio
from collections import OrderedDict
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from hiredis import HiredisError, Reader, pack_command

TIMEOUT_S = 0.5
KEPT_BYTES = 1_000_000
Word: TypeAlias = str | bytes
TROUBLE = (OSError, TimeoutError, HiredisError, EOFError)


class Cache(Protocol):
    """What the service needs of a cache."""

    kind: str
    is_fallback: bool

    async def get(self, key: str) -> bytes | None:
        """What was kept under a key, if it still is."""

    async def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps a value."""

    async def is_up(self) -> bool:
        """Whether it answers."""

    async def close(self) -> None:
        """Ends."""


class MemoryCache:
    """A cache of this process alone; what is not asked for any more is crowded out."""

    kind = "memory"
    is_fallback = True

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> bytes | None:
        """What was kept."""
        return self._kept.get(key)

    async def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps a value, and lets the oldest go where there is no room."""
        self._bytes += len(value) - len(self._kept.pop(key, b""))
        self._kept[key] = value
        while self._bytes > KEPT_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1])

    async def is_up(self) -> bool:
        """Always."""
        return True

    async def close(self) -> None:
        """Nothing to end."""


class RedisCache:
    """Redis over one connection, with the parser of its own project: the whole client library takes 20 MB."""

    kind = "redis"
    is_fallback = False

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._place = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._database = parts.path.strip("/") or "0"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def get(self, key: str) -> bytes | None:
        """What was kept."""
        try:
            found = await self._ask("GET", key)
        except TROUBLE:
            return None
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps a value."""
        try:
            await self._ask("SET", key, value, "EX", str(ttl_s))
        except TROUBLE:
            return

    async def is_up(self) -> bool:
        """Whether it answers a ping."""
        try:
            return bool(await self._ask("PING") == b"PONG")
        except TROUBLE:
            return False

    async def close(self) -> None:
        """Ends the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, *words: Word) -> Any:
        async with self._turn:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    if self._streams is None:
                        self._streams = await asyncio.open_connection(*self._place)
                        await self._say("SELECT", self._database)
                    return await self._say(*words)
            except BaseException:
                # An answer that comes later must never be taken for that to another question.
                await self.close()
                raise

    async def _say(self, *words: Word) -> Any:
        if self._streams is None:
            raise EOFError("the connection has ended")
        reader, writer = self._streams
        writer.write(pack_command(words))  # type: ignore[arg-type] # its stub knows of one word
        parser = Reader()
        while (found := parser.gets()) is False:
            read = await reader.read(65536)
            if not read:
                raise EOFError("Redis has hung up")
            parser.feed(read)
        if isinstance(found, HiredisError):
            raise found
        return found


def open_cache(word: str) -> Cache:
    """The cache that is asked for: memory, or redis://host:port/number; raises ValueError."""
    if word == "memory":
        return MemoryCache()
    if urlsplit(word).scheme != "redis":
        raise ValueError(f"cache {word!r} cannot be used; write redis://host:port/0, or memory")
    return RedisCache(word)
