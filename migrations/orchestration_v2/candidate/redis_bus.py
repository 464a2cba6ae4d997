"""The event bus over Redis Streams with one consumer group, so that several instances share the work."""

import asyncio
import json
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from orchestration_v2.candidate.bus import BATCH_SIZE, BusError, Event, Processor, process_stubbornly

STREAM = "orchestration:events"
GROUP = "teams"
KEPT = 100_000
WAIT_MS = 500
TIMEOUT_S = 3
ABANDONED_MS = 30_000


class RedisBus:
    """A bus that outlives the process: what was taken and not processed is processed by the next one."""

    def __init__(self, url: str) -> None:
        try:
            self._redis = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        except ValueError as error:
            raise BusError(f"bus {url!r} cannot be used: {error}") from error
        self._consumer = f"{socket.gethostname()}-{os.getpid()}"
        self._worker: asyncio.Task[None] | None = None
        self._is_up = False

    async def start(self, process: Processor) -> None:
        """Begins to hand events to the processor."""
        self._worker = asyncio.create_task(self._work(process))

    async def stop(self) -> None:
        """Ends; what is left stays in the stream."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker
        await self._redis.aclose()

    async def publish(self, events: Sequence[Event]) -> None:
        """Takes events; raises BusError when Redis does not."""
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                for event in events:
                    pipeline.xadd(STREAM, {"event": _text(event)}, maxlen=KEPT, approximate=True)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            self._is_up = False
            raise BusError(f"the event bus does not answer: {type(error).__name__}") from error

    def is_up(self) -> bool:
        """Whether Redis answered last time."""
        return self._is_up

    async def _work(self, process: Processor) -> None:
        while True:
            try:
                await self._join_group()
                self._is_up = True
                await self._take_over_abandoned(process)
                while True:
                    await self._process(await self._next(), process)
                    self._is_up = True
            except (RedisError, OSError):
                self._is_up = False
                await asyncio.sleep(WAIT_MS / 1000)

    async def _join_group(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _take_over_abandoned(self, process: Processor) -> None:
        claimed: Any = await self._redis.xautoclaim(
            STREAM, GROUP, self._consumer, min_idle_time=ABANDONED_MS, count=BATCH_SIZE
        )
        await self._process(claimed[1], process)

    async def _next(self) -> list[Any]:
        streams: Any = {STREAM: ">"}
        answer: Any = await self._redis.xreadgroup(GROUP, self._consumer, streams, count=BATCH_SIZE, block=WAIT_MS)
        # Depending on the protocol version the answer is a list of pairs or a mapping.
        found = answer.get(STREAM.encode(), [[]])[0] if isinstance(answer, dict) else (answer[0][1] if answer else [])
        return list(found)

    async def _process(self, entries: Sequence[Any], process: Processor) -> None:
        if entries:
            events = [Event(**json.loads(fields[b"event"])) for _, fields in entries]
            await process_stubbornly(process, events)
            await self._redis.xack(STREAM, GROUP, *[identifier for identifier, _ in entries])


def _text(event: Event) -> str:
    return json.dumps(event.as_record(), ensure_ascii=False, allow_nan=False)
