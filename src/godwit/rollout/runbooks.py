"""Carries out steps in order and journals each before and after; stops at the first that fails and undoes nothing."""

import datetime as dt
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from godwit.plan import Step
from godwit.verdict import GodwitError


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How one step went. `late` means done, but not within its time limit; `detail` says why it is not simply done."""

    id: str
    deed: str
    seconds: float
    outcome: Literal["done", "failed", "late"]
    detail: str = ""


class Journal:
    """A file of JSON Lines that only grows; every entry is on the disk before `write` returns. Texts pass `mask` first."""

    def __init__(self, path: Path, mask: Callable[[str], str] = str) -> None:
        self.path = path
        self._mask = mask
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, event: str, **fields: Any) -> None:
        """Append one entry, with the time of day."""
        entry = {"at": dt.datetime.now(dt.UTC).isoformat(), "event": event}
        entry |= {name: self._mask(value) if isinstance(value, str) else value for name, value in fields.items()}
        line = json.dumps(entry, ensure_ascii=False, default=str) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def entries(self) -> list[dict[str, Any]]:
        """Everything that was written so far, oldest first; a torn last line (after a crash) is left out."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1] if line]


def execute(
    steps: Sequence[Step],
    deeds: Mapping[str, Callable[[Step], None]],
    journal: Journal,
    clock: Callable[[], float],
) -> tuple[StepRecord, ...]:
    """Carry out steps in order by the deed of each; the record of a failed step is the last.

    A deed fails by raising GodwitError; all else that it raises is journalled and passed on. `clock` gives seconds.
    """
    records: list[StepRecord] = []
    for step in steps:
        journal.write("step-started", step=step.id, deed=step.deed, timeout_s=step.timeout_s)
        record = _carried_out(step, deeds, journal, clock)
        _note(journal, record)
        records.append(record)
        if record.outcome == "failed":
            break
    return tuple(records)


def _carried_out(
    step: Step, deeds: Mapping[str, Callable[[Step], None]], journal: Journal, clock: Callable[[], float]
) -> StepRecord:
    started = clock()
    try:
        if step.deed not in deeds:
            raise GodwitError(f"nobody here can {step.deed}; known: {', '.join(sorted(deeds))}")
        deeds[step.deed](step)
    except GodwitError as error:
        return StepRecord(step.id, step.deed, clock() - started, "failed", str(error))
    except BaseException as error:
        _note(journal, StepRecord(step.id, step.deed, clock() - started, "failed", f"{type(error).__name__}: {error}"))
        raise
    seconds = clock() - started
    if seconds > step.timeout_s:
        return StepRecord(step.id, step.deed, seconds, "late", f"took {seconds:.2f} s of {step.timeout_s:g} s")
    return StepRecord(step.id, step.deed, seconds, "done")


def _note(journal: Journal, record: StepRecord) -> None:
    journal.write(
        f"step-{record.outcome}",
        step=record.id,
        deed=record.deed,
        seconds=round(record.seconds, 6),
        detail=record.detail,
    )
