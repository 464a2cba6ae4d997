"""The event bus: takes events and hands them in batches to one processor, in memory or over Redis Streams."""

import asyncio
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

WAITING_BATCHES = 1000
BATCH_SIZE = 2000
# Few events wait a moment for others, so that a busy service commits twenty times a second and not for each of them.
FEW, LINGER_S = 100, 0.05


class BusError(RuntimeError):
    """The bus does not take events now, or its URL cannot be used."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `at` is ISO 8601 with an offset."""

    topic: str
    team: str | None
    payload: Any
    at: str

    def as_record(self) -> Mapping[str, Any]:
        """Its fields by name."""
        return {"topic": self.topic, "team": self.team, "payload": self.payload, "at": self.at}


Processor: TypeAlias = Callable[[Sequence[Event]], None]


class EventBus(Protocol):
    """What the service needs of a bus."""

    async def start(self, process: Processor) -> None:
        """Begins to hand events to the processor."""

    async def stop(self) -> None:
        """Hands over what was taken, then ends."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Takes events; raises BusError when it cannot."""

    def is_up(self) -> bool:
        """Whether it takes events."""


class MemoryBus:
    """A bus inside the process: quick, and gone with it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Sequence[Event]] = asyncio.Queue(WAITING_BATCHES)
        self._worker: asyncio.Task[None] | None = None

    async def start(self, process: Processor) -> None:
        """Begins to hand events to the processor."""
        self._worker = asyncio.create_task(self._work(process))

    async def stop(self) -> None:
        """Hands over what was taken, then ends."""
        if self._worker is not None:
            await self._queue.join()
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker

    async def publish(self, events: Sequence[Event]) -> None:
        """Takes events; waits while too many are on their way."""
        if not self.is_up():
            raise BusError("the event bus has ended")
        await self._queue.put(events)

    def is_up(self) -> bool:
        """Whether its worker is alive."""
        return self._worker is not None and not self._worker.done()

    async def _work(self, process: Processor) -> None:
        while True:
            taken = [await self._queue.get()]
            if len(taken[0]) < FEW:
                await asyncio.sleep(LINGER_S)
            while sum(map(len, taken)) < BATCH_SIZE and not self._queue.empty():
                taken.append(self._queue.get_nowait())
            await process_stubbornly(process, [event for events in taken for event in events])
            for _ in taken:
                self._queue.task_done()


async def process_stubbornly(process: Processor, events: Sequence[Event], pause_s: float = 0.5) -> None:
    """Tries until the processor took the events, since dropping them would lose what was accepted."""
    while True:
        try:
            await asyncio.to_thread(process, events)
        except Exception as error:  # noqa: BLE001 - a store that is away for a while must not end the bus
            traceback.print_exception(error, file=sys.stderr)
            await asyncio.sleep(pause_s)
        else:
            return
