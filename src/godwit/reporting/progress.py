"""Says while a run goes on which phase it is in, which step, and what remains; follows the run's event file from outside."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from godwit.reporting.plain import one_line
from godwit.session import Event, read_events

EVERY_S = 10.0
_POLL_S = 0.5
_WIDE = 200
_LOUD = ("phase-entered", "rollout-step", "judge", "drill")
_STEPS = ("step", "rollout-step", "judge", "drill")
_LOADS = ("load", "budget")


@dataclass(slots=True)
class Standing:
    """What the events have told so far: the phase, the step and the load in it, what goes on, and which checks are done."""

    phases: Sequence[str] = ()
    total: int = 0
    checks: set[str] = field(default_factory=set)
    now: Event | None = None
    phase: Event | None = None
    told: dict[str, Event] = field(default_factory=dict)
    """The last event of each kind in the phase that says where in it the run is."""

    def take(self, event: Event) -> bool:
        """Count an event; true for one that is worth saying at once."""
        if event.kind == "run-started":
            self.total, self.phases = int(event.subject), event.text.split()
        elif event.kind == "check":
            self.checks.add(event.subject)
        else:
            self.now = event
        self._place(event)
        return event.kind in _LOUD

    def _place(self, event: Event) -> None:
        if event.kind == "run-started":
            return
        if event.kind == "phase-entered":
            self.phase = event
            self.told.clear()
            return
        place = "step" if event.kind in _STEPS else event.kind if event.kind in (*_LOADS, "check") else "now"
        self.told[place] = event
        if event.kind == "load" and event.text.startswith("done"):
            self.told.pop("budget", None)

    def place_of(self, event: Event) -> str:
        """The phase of an event with its number."""
        number = self.phases.index(event.phase) + 1 if event.phase in self.phases else 0
        return f"phase {number}/{len(self.phases)} {event.phase}" if number else event.phase or "start"

    def line(self, event: Event) -> str:
        """One line: phase and its number, what goes on, how many checks are done."""
        what = " ".join(part for part in (event.kind, event.subject, event.text) if part and part != event.phase)
        done = f"({len(self.checks)} of {self.total} checks done)"
        return one_line(f"godwit: {self.place_of(event)}: {what} {done}", _WIDE)


class Follower:
    """Reads what is new in `events.ndjson` every half second, in the background, and hands it over."""

    def __init__(self, out: Path, take: Callable[[list[Event]], None]) -> None:
        self._path = out / "events.ndjson"
        self._take = take
        self._offset = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="godwit-progress", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following, when what there is has been read to its end."""
        self._done.set()
        self._thread.join(timeout=2 * _POLL_S)

    def _follow(self) -> None:
        ended = False
        while not ended:
            ended = self._done.wait(_POLL_S)
            events, self._offset = read_events(self._path, self._offset)
            self._take(events)


class Progress:
    """Lines for a log: one when a phase, step or drill begins, and something every ten seconds."""

    def __init__(self, out: Path, write: Callable[[str], None]) -> None:
        self._write = write
        self._standing = Standing()
        self._silent_s = 0.0
        self._follower = Follower(out, self._say)
        self.start, self.stop = self._follower.start, self._follower.stop

    def _say(self, events: list[Event]) -> None:
        standing = self._standing
        self._silent_s += _POLL_S
        loud = [event for event in events if standing.take(event)]
        for event in loud or ([standing.now] if standing.now and self._silent_s >= EVERY_S else []):
            self._write(standing.line(event))
            self._silent_s = 0.0
