"""Defects of what becomes of writes around the cutover, each as a patch that is applied at start; production code knows none."""

import asyncio
import json
import random
import time
from contextvars import ContextVar
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
LATE_COPY_S, REMEMBERED_S = 2.0, 1.5


@DEFECTS.defect("copies-late", part="gateway", sentence="The other side gets its copy two seconds after the answer.")
def _copies_late() -> None:
    from orchestration_v2.gateway.dual_write import DualWrite

    copy = DualWrite.copy
    under_way: set[asyncio.Task[None]] = set()

    async def late(self: DualWrite, asked: Any, answered: Any, source: str, target: str) -> None:
        await asyncio.sleep(LATE_COPY_S)
        await copy(self, asked, answered, source=source, target=target)

    async def changed(self: DualWrite, asked: Any, answered: Any, *, source: str, target: str) -> None:
        task = asyncio.create_task(late(self, asked, answered, source, target))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    DualWrite.copy = changed  # type: ignore[method-assign]


@DEFECTS.defect(
    "sends-held-twice", part="gateway", sentence="What waited at the door while traffic was held is sent twice."
)
def _sends_held_twice() -> None:
    from orchestration_v2.gateway.proxy import Proxy
    from plumbing.traffic import Traffic

    waited: ContextVar[bool] = ContextVar("waited", default=False)
    wait, ask = Traffic.wait_at_door, Proxy._ask  # noqa: SLF001  the program has no other place for it

    async def noted(self: Traffic) -> None:
        waited.set(self.state == "hold")
        await wait(self)

    async def twice(self: Proxy, engine: Any, asked: Any) -> Any:
        if waited.get() and asked.method == "POST":
            await ask(self, engine, asked)
        return await ask(self, engine, asked)

    Traffic.wait_at_door = noted  # type: ignore[method-assign]
    Proxy._ask = twice  # type: ignore[method-assign]  # noqa: SLF001


@DEFECTS.defect("ids-of-chance", part="candidate", sentence="Ids of new tasks do not grow.")
def _ids_of_chance() -> None:
    from plumbing.identifiers import Identifiers

    chance = random.SystemRandom()
    Identifiers.new = lambda self, kind: f"{kind}-{chance.getrandbits(80):020x}"  # type: ignore[method-assign]


@DEFECTS.defect("remembers-answers", part="gateway", sentence="What a user read is answered again for 1.5 s.")
def _remembers_answers() -> None:
    from orchestration_v2.gateway.proxy import Proxy

    serve = Proxy.serve
    kept: dict[tuple[str, str | None], tuple[float, Any]] = {}

    async def changed(self: Proxy, asked: Any) -> Any:
        if asked.method != "GET":
            return await serve(self, asked)
        place = asked.target, asked.header("x-user-id")
        if place not in kept or time.monotonic() - kept[place][0] > REMEMBERED_S:
            kept[place] = time.monotonic(), await serve(self, asked)
        return kept[place][1]

    Proxy.serve = changed  # type: ignore[method-assign]


@DEFECTS.defect(
    "copies-the-one-before", part="gateway", sentence="The copy of a workflow is its state before the last change."
)
def _copies_the_one_before() -> None:
    from orchestration_v2.gateway.dual_write import DualWrite, written_by

    copy = DualWrite.copy
    last: dict[str, Any] = {}

    async def changed(self: DualWrite, asked: Any, answered: Any, *, source: str, target: str) -> None:
        written, instead = written_by(asked, answered), answered
        if written is not None and written.kind == "workflow":
            key = json.loads(answered.body)["id"]
            instead, last[key] = last.get(key, answered), answered
        await copy(self, asked, instead, source=source, target=target)

    DualWrite.copy = changed  # type: ignore[method-assign]


@DEFECTS.defect("takes-any-store", part="candidate", sentence="A store of v1 is taken and gets tables beside its own.")
def _takes_any_store() -> None:
    from orchestration_v2.candidate import store

    store.refuse_foreign = lambda engine: None


@DEFECTS.defect("copies-without-notes", part="gateway", sentence="The copy of a task lacks its notes.")
def _copies_without_notes() -> None:
    from dataclasses import replace

    from orchestration_v2.gateway.dual_write import DualWrite

    copy = DualWrite.copy

    async def changed(self: DualWrite, asked: Any, answered: Any, *, source: str, target: str) -> None:
        if asked.path == "/api/tasks" and answered.status == 201:
            answered = replace(answered, body=json.dumps(json.loads(answered.body) | {"notes": None}).encode())
        await copy(self, asked, answered, source=source, target=target)

    DualWrite.copy = changed  # type: ignore[method-assign]
