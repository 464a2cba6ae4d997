"""Cuts the times of a load into slices that are the same on all sides; makes no interval of them."""

from collections.abc import Collection, Mapping

import numpy as np

from godwit.checks.blocks import DRAWN, SLICES, VALUES_AT_LEAST, Blocks, blocks_of
from godwit.verdict import LoadRun, Turns


def response_blocks(load: LoadRun, side: str, operation: str | None) -> Blocks | None:
    """A side's response times with the slice of the run in which each was due; None where there are too few, or no times."""
    turns = load.turns.get(side)
    if not isinstance(turns, Turns):
        return None
    return sliced(load.turns, turns, None if operation is None else [operation])


def sliced(sides: Mapping[str, object], turns: Turns, names: Collection[str] | None) -> Blocks | None:
    """Times of some operations, or of all, in slices that are the same on all sides."""
    known = [each for each in sides.values() if isinstance(each, Turns) and len(each)]
    due_us, latencies_us = (np.array(column, dtype=np.int64) for column in (turns.due_us, turns.latencies_us))
    if names is not None:
        places = [place for place, name in enumerate(turns.names) if name in names]
        chosen = np.isin(np.array(turns.operations), places)
        due_us, latencies_us = due_us[chosen], latencies_us[chosen]
    slices = SLICES if len(due_us) >= SLICES * VALUES_AT_LEAST else DRAWN
    if len(due_us) < slices * VALUES_AT_LEAST:
        return None
    begin_us = min(int(np.min(each.due_us)) for each in known)
    end_us = 1 + max(int(np.max(each.due_us)) for each in known)
    return blocks_of(np.where(latencies_us > 0, latencies_us / 1000, np.inf), due_us, begin_us, end_us, slices)
