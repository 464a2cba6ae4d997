"""Conducts a load: shares it out to workers, begins all at once, gathers what they saw into one record; sends no request itself."""

import json
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Locust puts the folder of its locustfile on the path, in a clone as in an installation.
from distribution import Distribution, told_exactly  # type: ignore[import-not-found]
from player import LAYOUT, parted  # type: ignore[import-not-found]
from schedule import Load  # type: ignore[import-not-found]
from spool import WARM  # type: ignore[import-not-found]

_NOT_SENT = 3
_RECENT_S = 10
_SOON_S = 0.25
_TEXTS = 20

Send = Callable[[str, dict[str, Any], str], None]


class Conductor:
    """One run over all its workers. `send` gives a message to one of them; `finished` is called once, when all is written."""

    def __init__(
        self, document: dict[str, Any], host: str | None, workers: list[str], send: Send, finished: Callable[[], None]
    ) -> None:
        self.load = Load(document, host)
        self.run = time.time()
        self.workers = workers
        self._send, self._finished = send, finished
        self._ready: set[str] = set()
        self._lines: dict[str, dict[str, Any]] = {}
        self._came: Counter[str] = Counter()
        self._began: float | None = None
        self.over = False
        self.record = Record(self.load)
        for place, worker in enumerate(workers):
            order = {"run": self.run, "load": document, "host": host, "share": [place, len(workers)]}
            send("godwit_begin", order, worker)

    @property
    def has_begun(self) -> bool:
        """Whether every worker was ready and has been told when to begin."""
        return self._began is not None

    def ready(self, worker: str, data: Mapping[str, Any]) -> None:
        """Begin when the last worker is ready."""
        if data["run"] != self.run or self.over:
            return
        self._ready.add(worker)
        if self._ready == set(self.workers) and self._began is None:
            self._began = time.time() + _SOON_S
            for each in self.workers:
                self._send("godwit_go", {"run": self.run, "at": self._began}, each)

    def gather(self, worker: str, data: Mapping[str, Any]) -> None:
        """Take in what a worker saw, and end the run when all have seen everything."""
        if data["run"] != self.run or self.over:
            return
        line = data["line"]
        if "died" in line:
            self.finish(f"worker {worker}: {line['died']}")
            return
        self._lines[worker] = line
        self.record.add(data["data"])
        self._came[worker] += len(data["data"])
        if line.get("done") and not line["complete"]:
            self.finish(f"worker {worker} was stopped")
        elif line.get("done") and self._came[worker] != line["records"]:
            self.finish(f"{self._came[worker]} of {line['records']} bytes came of worker {worker}'s records")
        elif len(self._lines) == len(self.workers) and all(each.get("done") for each in self._lines.values()):
            self.finish("")

    def lost(self, worker: str) -> None:
        """End a run that has lost a worker."""
        self.finish(f"worker {worker} went missing")

    def finish(self, trouble: str) -> None:
        """Write the samples; only the first call counts. `trouble` is why they are not the whole run, empty when they are."""
        if self.over:
            return
        self.over = True
        self.record.write(self._told(), trouble)
        self._finished()

    def report(self) -> None:
        """Append a line of progress, if the load names a file for it."""
        if not self.load.progress or self._began is None or self.over:
            return
        sent = sum(line["sent"] for line in self._lines.values())
        line = json.dumps(self.record.progress(max(0.0, time.time() - self._began), sent))
        with Path(self.load.progress).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _told(self) -> dict[str, Any]:
        """What all workers counted, together; CPU is that of the busiest."""
        lines = list(self._lines.values())
        faults: Counter[str] = Counter()
        behind: Counter[int] = Counter()
        errors: Counter[tuple[int, int, str]] = Counter()
        for line in lines:
            faults.update(line["faults"])
            behind.update({int(bits): times for bits, times in line["behind"].items()})
            errors.update({(side, operation, text): times for side, operation, text, times in line["errors"]})
        asked = sum(line["asked"] for line in lines)
        return {
            "workers": len(self.workers),
            "started_at": self._began,
            "seconds": max((line["seconds"] for line in lines), default=0.0),
            "asked": asked,
            "sent": sum(line["sent"] for line in lines),
            "generator_cpu": max((line["cpu"] for line in lines), default=0.0),
            "generator_cpu_s": sum(line["cpu_s"] for line in lines),
            "late_share": sum(line["late"] for line in lines) / asked if asked else 0.0,
            "late_p99_ms": _quantile_ms(behind, 0.99),
            "faults": dict(faults),
            "errors": errors,
        }


class Record:
    """What all workers saw: every record in a file; in memory distributions, and the latencies of the last seconds."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._sides = list(load.targets)
        self._operations = [name for name, _ in load.names]
        self._requests = len(load.requests)
        self._distributions = {
            (side, operation): Distribution()
            for side in range(len(self._sides))
            for operation in range(len(self._operations))
        }
        self._recent: deque[tuple[float, Any]] = deque()
        self._counted: deque[tuple[float, int]] = deque()
        self._answered = self._failed = 0
        self._path = Path(load.samples).with_suffix(".bin") if load.samples else None
        self._file = self._path.open("wb") if self._path else None

    def add(self, data: bytes) -> None:
        """Take in records as they come."""
        found = np.frombuffer(data, LAYOUT)
        asked = found["latency_us"][found["operation"] < self._requests]
        self._answered += len(asked)
        self._failed += int(np.count_nonzero(asked == 0))
        self._recent.append((time.time(), asked))
        self._forget()
        measured = found[found["kind"] < WARM]
        if self._file:
            self._file.write(measured.tobytes())
        for side, operation, its in parted(measured):
            distribution = self._distributions[side, operation]
            _enter(distribution, its["latency_us"][its["latency_us"] > 0])
            lost = np.count_nonzero(its["kind"] == _NOT_SENT)
            distribution.failed += int(np.count_nonzero(its["latency_us"] == 0) - lost)

    def progress(self, seconds: float, sent: int) -> dict[str, Any]:
        """The run so far; rate, and percentiles (ms) with what they are of, over the last ten seconds."""
        self._forget()
        recent = np.concatenate([np.empty(0, "<u4"), *(latencies for _, latencies in self._recent)])
        self._counted.append((seconds, sent))
        while len(self._counted) > _RECENT_S:
            self._counted.popleft()
        then_s, then = self._counted[0] if len(self._counted) > 1 else (0.0, 0)
        good = recent[recent > 0]
        lately = told_exactly(good, len(recent) - len(good), 50, 95, 99)
        return {
            "seconds": round(seconds, 1),
            "sent": sent,
            "failed": self._failed,
            "rate_per_s": round((sent - then) / (seconds - then_s), 1) if seconds > then_s else 0.0,
            "recent_n": lately.pop("n"),
            "recent_failed": lately.pop("failed"),
            **lately,
            "sides": self._by_side(50, 95, 99),
        }

    def write(self, told: dict[str, Any], trouble: str) -> None:
        """Write the samples, whole or not at all, if the load names a file for them."""
        if not self._load.samples or not self._file or not self._path:
            return
        self._file.close()
        errors = told.pop("errors")
        document = {
            "profile": self._load.profile["id"],
            "complete": not trouble,
            "trouble": trouble,
            "loop": "closed" if self._load.is_closed else "open",
            **told,
            "records": self._path.name,
            "layout": LAYOUT.descr,
            "operations": self._operations,
            "requests": self._requests,
            "sides": {
                side: {
                    name: {**each, "errors": _texts(errors, place, number)}
                    for number, (name, each) in enumerate(operations.items())
                }
                for place, (side, operations) in enumerate(self._by_side(50, 95, 99, 99.9).items())
            },
            "histograms": {
                side: {
                    name: self._distributions[place, number].histogram.encode().decode()
                    for number, name in enumerate(self._operations)
                }
                for place, side in enumerate(self._sides)
            },
        }
        path = Path(self._load.samples)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(path)

    def _forget(self) -> None:
        while self._recent and self._recent[0][0] < time.time() - _RECENT_S:
            self._recent.popleft()

    def _by_side(self, *percents: float) -> dict[str, dict[str, dict[str, Any]]]:
        return {
            side: {
                name: self._distributions[place, number].told(*percents) for number, name in enumerate(self._operations)
            }
            for place, side in enumerate(self._sides)
        }


def _enter(distribution: Distribution, latencies_us: Any) -> None:
    for value, times in zip(*np.unique(latencies_us, return_counts=True), strict=True):
        distribution.add(int(value), int(times))


def _texts(errors: Counter[tuple[int, int, str]], side: int, operation: int) -> list[str]:
    mine = Counter({text: times for (a, b, text), times in errors.items() if (a, b) == (side, operation)})
    return [f"{text} ({times} times)" for text, times in mine.most_common(_TEXTS)]


def _quantile_ms(bits: Counter[int], share: float) -> float:
    """A quantile of microseconds that were counted by their number of bits, rounded up to the next power of two."""
    wanted, seen = math.ceil(bits.total() * share), 0
    for each in sorted(bits):
        seen += bits[each]
        if seen >= wanted:
            return float(2**each / 1000) if each else 0.0
    return 0.0
