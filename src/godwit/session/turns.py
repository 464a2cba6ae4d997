"""Times something on both sides in turn, on a machine that is quiet enough; what it is that is timed, others say."""

import time
from collections.abc import Callable, Mapping
from random import Random

from godwit.checks import unfit
from godwit.session.world import World
from godwit.stacks import Neighbours
from godwit.verdict import LoadRun, Observation, Series, Timing

SIDES = ("baseline", "candidate")
_TRIES = 3

Once = Callable[[str, int], Mapping[str, Timing]]
"""Times a side in the turn of this number: what was timed, by its name."""


def in_turn(world: World, name: str, turns: int, other_work: float, once: Once) -> Observation:
    """Both sides, turn by turn; which begins a turn is drawn by the seed. Done again where other work kept the machine busy.

    `other_work` is how much of the machine it may use, in percent. What was measured never decides whether it is done again.
    """
    for _ in range(_TRIES - 1):
        observation = _all(world, name, turns, other_work, once)
        trouble = unfit(observation.load)
        if not trouble:
            return observation
        world.events.emit("turns", name, f"once more: {trouble}")
    return _all(world, name, turns, other_work, once)


def _all(world: World, name: str, turns: int, other_work: float, once: Once) -> Observation:
    world.events.emit("turns", name, f"{turns} turns on either side")
    chance = Random(f"{world.plan.migration.seed}-{name}")
    seen: dict[str, list[Mapping[str, Timing]]] = {side: [] for side in SIDES}
    took_us: dict[str, list[int]] = {side: [] for side in SIDES}
    neighbours = Neighbours(list(world.stacks.values()))
    began = time.monotonic()
    neighbours.start()
    for number in range(turns):
        for side in chance.sample(SIDES, 2):
            start = time.monotonic()
            seen[side].append(once(side, number))
            took_us[side].append(round(1_000_000 * (time.monotonic() - start)))
    load = LoadRun(
        profile=name,
        seconds=time.monotonic() - began,
        asked=2 * turns,
        generator_cpu=0.0,
        late_share=0.0,
        sides={side: {"turn": Series(took_us[side])} for side in SIDES},
        foreign_cpu=neighbours.stop(),
        foreign_cpu_at_most=other_work / 100,
    )
    world.events.emit("turns", name, f"done; other work used {load.foreign_cpu:.0%} of the machine")
    return Observation(load, timings={side: _joined(seen[side]) for side in SIDES})


def _joined(turns: list[Mapping[str, Timing]]) -> dict[str, Timing]:
    """What each thing took over all turns of a side; its trouble in one turn is its trouble."""
    joined = {}
    for name in dict.fromkeys(name for turn in turns for name in turn):
        parts = [turn.get(name, Timing(trouble="it was not there in every turn")) for turn in turns]
        trouble = next((part.trouble for part in parts if part.trouble), "")
        joined[name] = Timing(tuple(values for part in parts for values in part.turns), trouble)
    return joined
