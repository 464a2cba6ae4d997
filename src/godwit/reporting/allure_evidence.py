"""Finds what a run's folder holds of one check: answers, rows, the ends of logs, a picture of a load; it makes nothing up."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from godwit.load import read_part
from godwit.plan import masked
from godwit.verdict import CheckRecord, GodwitError, Outcome

Floats = NDArray[np.float64]
_NAMED = re.compile(r"(?<![\w./-])[\w-]+/[\w./-]*\.(?:csv|jsonl?|ndjson|log|txt)(?![\w-])")
_TYPES = {".csv": "text/csv", ".json": "application/json"}
_LOGS = ("baseline", "candidate", "router")
_LINES, _MOST_BYTES = 40, 200_000
_MOST_CHECKS = 200
"""So many checks get files: where more do not pass, their findings tell as much."""
_BINS, _WIDTH, _HEIGHT = 40, 640, 160
_COLOURS = {"baseline": "#7a869a", "candidate": "#1f6feb"}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file to be shown: what it is called, its bytes, its media type, the end of its name."""

    name: str
    body: bytes
    kind: str
    end: str


class Evidence:
    """The folder of a run; what it gives holds none of the secrets. After many checks it gives no more."""

    def __init__(self, out: Path, secrets: Sequence[str] = ()) -> None:
        self._out = out.resolve()
        self._secrets = secrets
        self._given = 0

    def of(self, record: CheckRecord) -> list[Exhibit]:
        """What there is of a check; of one that passed only the picture of its load."""
        found = list(self._load(record))
        if record.outcome in (Outcome.PASSED, Outcome.SKIPPED) or self._given >= _MOST_CHECKS:
            return found
        self._given += 1
        return [*self._answers(record), *self._named(record), *found, *self._logs()]

    def _answers(self, record: CheckRecord) -> Iterator[Exhibit]:
        case = record.id.split("/", maxsplit=3)[3:]
        for path in [self._out / "answers" / record.phase / f"{name}.txt" for name in case]:
            if self._is_ours(path):
                yield self._text("requests and answers", _whole_lines(path), ".txt")

    def _named(self, record: CheckRecord) -> Iterator[Exhibit]:
        """The files that the check's reason names, such as the one with all bad keys; the first part of long ones."""
        for name in dict.fromkeys(_NAMED.findall(record.reason)):
            path = self._out / name
            if self._is_ours(path):
                yield self._text(name, _whole_lines(path), path.suffix)

    def _logs(self) -> Iterator[Exhibit]:
        for role in _LOGS:
            path = self._out / "logs" / f"{role}.log"
            if self._is_ours(path) and (lines := _tail(path)):
                yield self._text(f"last lines of {role}.log", lines, ".txt")

    def _load(self, record: CheckRecord) -> Iterator[Exhibit]:
        source = Path(record.actual.source) if record.actual and record.actual.source else None
        path = self._out / source if source else None  # a source is absolute, or lies in the folder
        if path is None or path.name != "samples.json" or not self._is_ours(path):
            return
        try:
            run = read_part(path)
        except (OSError, ValueError, KeyError, GodwitError):
            return
        sides = {side: [it.latencies_us for it in each.values()] for side, each in run.sides.items()} if run else {}
        taken = {side: np.concatenate(each) / 1000 for side, each in sides.items() if sum(map(len, each))}
        if taken:
            yield Exhibit("how long answers took", histogram(taken).encode(), "image/svg+xml", "svg")

    def _text(self, name: str, body: bytes, suffix: str) -> Exhibit:
        text = masked(body.decode(errors="replace"), self._secrets)
        return Exhibit(name, text.encode(), _TYPES.get(suffix, "text/plain"), suffix.lstrip("."))

    def _is_ours(self, path: Path) -> bool:
        """Whether it is a file in the folder: a reason may quote what a stack said."""
        try:
            return path.is_file() and path.resolve().is_relative_to(self._out)
        except OSError:  # what a stack says may be longer than any file's name
            return False


def _whole_lines(path: Path) -> bytes:
    with path.open("rb") as file:
        found = file.read(_MOST_BYTES + 1)
    return found if len(found) <= _MOST_BYTES else found[:_MOST_BYTES].rpartition(b"\n")[0] + b"\n"


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MOST_BYTES))
        return b"\n".join(file.read().splitlines()[-_LINES:])


def histogram(taken: Mapping[str, Floats]) -> str:
    """Latencies in ms of each side as an SVG picture: one row of bars a side, all on one logarithmic scale."""
    together = np.concatenate(list(taken.values()))
    low, high = max(float(together.min()), 0.001), float(together.max())
    edges = np.geomspace(low, max(high, low * 1.01), _BINS + 1)
    rows = [_row(place, side, values, edges) for place, (side, values) in enumerate(taken.items())]
    height = len(rows) * _HEIGHT + 24
    scale = "".join(
        f'<text x="{x}" y="{height - 6}" text-anchor="{anchor}">{value:.3g} ms</text>'
        for x, anchor, value in ((0, "start", low), (_WIDTH, "end", high))
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13">'
    return f'{head}<rect width="100%" height="100%" fill="#fff"/>{"".join(rows)}{scale}</svg>'


def _row(place: int, side: str, values: Floats, edges: Floats) -> str:
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
    foot, wide = (place + 1) * _HEIGHT, _WIDTH / _BINS
    tall = (_HEIGHT - 30) / max(int(counts.max()), 1)
    bars = "".join(
        f'<rect x="{i * wide:.1f}" y="{foot - n * tall:.1f}" width="{wide - 1:.1f}" height="{n * tall:.1f}"/>'
        for i, n in enumerate(counts.tolist())
        if n
    )
    median = float(np.median(values))
    said = f"{side}: {len(values)} answers, median {median:.3g} ms"
    return f'<g fill="{_COLOURS.get(side, "#555")}"><text x="0" y="{foot - _HEIGHT + 18}">{said}</text>{bars}</g>'
