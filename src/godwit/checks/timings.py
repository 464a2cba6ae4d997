"""Metrics of what was timed turn by turn, each turn a process of its own; a side on which something failed measures nothing."""

import numpy as np

from godwit.checks.blocks import DRAWN, Blocks
from godwit.checks.measured import Measured, Missing, Samples
from godwit.verdict import Observation

_SIDES = ("baseline", "candidate")


def benchmark_us(observation: Observation, side: str, operation: str | None) -> Measured:
    """Time of one call in a file of benchmarks, as pytest-benchmark took it.

    Each turn, a process of its own, is a witness. The criterion names the `benchmark` and, as its operation, the function.
    """
    return _timed(observation, side, operation, 1e6)


def startup_ms(observation: Observation, side: str, _: str | None) -> Measured:
    """Time from a start till the stack is healthy; one that does not come up took for ever. The criterion names the `starts`."""
    return _timed(observation, side, "startup_ms", 1e3)


def recovery_ms(observation: Observation, side: str, _: str | None) -> Measured:
    """Time from a kill -9 till the stack, started again at once, is healthy. The criterion names the `starts`."""
    return _timed(observation, side, "recovery_ms", 1e3)


def _timed(observation: Observation, side: str, name: str | None, scale: float) -> Measured:
    """What was timed on a side; Missing as soon as either side has something that it did not measure."""
    for role in _SIDES:
        timing = observation.timings.get(role, {}).get(name or "")
        if timing is None:
            return Missing(f"nothing was timed of {name} on the {role}")
        if timing.trouble or not all(timing.turns) or len(timing.turns) < DRAWN:
            few = f"{len(timing.turns)} turns, of which {sum(map(bool, timing.turns))} measured anything"
            return Missing(f"{name} on the {role}: {timing.trouble or few}")
    turns = observation.timings[side][name or ""].turns
    values = np.concatenate([np.asarray(turn, dtype=np.float64) for turn in turns]) * scale
    places = np.repeat(np.arange(len(turns)), [len(turn) for turn in turns])
    order = np.argsort(values, kind="stable")
    blocks = Blocks(values[order], places[order], len(turns))
    return Samples(blocks.values, int(np.isinf(values).sum()), blocks)
