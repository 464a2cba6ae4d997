"""Reads what pictures are drawn from out of a run's files; one that is damaged or missing gives none, and nothing is made up."""

import datetime as dt
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import TypeAdapter

from godwit.load import read_part
from godwit.session.events import Event, read_events
from godwit.verdict import Curve, Exhibits, FaultRecord, GodwitError, LookRecord, Mark, Series

_PERCENTS = (0, 5, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.5, 99.8, 99.9)
_BEYOND = 10
"""So many samples must lie beyond a percentile for it to be told: it takes 200 for the 95th, 1,000 for the 99th."""
_MOST_MARKS, _MOST_FILES = 600, 60
_KINDS = {"rollout-step": "rollout-step", "drill": "drill", "crash": "fault", "load": "load"}
_LOOKS = TypeAdapter(tuple[LookRecord, ...])
_Value = TypeVar("_Value")


def exhibits_of(run: Path) -> Exhibits:
    """What there is in a run's folder, each kind bounded."""
    return Exhibits(
        tuple(islice(_readable(lambda: _marks(run)), _MOST_MARKS)),
        tuple(_each(run, "load/*/samples.json", _curves)),
        tuple(_each(run, "rollout/*.json", _looks)),
        tuple(_each(run, "crashes/*.jsonl", _faults)),
    )


def _each(run: Path, pattern: str, read: Callable[[Path, str], Sequence[_Value]]) -> Iterator[_Value]:
    for path in sorted(run.glob(pattern))[:_MOST_FILES]:
        name = path.relative_to(run).as_posix()
        yield from _readable(lambda path=path, name=name: read(path, name))  # type: ignore[misc]


def _readable(read: Callable[[], Sequence[_Value]]) -> Sequence[_Value]:
    """What was read; nothing where a file is not what it should be, as after a run that was killed."""
    try:
        return read()
    except (OSError, ValueError, KeyError, TypeError, GodwitError):
        return ()


def _marks(run: Path) -> list[Mark]:
    events, _ = read_events(run / "events.ndjson")
    if not events:
        return []
    began, ended = events[0].at_s, events[-1].at_s
    phases = [event for event in events if event.kind == "phase-entered"]
    until = [event.at_s for event in phases[1:]] + [ended]
    marks = [Mark("phase", it.subject, it.at_s - began, end - began) for it, end in zip(phases, until, strict=False)]
    return [*marks, *_steps(run, began), *_moments(events, began)]


def _steps(run: Path, began: float) -> Iterator[Mark]:
    path = run / "journal.ndjson"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        told = json.loads(line)
        if told["event"].startswith("step-") and "seconds" in told:
            ended = dt.datetime.fromisoformat(told["at"]).timestamp() - began
            yield Mark("step", told["step"], max(0.0, ended - told["seconds"]), ended)


def _moments(events: Sequence[Event], began: float) -> Iterator[Mark]:
    """Events as marks; those of one subject that follow each other, such as the seconds of a load, are one."""
    last: Mark | None = None
    for event in events:
        kind, at = _KINDS.get(event.kind), event.at_s - began
        if kind is None:
            continue
        if last and (last.kind, last.subject) == (kind, event.subject) and not _begins_again(event):
            last = Mark(kind, last.subject, last.from_s, at)
            continue
        if last:
            yield last
        last = Mark(kind, event.subject, at, at)
    if last:
        yield last


def _begins_again(event: Event) -> bool:
    """A load says its rate when it begins, such as `120/s for 10 s (day-1)`, and a second a line afterwards."""
    return event.kind == "load" and event.text.endswith(")")


def _curves(path: Path, name: str) -> list[Curve]:
    run = read_part(path)
    return [_curve(path.parent.name, side, series, name) for side, series in run.sides.items() if series] if run else []


def _curve(load: str, side: str, operations: Mapping[str, Series], name: str) -> Curve:
    took = np.sort(np.concatenate([np.asarray(each.latencies_us, dtype=np.uint64) for each in operations.values()]))
    failed = sum(each.failed for each in operations.values())
    n = len(took) + failed
    told = [percent for percent in _PERCENTS if n * (100 - percent) >= 100 * _BEYOND]
    ranks = [(percent, max(0, math.ceil(n * percent / 100) - 1)) for percent in told]
    points = tuple((float(percent), float(took[rank]) / 1000) for percent, rank in ranks if rank < len(took))
    return Curve(load, side, n, failed, points, name)


def _looks(path: Path, name: str) -> tuple[LookRecord, ...]:
    told = json.loads(path.read_bytes())
    looks = [
        {
            "step": told["step"],
            **{key: look[key] for key in ("number", "at_s", "decision", "trouble")},
            "changes": [{"metric": it["ruling"]["metric"], **seen} for it in look["metrics"] for seen in it["changes"]],
            "source": name,
        }
        for look in told["looks"]
    ]
    return _LOOKS.validate_python(looks)


def _faults(path: Path, name: str) -> list[FaultRecord]:
    tries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    took_effect = sum(bool(one["took_effect"]) for one in tries)
    return [FaultRecord(path.stem, len(tries), took_effect, name)] if tries else []
