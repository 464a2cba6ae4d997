"""The schedule of a load: which request is due when, on which side, as whom; knows no network, no clock and no Locust."""

import math
import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, NamedTuple

_EPSILON = 1e-9

PARTS = ("first-byte", "first-event", "event")
"""What is timed of a stream besides its whole: the head of its answer, its first event, and each event from the one before."""


class Arrival(NamedTuple):
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


class Rate:
    """Arrivals a second as a function of time: pieces of (seconds, rate at the beginning, rate at the end), each a straight line."""

    def __init__(self, segments: Sequence[tuple[float, float, float]]) -> None:
        self.segments = tuple(_joined(segments))
        if not self.segments or any(each[0] <= 0 or min(each[1:]) < 0 for each in self.segments):
            raise ValueError("a rate needs segments that last longer than 0 s, and no rate under 0")
        self._begins_s, self._begins_n = [0.0], [0.0]
        for seconds, begin, end in self.segments:
            self._begins_s.append(self._begins_s[-1] + seconds)
            self._begins_n.append(self._begins_n[-1] + seconds * (begin + end) / 2)
        self.seconds, self.expected = self._begins_s.pop(), self._begins_n.pop()
        (_, begin, end), *more = self.segments
        self._steady = begin if begin == end and not more else 0.0
        self.total = max(1, math.ceil(self.expected - _EPSILON))

    def at_s(self, number: float) -> float:
        """The second at which so many arrivals have been due before: arrival `number`, counted from 0, is due then."""
        if self._steady:  # most loads are, and each arrival asks
            return min(self.seconds, number / self._steady)
        place = bisect_right(self._begins_n, number) - 1
        seconds, begin, end = self.segments[place]
        return self._begins_s[place] + _when(number - self._begins_n[place], seconds, begin, end)

    def rate_at(self, at_s: float) -> float:
        """Arrivals a second at a moment; before the beginning and after the end as there."""
        place = max(0, bisect_right(self._begins_s, at_s) - 1)
        seconds, begin, end = self.segments[place]
        done = min(1.0, max(0.0, (at_s - self._begins_s[place]) / seconds))
        return begin + (end - begin) * done


class Load:
    """One load as a JSON document describes it (see README.md): sides, mix, users, times."""

    def __init__(self, parameters: Mapping[str, Any], host: str | None = None) -> None:
        profile = parameters["profile"]
        self.profile: dict[str, Any] = profile
        self.warmup_s = float(profile.get("warmup_s", 1.0))
        self.is_closed = profile.get("loop") == "closed"
        self.concurrency = int(profile.get("concurrency") or 1)
        self.think_s = float(profile.get("think_s") or 0.0)
        self.connections = int(profile.get("connections") or 2000)
        self.rate = Rate(
            [(self.warmup_s + float(profile["duration_s"]), 1.0, 1.0)] if self.is_closed else self._rates()
        )
        self.targets: dict[str, str] = parameters.get("targets") or ({"candidate": host} if host else {})
        self.route: dict[str, Any] | None = parameters.get("route")
        self.block = int(profile.get("block") or 0)
        self.timeout_s = float(parameters.get("timeout_s", 10.0))
        self.seed = int(parameters.get("seed", 0))
        self.users: dict[str, list[list[str]]] = parameters.get("users") or {}
        self.samples: str | None = parameters.get("samples")
        self.progress: str | None = parameters.get("progress")
        self.commands: dict[str, dict[str, Any]] = parameters.get("commands") or {}
        if not self.targets:
            raise ValueError("name where to send the load: targets in the document, or --host on the command line")

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Every request that may be sent: the operations, and then the steps that follow them in flows."""
        operations = self.profile["operations"]
        return [*operations, *(step for operation in operations for step in operation.get("then") or ())]

    @property
    def names(self) -> list[tuple[str, str]]:
        """What records count: every request with its method, and then the parts of those that are streams."""
        requests = self.requests
        kinds = [(each["id"], "CLI" if each.get("command") else each.get("method", "GET")) for each in requests]
        return kinds + [(f"{each['id']} {part}", "SSE") for each in requests if each.get("stream") for part in PARTS]

    def parts_of(self, place: int) -> int:
        """The place, among all names, of the first part of the stream that stands at a place among the requests."""
        requests = self.requests
        return len(requests) + len(PARTS) * sum(1 for each in requests[:place] if each.get("stream"))

    @property
    def longest(self) -> int:
        """How many requests the longest flow has."""
        return max(1 + len(operation.get("then") or ()) for operation in self.profile["operations"])

    def next_of(self, place: int) -> int | None:
        """The place, among all requests, of the one that follows the one at a place; None where a flow ends."""
        begin = len(self.profile["operations"])
        for number, operation in enumerate(self.profile["operations"]):
            steps = list(range(begin, begin + len(operation.get("then") or ())))
            begin += len(steps)
            flow = [number, *steps]
            if place in flow[:-1]:
                return flow[flow.index(place) + 1]
        return None

    def arrivals(self, share: tuple[int, int] = (0, 1)) -> Iterator[Arrival]:
        """All arrivals in order of time: sides in turn, the same operations for each, the same for a seed.

        A `share` of (index, of) gives every `of`-th turn, on all sides: what tells one worker from another then tells no side
        from another. All shares together are the whole. A closed loop has no end and no times: its arrivals are due when an
        answer is in.
        """
        people = {side: self._people(side) for side in self.targets}
        last = None if self.is_closed else self.rate.total
        index, of = share
        for number, (side, turn, operation) in islice(enumerate(self._turns()), last):
            if turn % of != index:
                continue
            at_s = 0.0 if self.is_closed else self.rate.at_s(number)
            user, team = people[side][turn % len(people[side])]
            yield Arrival(number, at_s, side, operation, user, team, at_s >= self.warmup_s, turn)

    def _rates(self) -> list[tuple[float, float, float]]:
        """The warm-up at the rate with which the measured part begins, and that."""
        profile = self.profile
        if profile.get("segments"):
            parts = [(float(each["seconds"]), float(each["from"]), float(each["to"])) for each in profile["segments"]]
        else:
            parts = [(float(profile["duration_s"]), float(profile["rate_per_s"]), float(profile["rate_per_s"]))]
        begin = parts[0][1]
        return [(self.warmup_s, begin, begin), *parts] if self.warmup_s else parts

    def _turns(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Side, turn of that side and operation, for ever: arrival by arrival, or in blocks whose order the seed draws."""
        sides, mix = list(self.targets), self._mix()
        if not self.block:
            return ((side, turn, operation) for turn, operation in enumerate(mix) for side in sides)
        return self._in_blocks(sides, mix)

    def _in_blocks(self, sides: list[str], mix: Iterator[dict[str, Any]]) -> Iterator[tuple[str, int, dict[str, Any]]]:
        chance = random.Random(self.seed + 1)
        for start in count(0, self.block):
            operations = list(islice(mix, self.block))
            for side in chance.sample(sides, len(sides)):
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


def _joined(segments: Sequence[tuple[float, float, float]]) -> Iterator[tuple[float, float, float]]:
    """The segments, neighbours of one constant rate made into one, so that times of a steady load have no seam."""
    held: tuple[float, float, float] | None = None
    for seconds, begin, end in segments:
        if held and begin == end == held[1] == held[2]:
            held = (held[0] + seconds, begin, end)
            continue
        if held:
            yield held
        held = (float(seconds), float(begin), float(end))
    if held:
        yield held


def _when(wanted: float, seconds: float, begin: float, end: float) -> float:
    """When a straight line from one rate to another has let so many arrivals through."""
    slope = (end - begin) / seconds
    if slope == 0:
        return min(seconds, wanted / begin) if begin else seconds
    inside = max(0.0, begin * begin + 2 * slope * wanted)
    return min(seconds, 2 * wanted / (begin + math.sqrt(inside))) if wanted else 0.0
