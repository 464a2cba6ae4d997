"""Says while a run goes on which phase it is in, which step, and what remains; follows the run's event file from outside."""

import threading
from collections.abc import Callable
from pathlib import Path

from godwit.reporting.plain import one_line
from godwit.session import Event, read_events

EVERY_S = 10.0
_POLL_S = 0.5
_WIDE = 200
_LOUD = ("phase-entered", "rollout-step", "judge", "drill")


class Progress:
    """Follows `events.ndjson` in the background; says when a phase, step or drill begins, and something every ten seconds."""

    def __init__(self, out: Path, write: Callable[[str], None]) -> None:
        self._path = out / "events.ndjson"
        self._write = write
        self._offset = 0
        self._phases: list[str] = []
        self._total = 0
        self._checks: set[str] = set()
        self._now: Event | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="godwit-progress", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._done.set()
        self._thread.join(timeout=2 * _POLL_S)

    def _follow(self) -> None:
        silent_s = 0.0
        while not self._done.wait(_POLL_S):
            silent_s += _POLL_S
            events, self._offset = read_events(self._path, self._offset)
            loud = [event for event in events if self._take(event)]
            for event in loud or ([self._now] if self._now and silent_s >= EVERY_S else []):
                self._write(self.line(event))
                silent_s = 0.0

    def _take(self, event: Event) -> bool:
        """Count an event; true for one that is said at once."""
        if event.kind == "run-started":
            self._total, self._phases = int(event.subject), event.text.split()
        elif event.kind == "check":
            self._checks.add(event.subject)
        else:
            self._now = event
        return event.kind in _LOUD

    def line(self, event: Event) -> str:
        """One line: phase and its number, what goes on, how many checks are done."""
        number = self._phases.index(event.phase) + 1 if event.phase in self._phases else 0
        place = f"phase {number}/{len(self._phases)} {event.phase}" if number else event.phase or "start"
        what = " ".join(part for part in (event.kind, event.subject, event.text) if part and part != event.phase)
        return one_line(f"godwit: {place}: {what} ({len(self._checks)} of {self._total} checks done)", _WIDE)
