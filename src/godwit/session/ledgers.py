"""Keeps the ledger of acknowledged writes and the histories of what clients saw while a phase's steps run; judged by `checks`."""

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from godwit.checks import judge_ledger
from godwit.plan import History, Phase, State, WriteLedger
from godwit.session.world import World
from godwit.state import Act, Clients, Ledger, Recorder, Writer
from godwit.surfaces import exchange_each
from godwit.verdict import Judgement

_THIRD = 3
"""One part in so many of the time that is asked for passes before the first step, and one after the last."""

_ENOUGH = 15
"""So many answers are waited for before the first step and after the last, where the plan asks for a time."""

_PATIENCE_S = 20.0
_POLL_S = 0.05


class LedgerKeeper:
    """One ledger and the plan's histories for the run, filled in the phases that the plan names.

    `around` is when the first step of a phase began and its last one ended, in monotonic seconds, by the phase's id.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.ledger = Ledger(world.out / "ledger.ndjson")
        self.attempts: list[Any] = []
        self.acts: dict[str, tuple[Act, ...]] = {}
        self.around: dict[str, tuple[float, float]] = {}

    @contextmanager
    def writing(self, phase: Phase) -> Iterator[None]:
        """Write and read while the block runs, as the plan asks for in this phase, and for as long as it asks."""
        specs = self._asked(phase)
        begun: list[tuple[WriteLedger | History, Any]] = []
        started = time.monotonic()
        lasts_s = max((spec.for_s or 0.0 for spec in specs), default=0.0)
        try:
            for spec in specs:
                self._world.may_write(spec.on)
                begun.append((spec, self._begun(spec, phase)))
            _wait(begun, started, started + lasts_s / _THIRD)
            first = time.monotonic()
            yield
            last = time.monotonic()
            self.around[phase.id] = (first, last)
            _wait(begun, last, max(started + lasts_s, last + lasts_s / _THIRD))
        finally:
            for spec, writer in begun:
                self._ended(spec, writer.stop())

    def unseen(self, spec: WriteLedger) -> str:
        """What is missing for the ledger to tell of a change; empty if nothing is, or if the plan does not ask."""
        if spec.for_s is None:
            return ""
        entries = self.ledger.entries()
        for phase, (first, last) in self.around.items():
            before = sum(entry.at_s < first for entry in entries)
            after = sum(entry.at_s > last for entry in entries)
            if phase in spec.phases and not (before and after):
                return f"{before} writes were acknowledged before the steps of {phase} and {after} after them: too few"
        return ""

    def _asked(self, phase: Phase) -> list[WriteLedger | History]:
        state = self._world.plan.state or State(parallel="separate")
        every = (*((state.ledger,) if state.ledger else ()), *state.histories)
        return [spec for spec in every if phase.id in spec.phases]

    def _begun(self, spec: WriteLedger | History, phase: Phase) -> Writer | Clients | Recorder:
        url = self._world.stack(spec.on).url
        run = zlib.crc32(self._world.setting.run_id.encode())
        writer: Writer | Clients | Recorder
        if isinstance(spec, History):
            file = self._world.out / f"history-{spec.id}.ndjson"
            # Another phase begins its values anew, so it gets objects of its own: no value is written twice to one.
            writer = Recorder(spec, url, file, f"{spec.id}-{phase.id}-{run:08x}", self._world.plan.migration.seed)
        elif spec.clients is None:
            writer = Writer(self.ledger, url, spec.write, spec.rate_per_s)
        else:
            writer = Clients(self.ledger, url, spec.write, spec.rate_per_s, spec.clients, f"{run:08x}-")
        writer.start()
        return writer

    def _ended(self, spec: WriteLedger | History, seen: Any) -> None:
        if isinstance(spec, History):
            self.acts[spec.id] = (*self.acts.get(spec.id, ()), *seen)
        else:
            self.attempts += seen


def read_back(spec: WriteLedger, ledger: Ledger, url: str) -> Judgement:
    """Whether a stack has every acknowledged write of a ledger, once and unchanged."""
    written = ledger.acknowledged()
    answers = exchange_each([spec.read], url, [{"id": key} for key in written])
    found = zip(written, answers, strict=True)
    rows = {key: answer.json() if answer.status == 200 else None for key, (answer,) in found}
    wanted = {key: {name: fields[name] for name in spec.compare} for key, fields in written.items()}
    return judge_ledger(wanted, rows, dict.fromkeys(ledger.doubled(), 2))


def _wait(begun: list[tuple[WriteLedger | History, Any]], since_s: float, until_s: float) -> None:
    """Wait until a moment, and then, but not for ever, until everybody who is asked for a time has seen a few answers."""
    timed = [writer for spec, writer in begun if spec.for_s is not None]
    ends = max(until_s, time.monotonic()) + _PATIENCE_S
    while (now := time.monotonic()) < until_s or (
        now < ends and any(writer.answered(since_s) < _ENOUGH for writer in timed)
    ):
        time.sleep(_POLL_S)
