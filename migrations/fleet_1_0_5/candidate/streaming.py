"""Hands a model's chunks to a reader in order, never more than a buffer holds; falls back to the whole answer."""

import asyncio
import inspect
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from fleet_1_0_5.candidate.model_client import Answer, ModelClient, ModelTrouble, Question
from fleet_1_0_5.candidate.settings import Streaming

TIMEOUT = "Stream timeout"
Callback = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class StreamCallbacks:
    """What a stream tells, each of it optional; a callback may return something to wait for before the next chunk."""

    onStart: Callback | None = None
    onChunk: Callback | None = None
    onComplete: Callback | None = None
    onError: Callback | None = None


async def tell(callback: Callback | None, said: Any) -> None:
    """Calls a callback if there is one, and waits if it says so."""
    waited = callback(said) if callback else None
    if inspect.isawaitable(waited):
        await waited


class BufferFullError(RuntimeError):
    """A writer that does not wait has filled the buffer."""


@dataclass(slots=True)
class BufferManager:
    """A buffer of `size` chunks; from the threshold on a writer has to wait until half of that is read."""

    size: int
    threshold: float
    peak: int = 0
    pauses: int = 0
    _kept: deque[Any] = field(default_factory=deque)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _room: "asyncio.Future[None] | None" = None
    _is_abandoned: bool = False

    def put(self, chunk: Any) -> Awaitable[None]:
        """Takes a chunk at once; what it returns is to be waited for. Raises BufferFullError."""
        if not self._is_abandoned:
            if len(self._kept) >= self.size:
                raise BufferFullError(f"the buffer of {self.size} chunks is full")
            self._add(chunk)
        if self._room is None and self.must_wait():
            self.pauses += 1
            self._room = asyncio.get_running_loop().create_future()
        return self._room if self._room is not None else _done()

    def must_wait(self) -> bool:
        """Whether the buffer has come to its threshold."""
        return len(self._kept) >= max(1.0, self.size * self.threshold)

    def end(self, last: Any) -> None:
        """Adds what ends the stream; there is always room for it."""
        if not self._is_abandoned:
            self._add(last)

    async def get(self) -> Any:
        """The next chunk."""
        while not self._kept:
            self._filled.clear()
            await self._filled.wait()
        chunk = self._kept.popleft()
        if len(self._kept) <= self.size * self.threshold / 2:
            self._let_in()
        return chunk

    def abandon(self) -> None:
        """Nobody reads any more: the writer goes on without waiting, and nothing is kept."""
        self._is_abandoned = True
        self._kept.clear()
        self._let_in()

    def _add(self, chunk: Any) -> None:
        self._kept.append(chunk)
        self.peak = max(self.peak, len(self._kept))
        self._filled.set()

    def _let_in(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None


@dataclass(slots=True)
class Stream:
    """One stream on its way: what it has sent, and why it fell back, if it did."""

    id: str
    callbacks: StreamCallbacks
    sent: int = 0
    fallback: str | None = None
    started_at: str = ""
    first_chunk_at: str | None = None


class StreamManager:
    """Streams answers of the model API; retries a broken stream where it broke, and gives up a silent one."""

    def __init__(self, client: ModelClient, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._client = client
        self._sleep = sleep

    async def answer(
        self, question: Question, stream: Stream, settings: Streaming, on_chunk: Callable[[], None]
    ) -> Answer:
        """The answer, after its chunks; asked for as a whole when streaming does not work. Raises ModelTrouble."""
        try:
            return await self._retried(question, stream, settings, on_chunk)
        except TimeoutError:
            stream.fallback = TIMEOUT
        except (ModelTrouble, BufferFullError) as trouble:
            stream.fallback = str(trouble)
        return await self._client.whole(question)

    async def _retried(
        self, question: Question, stream: Stream, settings: Streaming, on_chunk: Callable[[], None]
    ) -> Answer:
        retry = settings.retryConfig
        before = stream.sent
        for attempt in range(retry.maxRetries + 1):
            if attempt:
                await self._sleep(retry.backoffMs * retry.backoffMultiplier ** (attempt - 1) / 1000)
            try:
                return await self._once(question, stream, before, settings.timeoutMs / 1000, on_chunk)
            except ModelTrouble:
                if attempt == retry.maxRetries:
                    raise
        raise ModelTrouble("the model API was not asked")

    async def _once(
        self, question: Question, stream: Stream, before: int, timeout_s: float, on_chunk: Callable[[], None]
    ) -> Answer:
        met = before
        async with aclosing(_generator(self._client, question)) as chunks:
            while True:
                chunk = await asyncio.wait_for(anext(chunks, None), timeout_s)
                if chunk is None:
                    raise ModelTrouble("the stream broke off")
                if isinstance(chunk, Answer):
                    return chunk
                met += 1
                # A stream that is begun again repeats what the reader has already.
                if met > stream.sent:
                    stream.sent = met
                    on_chunk()
                    await tell(stream.callbacks.onChunk, {"index": met - 1, "text": chunk})


def _generator(client: ModelClient, question: Question) -> AsyncGenerator[str | Answer, None]:
    chunks = client.chunks(question)
    assert isinstance(chunks, AsyncGenerator)  # noqa: S101 - an async function that yields makes one
    return chunks


def _done() -> Awaitable[None]:
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ready.set_result(None)
    return ready
