"""Buffers, retries and fallbacks of streams, without a network: what a reader gets, and that writers wait."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from fleet_1_0_5.candidate.model_client import Answer, ModelTrouble, Question
from fleet_1_0_5.candidate.settings import Retry, Streaming
from fleet_1_0_5.candidate.streaming import (
    TIMEOUT,
    BufferFullError,
    BufferManager,
    Stream,
    StreamCallbacks,
    StreamManager,
    tell,
)

LINES = ["one", "two", "three", "four"]
WHOLE = Answer("onetwothreefour", 10, 20, 0.5)
QUESTION = Question("model", "prompt", 10, 20)
Step = str | Exception | None


class ScriptedClient:
    """A model API that streams by a script, a list for each attempt: a chunk, a failure, or None for silence."""

    def __init__(self, *attempts: list[Step]) -> None:
        self.attempts = list(attempts)
        self.wholes = 0

    async def chunks(self, question: Question) -> AsyncIterator[str | Answer]:
        for step in self.attempts.pop(0):
            if step is None:
                await asyncio.sleep(3600)
            elif isinstance(step, Exception):
                raise step
            else:
                yield step
        yield WHOLE

    async def whole(self, question: Question) -> Answer:
        self.wholes += 1
        return WHOLE


def streamed(client: ScriptedClient, **settings: Any) -> tuple[Answer, list[Any], Stream, list[float]]:
    """The answer, the chunks that the reader got, the stream, and how long the manager waited between attempts."""
    got: list[Any] = []
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    stream = Stream("s", StreamCallbacks(onChunk=got.append))
    manager = StreamManager(client, sleep)  # type: ignore[arg-type]
    answer = asyncio.run(manager.answer(QUESTION, stream, Streaming(**settings), lambda: None))
    return answer, got, stream, waited


def indexed(*lines: str) -> list[Any]:
    """Chunks as a reader gets them."""
    return [{"index": index, "text": line} for index, line in enumerate(lines)]


def test_chunks_come_in_order_and_then_the_answer() -> None:
    answer, got, stream, waited = streamed(ScriptedClient([*LINES]))
    assert (answer, got, stream.fallback, waited) == (WHOLE, indexed(*LINES), None, [])


def test_a_stream_that_fails_is_begun_again_after_one_two_and_four_seconds() -> None:
    trouble = ModelTrouble("overloaded")
    client = ScriptedClient([trouble], [trouble], [trouble], [*LINES])
    answer, got, stream, waited = streamed(client)
    assert (answer, got, stream.fallback, waited) == (WHOLE, indexed(*LINES), None, [1.0, 2.0, 4.0])


def test_a_stream_that_breaks_goes_on_where_it_broke() -> None:
    client = ScriptedClient(["one", "two", ModelTrouble("gone")], [*LINES])
    answer, got, _, waited = streamed(client)
    assert (answer, got, waited) == (WHOLE, indexed(*LINES), [1.0])


def test_after_the_last_retry_the_answer_is_asked_for_as_a_whole() -> None:
    trouble = ModelTrouble("overloaded")
    client = ScriptedClient(["one", trouble], ["one", "two", trouble], [trouble])
    answer, got, stream, waited = streamed(client, retryConfig=Retry(maxRetries=2))
    assert (answer, got, stream.fallback, waited) == (WHOLE, indexed("one", "two"), "overloaded", [1.0, 2.0])
    assert client.wholes == 1


@pytest.mark.parametrize("before", [[], ["one", "two"]], ids=["at-once", "in-mid-stream"])
def test_silence_ends_in_the_whole_answer_without_a_retry(before: list[Step]) -> None:
    client = ScriptedClient([*before, None])
    answer, got, stream, waited = streamed(client, timeoutMs=50)
    assert (answer, stream.fallback, waited) == (WHOLE, TIMEOUT, [])
    assert got == indexed(*[str(line) for line in before])


def test_a_slow_reader_makes_the_model_wait_and_times_nothing_out() -> None:
    async def run() -> tuple[BufferManager, Stream, list[int]]:
        buffer = BufferManager(5, 0.8)
        stream = Stream("s", StreamCallbacks(onChunk=buffer.put))
        client = ScriptedClient([f"line {number}" for number in range(40)])
        manager = StreamManager(client)  # type: ignore[arg-type]
        answering = asyncio.create_task(manager.answer(QUESTION, stream, Streaming(timeoutMs=200), lambda: None))
        await asyncio.sleep(0.6)
        assert not answering.done()
        got = [(await buffer.get())["index"] for _ in range(40)]
        await answering
        return buffer, stream, got

    buffer, stream, got = asyncio.run(run())
    assert got == list(range(40))
    assert (buffer.peak, stream.fallback) == (4, None)
    assert buffer.pauses >= 1


@pytest.mark.parametrize(
    ("size", "threshold", "peak"), [(1, 0.8, 1), (2, 0.8, 2), (10, 0.8, 8), (10, 1.0, 10), (10, 0.1, 1)]
)
def test_a_writer_waits_from_the_threshold_on(size: int, threshold: float, peak: int) -> None:
    async def run() -> int:
        buffer = BufferManager(size, threshold)
        put = 0
        while buffer.put(put).done():  # type: ignore[attr-defined]
            put += 1
        return put + 1

    assert asyncio.run(run()) == peak


def test_a_writer_goes_on_when_half_of_the_threshold_is_read() -> None:
    async def run() -> list[bool]:
        buffer = BufferManager(10, 0.8)
        waits = [buffer.put(number) for number in range(8)]
        seen = []
        for _ in range(4):
            await buffer.get()
            seen.append(waits[-1].done())  # type: ignore[attr-defined]
        return seen

    assert asyncio.run(run()) == [False, False, False, True]


def test_a_writer_that_does_not_wait_is_stopped_by_the_size() -> None:
    async def run() -> int:
        buffer = BufferManager(3, 0.8)
        for number in range(3):
            buffer.put(number)
        with pytest.raises(BufferFullError):
            buffer.put(3)
        buffer.end("last")
        return len([await buffer.get() for _ in range(4)])

    assert asyncio.run(run()) == 4


def test_a_reader_that_has_gone_keeps_no_writer_waiting() -> None:
    async def run() -> tuple[bool, bool, int]:
        buffer = BufferManager(2, 0.5)
        waiting = buffer.put(0)
        buffer.abandon()
        later = [buffer.put(number) for number in range(100)]
        return waiting.done(), all(wait.done() for wait in later), buffer.peak  # type: ignore[attr-defined]

    assert asyncio.run(run()) == (True, True, 1)


@pytest.mark.parametrize("callback", [None, lambda said: None], ids=["none", "plain"])
def test_callbacks_are_optional_and_need_not_be_waited_for(callback: Callable[[Any], Any] | None) -> None:
    asyncio.run(tell(callback, "x"))
