"""The schedule of an open-loop load, what came of each arrival, and the record of both; knows no network and no Locust."""

import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

LATE_S = 0.05
"""An arrival that starts this much after its time did so through the generator's own fault."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request to send: when (seconds after the start), to which side, what, as whom; `measured` after the warm-up.

    `turn` counts the arrivals of a side; the same turn of each side sends the same operation.
    """

    number: int
    at_s: float
    side: str
    operation: dict[str, Any]
    user: str
    team: str
    measured: bool
    turn: int


@dataclass(slots=True)
class Outcomes:
    """What came of the measured arrivals of one operation on one side: latencies in microseconds, and failures."""

    latencies_us: list[int] = field(default_factory=list)
    failed: int = 0
    errors: Counter[str] = field(default_factory=Counter)


class Load:
    """One load as a JSON document describes it (see README.md): sides, mix, users, times."""

    def __init__(self, parameters: dict[str, Any], host: str | None = None) -> None:
        profile = parameters["profile"]
        self.profile: dict[str, Any] = profile
        self.rate_per_s = float(profile["rate_per_s"])
        self.warmup_s = float(profile.get("warmup_s", 1.0))
        self.duration_s = float(profile["duration_s"])
        self.targets: dict[str, str] = parameters.get("targets") or ({"candidate": host} if host else {})
        self.route: dict[str, Any] | None = parameters.get("route")
        self.block = int(profile.get("block") or 0)
        self.timeout_s = float(parameters.get("timeout_s", 10.0))
        self.seed = int(parameters.get("seed", 0))
        self.users: dict[str, list[list[str]]] = parameters.get("users") or {}
        self.samples = parameters.get("samples")
        self.progress = parameters.get("progress")
        if not self.targets:
            raise ValueError("name where to send the load: targets in the document, or --host on the command line")
        self.count = max(1, math.ceil((self.warmup_s + self.duration_s) * self.rate_per_s))

    def arrivals(self) -> Iterator[Arrival]:
        """All arrivals in order of time: sides in turn, the same operations for each, the same for a seed."""
        people = {side: self._people(side) for side in self.targets}
        for number, (side, turn, operation) in enumerate(islice(self._turns(), self.count)):
            at_s = number / self.rate_per_s
            user, team = people[side][turn % len(people[side])]
            yield Arrival(number, at_s, side, operation, user, team, at_s >= self.warmup_s, turn)

    def _turns(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Side, turn of that side and operation, for ever: arrival by arrival, or in blocks whose order the seed draws."""
        sides, mix, chance = list(self.targets), self._mix(), random.Random(self.seed + 1)
        size = self.block or 1
        for start in count(0, size):
            operations = list(islice(mix, size))
            order = chance.sample(sides, len(sides)) if self.block else sides
            for side in order:
                yield from ((side, start + place, operation) for place, operation in enumerate(operations))

    def _mix(self) -> Iterator[dict[str, Any]]:
        """Operations for ever, by their shares, in an order that the seed decides."""
        chance = random.Random(self.seed)
        operations = self.profile["operations"]
        weights = [float(operation["share"]) for operation in operations]
        while True:
            yield from chance.choices(operations, weights, k=1000)

    def _people(self, side: str) -> list[list[str]]:
        found = list(self.users.get(side, [])) or [[f"user-{number}", ""] for number in range(1, 201)]
        random.Random(self.seed).shuffle(found)
        return found[: int(self.profile.get("users", 200))]


class Record:
    """Everything that is known of a run so far."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.sides: dict[str, dict[str, Outcomes]] = {
            side: {operation["id"]: Outcomes() for operation in load.profile["operations"]} for side in load.targets
        }
        self.turns: dict[str, list[tuple[int, str, int]]] = {side: [] for side in load.targets}
        self.asked = self.sent = self.failed = self.late = 0
        self.recent_us: list[int] = []
        self.cpu = self.seconds = 0.0

    def started(self, arrival: Arrival, behind_s: float) -> None:
        """Note that an arrival was sent, and how far behind its time."""
        self.sent += 1
        self.late += arrival.measured and behind_s > LATE_S

    def ended(self, arrival: Arrival, latency_us: int, problem: str) -> None:
        """Note how an arrival ended; `problem` is empty for a success."""
        self.failed += bool(problem)
        if not problem:
            self.recent_us = [*self.recent_us[-1999:], latency_us] if len(self.recent_us) > 3999 else self.recent_us
            self.recent_us.append(latency_us)
        if not arrival.measured:
            return
        self.asked += 1
        self.turns[arrival.side].append((arrival.turn, arrival.operation["id"], 0 if problem else latency_us))
        outcomes = self.sides[arrival.side][arrival.operation["id"]]
        if problem:
            outcomes.failed += 1
            outcomes.errors[problem[:200]] += 1
        else:
            outcomes.latencies_us.append(latency_us)

    def progress(self, seconds: float) -> dict[str, Any]:
        """The run so far in one line; p95 over the last 2,000 to 4,000 successes, in milliseconds."""
        recent = sorted(self.recent_us)
        p95 = recent[max(0, math.ceil(len(recent) * 0.95) - 1)] / 1000 if recent else None
        return {"seconds": round(seconds, 1), "sent": self.sent, "failed": self.failed, "p95_ms": p95}

    def write(self, complete: bool) -> None:
        """Write the exact samples, whole or not at all, if the load names a file for them."""
        if not self.load.samples:
            return
        document = {
            "profile": self.load.profile["id"],
            "complete": complete,
            "seconds": self.seconds,
            "asked": self.asked,
            "generator_cpu": self.cpu / self.seconds if self.seconds else 0.0,
            "late_share": self.late / self.asked if self.asked else 0.0,
            "sides": {
                side: {name: _plain(outcomes) for name, outcomes in operations.items()}
                for side, operations in self.sides.items()
            },
            "turns": {side: sorted(turns) for side, turns in self.turns.items()},
        }
        path = Path(self.load.samples)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
        part.replace(path)


def _plain(outcomes: Outcomes) -> dict[str, Any]:
    errors = [f"{text} ({count} times)" for text, count in outcomes.errors.most_common(20)]
    return {"latencies_us": outcomes.latencies_us, "failed": outcomes.failed, "errors": errors}
