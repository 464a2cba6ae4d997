"""What was observed of a load: every measured request, and how the generator itself fared; values only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Series:
    """The requests of one operation on one side: latencies of those that succeeded (µs from the intended start), and failures."""

    latencies_us: Sequence[int]
    failed: int = 0
    errors: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many requests were answered or failed."""
        return len(self.latencies_us) + self.failed


@dataclass(frozen=True, slots=True)
class Turns:
    """One side's requests in the order in which they were due, in columns of one length.

    `numbers` are those of the turns (the same on both sides for the same operation), `due_us` microseconds since the load
    began, `operations` places in `names`, `latencies_us` 0 for a failure. Iterates over (turn, operation, latency).
    """

    numbers: Sequence[int]
    due_us: Sequence[int]
    operations: Sequence[int]
    latencies_us: Sequence[int]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[tuple[int, str, int]]:
        for turn, operation, latency_us in zip(self.numbers, self.operations, self.latencies_us, strict=True):
            yield turn, self.names[operation], latency_us


@dataclass(frozen=True, slots=True)
class Timing:
    """What one thing took on one side, in seconds: turn by turn, in the order of the turns. `trouble` says why it was not measured."""

    turns: tuple[tuple[float, ...], ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class LoadRun:
    """One run of a load profile after its warm-up.

    `sides` maps a side (`baseline`, `candidate`) to its operations. `generator_cpu` is the generator's own use of one
    core (0 to 1 and above; of its busiest worker), `asked` the number of arrivals scheduled in the window, `late_share` the
    part of them that started more than 50 ms after its time through the generator's own fault, `late_p99_ms` how late 99 %
    of them started at most. `faults` counts what else the generator could not do: `connections` (requests that waited for
    one of the most that it may open), `ports`, `files`, `memory` (requests that were never sent, and that are in no series).
    `foreign_cpu` is the share of the whole machine (0 to 1) that anything but the generator and the stacks used meanwhile,
    `foreign_cpu_at_most` how much may be. `turns` are each side's requests in the order in which they were due: number of
    the turn (the same on both sides for the same operation), operation, and latency in µs, 0 for a failure. In an open loop
    requests came on a schedule, in a closed one each user asked again when it was answered: slow answers ask for less load.
    `parts` holds what was timed of streams in the same columns, under `<operation> first-byte`, `<operation> first-event` and
    `<operation> event`, the time from the event before.
    """

    profile: str
    seconds: float
    asked: int
    generator_cpu: float
    late_share: float
    sides: Mapping[str, Mapping[str, Series]]
    source: str = ""
    foreign_cpu: float = 0.0
    foreign_cpu_at_most: float = 0.3
    turns: Mapping[str, Iterable[tuple[int, str, int]]] = field(default_factory=dict)
    loop: Literal["open", "closed"] = "open"
    workers: int = 1
    faults: Mapping[str, int] = field(default_factory=dict)
    late_p99_ms: float = 0.0
    parts: Mapping[str, Turns] = field(default_factory=dict)
