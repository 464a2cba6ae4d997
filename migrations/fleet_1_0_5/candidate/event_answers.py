"""Answers of a task or a tool as server-sent events: start, chunks in order, perhaps a fallback, then the whole or an error."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.responses import StreamingResponse

from fleet_1_0_5.candidate.fleet import FleetManager
from fleet_1_0_5.candidate.refusals import Declined
from fleet_1_0_5.candidate.streaming import BufferFullError, BufferManager, Stream, StreamCallbacks
from fleet_1_0_5.candidate.task_run import TaskRun
from fleet_1_0_5.candidate.tools import BaseMCPTool

EVENT_STREAM = "text/event-stream"
LAST = ("complete", "error")
SETTLE_S = 5.0
Event = tuple[str, Any]


class EventAnswers:
    """Streams of one fleet; a task whose reader has gone is done to its end all the same."""

    def __init__(self, fleet: FleetManager) -> None:
        self._fleet = fleet
        self._running: set[asyncio.Task[None]] = set()

    def of_task(self, run: TaskRun) -> StreamingResponse:
        """The events of an accepted task."""
        buffer = self._buffer()
        run.stream = stream = self._stream(buffer)

        async def work() -> Any:
            buffer.put(("start", {"streamId": stream.id, "taskId": run.task.id, "model": run.model[0]}))
            return await self._fleet.carry_out(run)

        return self._answer(work, stream, buffer)

    def of_tool(self, tool: BaseMCPTool, params: dict[str, Any]) -> StreamingResponse:
        """The events of a call of a tool."""
        buffer = self._buffer()
        stream = self._stream(buffer)

        def count(chunk: Any) -> Awaitable[None]:
            stream.sent += 1
            return buffer.put(("chunk", chunk))

        def start(said: dict[str, Any]) -> Awaitable[None]:
            return buffer.put(("start", {"streamId": stream.id} | said))

        async def work() -> Any:
            try:
                result = await tool.executeStreaming(params, StreamCallbacks(onStart=start, onChunk=count))
            except BufferFullError as error:
                stream.fallback = str(error)
                result = await tool.execute(params)
            return {"tool": tool.name, "result": result}

        return self._answer(work, stream, buffer)

    async def settle(self) -> None:
        """Waits for what is still running, SETTLE_S seconds at most."""
        if self._running:
            await asyncio.wait(self._running, timeout=SETTLE_S)

    def _buffer(self) -> BufferManager:
        streaming = self._fleet.settings.streaming
        return BufferManager(streaming.bufferSize, streaming.backpressureThreshold)

    def _stream(self, buffer: BufferManager) -> Stream:
        begun = time.perf_counter()

        def chunk(said: dict[str, Any]) -> Awaitable[None]:
            if said["index"] == 0:
                self._fleet.metrics.first_chunk_seconds.observe(time.perf_counter() - begun)
            return buffer.put(("chunk", said))

        return self._fleet.open_stream(StreamCallbacks(onChunk=chunk))

    def _answer(self, work: Callable[[], Awaitable[Any]], stream: Stream, buffer: BufferManager) -> StreamingResponse:
        running = asyncio.create_task(self._run(work, stream, buffer))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return StreamingResponse(_sent(buffer), media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"})

    async def _run(self, work: Callable[[], Awaitable[Any]], stream: Stream, buffer: BufferManager) -> None:
        try:
            ending: Event = ("complete", await work())
        except Declined as declined:
            ending = ("error", declined.content)
        except Exception as error:  # noqa: BLE001 - whatever a tool raises, the reader hears of the end
            ending = ("error", {"code": "internal", "message": f"{type(error).__name__} while answering"})
        state = "failed" if ending[0] == "error" else "fallback" if stream.fallback else "completed"
        self._fleet.metrics.pauses.inc(buffer.pauses)
        self._fleet.keep_stream(stream, state, peakBuffered=buffer.peak, pauses=buffer.pauses)
        if stream.fallback:
            buffer.end(("fallback", {"reason": stream.fallback}))
        buffer.end(ending)


async def _sent(buffer: BufferManager) -> AsyncIterator[str]:
    try:
        while True:
            name, said = await buffer.get()
            yield f"event: {name}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n"
            if name in LAST:
                return
    finally:
        buffer.abandon()
