"""Metrics of streams of events: when they begin, how evenly they go on, how much they tell; follows no stream."""

import numpy as np

from godwit.checks.intervals import floats
from godwit.checks.measured import Measured, Missing, Samples, Tally
from godwit.checks.slices import sliced
from godwit.verdict import Observation


def first_byte_ms(observation: Observation, side: str, operation: str | None) -> Measured:
    """Time from the intended start of a request to the head of its answer, where that is a stream; a failed one took forever."""
    return _part_ms(observation, side, operation, ("first-byte",))


def first_event_ms(observation: Observation, side: str, operation: str | None) -> Measured:
    """Time from the intended start of a request to the first event of the stream that answers it; a failed one took forever."""
    return _part_ms(observation, side, operation, ("first-event",))


def event_gap_ms(observation: Observation, side: str, operation: str | None) -> Measured:
    """Time from one event of a stream to the next; one that never came, though it was asked for, took forever."""
    return _part_ms(observation, side, operation, ("event",))


def streamed_events_per_s(observation: Observation, side: str, operation: str | None) -> Measured:
    """Events of streams that came, per second, over all streams that were open."""
    found = _part_ms(observation, side, operation, ("first-event", "event"))
    if not isinstance(found, Samples):
        return found
    return Tally(int(np.count_nonzero(np.isfinite(found.values))), observation.load.seconds)


def _part_ms(observation: Observation, side: str, operation: str | None, parts: tuple[str, ...]) -> Measured:
    """What was timed of streams: those of one operation, or of all."""
    turns = observation.load.parts.get(side)
    seen = set() if turns is None else {turns.names[place] for place in turns.operations}
    wanted = {name for name in seen if _is_of(name, operation, parts)}
    if turns is None or not wanted:
        return Missing(f"no stream{f' of operation {operation!r}' if operation else ''} on the {side} got so far")
    blocks = sliced(observation.load.parts, turns, wanted)
    values = floats([us / 1000 if us else float("inf") for _, name, us in turns if name in wanted])
    failed = int(np.count_nonzero(np.isinf(values)))
    return Samples(values if blocks is None else blocks.values, failed, blocks)


def _is_of(name: str, operation: str | None, parts: tuple[str, ...]) -> bool:
    its, _, part = name.rpartition(" ")
    return part in parts and operation in (None, its)
