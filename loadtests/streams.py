"""Follows one stream of server-sent events: when its head was here, and each event; sends nothing, judges no content."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_ENDS = re.compile(rb"\r\n|\r|\n")
_KIND = "text/event-stream"


class Stream:
    """One stream. `wanted` says when it has told enough: so many `events`, or one that holds the text `until`."""

    def __init__(self, wanted: Mapping[str, Any]) -> None:
        self._most: int | None = wanted.get("events")
        self._until = (wanted.get("until") or "").encode()
        self._kind: str | None = None
        self._begun_at: float | None = None
        self._events: list[float] = []
        self._line, self._data = b"", b""
        self._after_cr = False
        self.is_over = False

    def begin(self, status: int, kind: str, now: float) -> None:
        """Take in the head of the answer; one that is no stream of events is no beginning."""
        self._kind = kind
        if status < 400 and kind.partition(";")[0].strip().lower() == _KIND:
            self._begun_at = now

    def take(self, data: bytes, now: float) -> None:
        """Read on."""
        if self._begun_at is None or self.is_over:
            return
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
        self._after_cr = data.endswith(b"\r")
        *lines, self._line = _ENDS.split(self._line + data)
        for line in lines:
            self._read(line, now)

    @property
    def lacks(self) -> str:
        """Why it is no success; empty when it has told enough."""
        if self.is_over:
            return ""
        if self._begun_at is None:
            return f"no stream of events: its content-type is {self._kind or 'not said'}"
        return f"the stream ended after {len(self._events)} event(s)"

    def parts(self, due: float, is_good: bool) -> Iterator[tuple[int, float, float | None]]:
        """Each part that is timed: its place in PARTS, since when and until when it took; None for what never came.

        Of a stream that failed that is the first part that it did not get to.
        """
        yield 0, due, self._begun_at
        before = due
        for number, at in enumerate(self._events):
            yield min(number, 1) + 1, before, at
            before = at
        if not is_good:
            yield 2 if self._events else 1, before, None

    def _read(self, line: bytes, now: float) -> None:
        if line == b"data" or line.startswith(b"data:"):
            self._data += line[5:] + b"\n"
        elif not line and self._data and not self.is_over:
            self._events.append(now)
            told = self._until in self._data if self._until else len(self._events) == self._most
            self.is_over, self._data = told, b""
