"""Says while a run goes on which phase it is in, which step, and what remains; follows the run's event file."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from godwit.session import Check, Event, read_events
from godwit.verdict import CheckRecord

EVERY_S = 10.0
_LOUD = ("phase-entered", "drill", "rollout-step")


class Progress:
    """Follows `events.ndjson` in the background; prints phases as they are entered and a line every ten seconds."""

    def __init__(self, out: Path, checks: Sequence[Check], write: Callable[[str], None], is_terminal: bool) -> None:
        self._path = out / "events.ndjson"
        self._phases = list(dict.fromkeys(check.phase for check in checks))
        self._remaining = {check.id for check in checks}
        self._total = len(checks)
        self._write = write
        self._offset = 0
        self._now = Event("", 0.0)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="godwit-progress", daemon=True)
        self._every_s = EVERY_S if not is_terminal else EVERY_S / 2

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def count(self, records: Sequence[CheckRecord]) -> None:
        """Strike off what has ended."""
        self._remaining -= {record.id for record in records}

    def stop(self) -> None:
        """Stop following; waits for the last line."""
        self._done.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _follow(self) -> None:
        waited = 0.0
        while not self._done.wait(0.5):
            waited += 0.5
            events, self._offset = read_events(self._path, self._offset)
            for event in events:
                self._now = event
                if event.kind in _LOUD:
                    self._write(self._line(event))
                    waited = 0.0
            if waited >= self._every_s:
                self._write(self._line(self._now))
                waited = 0.0

    def _line(self, event: Event) -> str:
        place = f"phase {self._phases.index(event.phase) + 1}/{len(self._phases)} " if event.phase in self._phases else ""
        what = " ".join(part for part in (event.kind.replace("-", " "), event.subject, event.text) if part)
        left = f"{self._total - len(self._remaining)}/{self._total} checks done"
        return f"\ngodwit: {place}{event.phase}: {what} ({left})"[:200]
