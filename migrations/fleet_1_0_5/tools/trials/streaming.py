"""Trials of streaming: order, the same result, the first chunk, a slow reader, retries, time-outs and the way back to synchronous."""

import asyncio
import statistics
import threading
from pathlib import Path
from typing import Any

from fleet_1_0_5.tools.figures import scrape
from fleet_1_0_5.tools.trials.routing import ORDER
from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import Event, standing

ON = {"features.streaming": True, "streaming.enabled": True}
QUICK_RETRIES = {"streaming.retryConfig.backoffMs": 20}
LONG = {**ORDER, "outputTokens": 2000}
MANY, FAULTY = 25, 100
OWN = ("id", "createdAt")


def order_and_result(say: Sentences, folder: Path) -> None:
    """Chunks come in order, and the final result is that of a synchronous call."""
    with standing("candidate", folder, config="fleet.test.yaml", changes=ON) as fleet:
        disordered, different, shapes = [], [], set()
        for number in range(MANY):
            order = {**ORDER, "description": f"Write tests {number}", "outputTokens": 100 + 70 * number}
            events = fleet.stream("/tasks", order)
            chunks = [event.data["index"] for event in events if event.name == "chunk"]
            if chunks != list(range(len(chunks))) or not chunks:
                disordered.append(chunks)
            shapes.add((events[0].name, events[-1].name))
            whole = fleet.ask("POST", "/tasks", order).body
            if without_ids(events[-1].data) != without_ids(whole):
                different.append((events[-1].data, whole))
        say.same(f"the chunks of {MANY} streams come in order", disordered, [])
        say.same("each begins with start and ends with complete", shapes, {("start", "complete")})
        say.same("each final result equals the synchronous one", different, [])
        joined = "".join(event.data["text"] for event in fleet.stream("/tasks", LONG) if event.name == "chunk")
        cases = fleet.ask("POST", "/tasks", LONG).body["result"]["cases"]
        say.same("the chunks joined are what the result is made of", joined.split("\n")[:-1], cases)
        sessions = fleet.get("/memory/streaming/sessions?limit=500")["entries"]
        say.same("each stream leaves a session", len(sessions), MANY + 1)
        fields = {"streamId", "chunks", "state", "startedAt", "firstChunkAt", "endedAt"}
        say.say("with its chunks, state and times", fields <= set(sessions[0]["value"]), sessions[0])


def first_chunk(say: Sentences, folder: Path) -> None:
    """The first chunk comes within 500 ms, and 75 % sooner than a synchronous answer, from a model that takes its time."""
    with standing("candidate", folder, config="fleet.test.yaml", changes=ON) as fleet:
        fleet.models({"latency_ms": 100, "line_ms": 40})
        streams = [fleet.stream("/tasks", LONG) for _ in range(5)]
        first_ms = [1000 * next(event.at_s for event in events if event.name == "chunk") for events in streams]
        whole_ms = [1000 * events[-1].at_s for events in streams]
        say.say(f"the first chunk comes after {max(first_ms):.0f} ms, under 500", max(first_ms) < 500, first_ms)
        share = 100 * (1 - statistics.median(first_ms) / statistics.median(whole_ms))
        say.say(f"that is {share:.0f} % sooner than the whole, at least 75 %", share >= 75, (first_ms, whole_ms))


def success(say: Sentences, folder: Path) -> None:
    """More than 98 % of many streams complete although some calls of the model fail."""
    with standing("candidate", folder, config="fleet.test.yaml", changes={**ON, **QUICK_RETRIES}) as fleet:
        fleet.models({"error_rate": 0.1})
        ended = [fleet.stream("/tasks", ORDER) for _ in range(FAULTY)]
        good = sum(events[-1].name == "complete" for events in ended)
        fell_back = sum(any(event.name == "fallback" for event in events) for events in ended)
        say.say(f"{good} of {FAULTY} streams complete, over 98 %", good > 0.98 * FAULTY, good)
        say.say(f"and no more than 2 % of them by falling back ({fell_back})", fell_back <= 0.02 * FAULTY, fell_back)


def timeout(say: Sentences, folder: Path) -> None:
    """A stalled stream times out and the synchronous result comes; with a longer time-out it succeeds."""
    changes = {**ON, **QUICK_RETRIES, "streaming.timeoutMs": 300}
    with standing("candidate", folder, config="fleet.test.yaml", changes=changes) as fleet:
        fleet.models({"stall_after": 2})
        events = fleet.stream("/tasks", LONG)
        told = [event.data.get("reason") for event in events if event.name == "fallback"]
        say.same("a stalled stream says Stream timeout", told, ["Stream timeout"])
        whole = fleet.ask("POST", "/tasks", LONG).body
        say.same("and ends with the synchronous result", without_ids(events[-1].data), without_ids(whole))
        states = [entry["value"]["state"] for entry in fleet.get("/memory/streaming/sessions")["entries"]]
        say.same("its session tells of the fallback", states, ["fallback"])
        fleet.models({"latency_ms": 900})
        slow = fleet.stream("/tasks", LONG)
        say.say("a model slower than timeoutMs falls back", any(e.name == "fallback" for e in slow), names(slow))
        fleet.change({"streaming.timeoutMs": 5000})
        cured = fleet.stream("/tasks", LONG)
        say.say("with timeoutMs raised it streams", not any(e.name == "fallback" for e in cured), names(cured))


def retries(say: Sentences, _: Path) -> None:
    """A broken stream is begun again after 1, 2 and 4 times the backoff, as often as the configuration says."""
    from fleet_1_0_5.candidate.model_client import Answer, ModelTrouble
    from fleet_1_0_5.candidate.settings import Streaming
    from fleet_1_0_5.candidate.streaming import Stream, StreamCallbacks, StreamManager

    class Broken:
        """A model API that breaks every stream."""

        async def whole(self, question: Any) -> Any:
            """The whole answer works."""
            return Answer("whole", 1, 1, 0.0)

        async def chunks(self, question: Any) -> Any:
            """Nothing comes."""
            if question is None:
                raise ModelTrouble("broken")
            yield ""

    def waits(retry: dict[str, float]) -> tuple[list[float], str]:
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        manager = StreamManager(Broken(), sleep)  # type: ignore[arg-type]
        settings = Streaming.model_validate({"retryConfig": retry})
        stream = Stream("stream-1", StreamCallbacks())
        answer = asyncio.run(manager.answer(None, stream, settings, lambda: None))  # type: ignore[arg-type]
        return waited, answer.text

    say.same("by default it waits 1, 2 and 4 s", waits({})[0], [1.0, 2.0, 4.0])
    say.same("with maxRetries 2 it waits 1 and 2 s", waits({"maxRetries": 2})[0], [1.0, 2.0])
    say.same("and then the whole answer is asked for", waits({})[1], "whole")


def slow_reader(say: Sentences, folder: Path) -> None:
    """A slow reader makes the model wait at the threshold; the buffer never overflows, and no chunk is lost."""
    changes = {**ON, "streaming.bufferSize": 10}
    with standing("candidate", folder, config="fleet.test.yaml", changes=changes) as fleet:
        events = fleet.stream("/tools/test-data/execute", {"params": {"count": 400, "seed": 3}}, pause_s=0.002)
        chunks = [event.data["index"] for event in events if event.name == "chunk"]
        say.same("a slow reader gets every chunk in order", chunks, list(range(400)))
        say.say("and the whole at the end", events[-1].name == "complete", names(events[-2:]))
        sessions = [entry["value"] for entry in fleet.get("/memory/streaming/sessions")["entries"]]
        peak = max((each["peakBuffered"] for each in sessions), default=99)
        say.say(f"the buffer held {peak} of 10 chunks at most, 9 with the end", 0 < peak <= 9, sessions)
        say.say("the writer was made to wait", any(each["pauses"] for each in sessions), sessions)
    from fleet_1_0_5.candidate.settings import Streaming
    from fleet_1_0_5.candidate.streaming import BufferManager

    settings = Streaming()
    buffer = BufferManager(settings.bufferSize, settings.backpressureThreshold)
    say.same("by default a buffer holds 1024 chunks", settings.bufferSize, 1024)
    say.same("at 79 % of it a writer goes on, at 81 % it waits", asyncio.run(_waits_at(buffer)), {79: False, 81: True})


async def _waits_at(buffer: Any) -> dict[int, bool]:
    found = {}
    for filled in range(1, buffer.size + 1):
        buffer.put(filled)
        if filled in (int(0.79 * buffer.size), int(0.81 * buffer.size)):
            found[round(100 * filled / buffer.size)] = buffer.must_wait()
    return found


def synchronous(say: Sentences, folder: Path) -> None:
    """With streaming off the wish to stream is ignored as 1.0.4 ignores it; with an API that is down the refusal is told."""
    with standing("candidate", folder, config="fleet.test.yaml") as fleet:
        events = fleet.stream("/tasks", ORDER)
        say.same("with streaming off the answer is JSON", names(events), ["json"])
    with standing("candidate", folder, config="fleet.test.yaml", changes={**ON, **QUICK_RETRIES}) as fleet:
        fleet.models({"error_rate": 1.0})
        say.same("with the API down a stream ends with an error", names(fleet.stream("/tasks", ORDER))[-1:], ["error"])
        fleet.models({})
        threads = [threading.Thread(target=fleet.stream, args=("/tasks", LONG)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done = scrape(fleet.url).get("fleet_tasks_completed_total", 0)
        say.same("ten streams at once complete", done, 10)


def without_ids(view: dict[str, Any]) -> dict[str, Any]:
    """A task without what each task has of its own."""
    return {name: value for name, value in view.items() if name not in OWN}


def names(events: list[Event]) -> list[str]:
    """The names of events."""
    return [event.name for event in events]
