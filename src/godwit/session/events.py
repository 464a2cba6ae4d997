"""What happens during a run, as values: phases, steps, checks, load; written to one file that every listener may follow."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal[
    "buckets", "budget", "check", "comparison", "crash", "drill", "flag-case", "judge", "load", "phase-entered", "rollout-step",
    "run-started", "scaling", "soak", "stack", "step", "steps-started", "swept", "turns",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: what, when (`at_s` since 1970), in which phase, to what, and what there is to say of it."""

    kind: Kind
    at_s: float
    phase: str = ""
    subject: str = ""
    text: str = ""


_OFTEN_S = 0.2


class EventLog:
    """Appends events as JSON Lines; texts pass `mask`.

    Each is flushed at once, so that a reader in another process sees it; of checks that end in quick succession, some.
    """

    def __init__(self, path: Path, clock: Callable[[], float], mask: Callable[[str], str] = str) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._clock = clock
        self._mask = mask
        self._phase = ""
        self._flushed_s = 0.0

    def emit(self, kind: Kind, subject: str = "", text: str = "") -> None:
        """Record an event; `subject` names what it is about."""
        if kind == "phase-entered":
            self._phase = subject
        event = Event(kind, self._clock(), self._phase, subject, self._mask(text))
        record = {name: getattr(event, name) for name in event.__slots__}  # asdict copies, and a run has many checks
        self._file.write(json.dumps(record) + "\n")
        if kind != "check" or event.at_s - self._flushed_s >= _OFTEN_S:
            self._file.flush()
            self._flushed_s = event.at_s

    @property
    def phase(self) -> str:
        """The phase that was entered last."""
        return self._phase

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._file.close()


def read_events(path: Path, offset: int = 0) -> tuple[list[Event], int]:
    """Read the events after `offset` bytes; gives them and the offset to go on from. A half-written line waits."""
    if not path.exists():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole = data.rpartition(b"\n")[0]
    records: list[dict[str, Any]] = [json.loads(line) for line in whole.splitlines() if line]
    return [Event(**record) for record in records], offset + (len(whole) + 1 if whole else 0)
