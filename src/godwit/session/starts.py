"""Starts both versions in turn, beside the stacks that run, and gives how long each took to be healthy; `checks` judges it."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing

from godwit.plan import Starts as Asked
from godwit.session.turns import SIDES, in_turn
from godwit.session.world import World
from godwit.stacks import Stack
from godwit.state import clone
from godwit.verdict import HarnessError, Observation, StackError, Timing


class Starts:
    """Observations by phase and name, made on first need."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[tuple[str, str], Observation] = {}

    def observe(self, name: str, within: str) -> Observation:
        """How long starts took, made once within a phase; a kill before each second one only where a criterion asks for it."""
        key = (within, name)
        if key not in self._seen:
            asked = next(item for item in self._world.plan.starts if item.id == name)
            kills = any(it.starts == name and it.metric == "recovery_ms" for it in self._world.plan.criteria)
            self._seen[key] = self._observed(asked, within, kills=kills)
        return self._seen[key]

    def _observed(self, asked: Asked, within: str, *, kills: bool) -> Observation:
        with ExitStack() as opened:
            stacks = {
                side: opened.enter_context(closing(self._beside(side, f"{within}-{asked.id}-{side}"))) for side in SIDES
            }

            def once(side: str, _: int) -> Mapping[str, Timing]:
                stack = stacks[side]
                took = {"startup_ms": _timed(stack.start)}
                if kills:
                    took["recovery_ms"] = _timed(lambda: _again(stack))
                stack.stop()
                return took

            return in_turn(self._world, asked.id, asked.turns, asked.other_work, once)

    def _beside(self, side: str, name: str) -> Stack:
        """An instance of a side's code, not started, on a copy of its store if it has one."""
        source = self._world.stack(side).store
        if source is None:
            return self._world.beside(side)
        if not source.startswith("sqlite"):
            raise HarnessError(f"starts on the {side}: only SQLite stores are copied, and this is none")
        folder = self._world.work.resolve() / "starts"
        folder.mkdir(exist_ok=True)
        url = f"sqlite:///{folder / name}.db"
        clone(source, url)
        return self._world.beside(side, url)


def _timed(act: Callable[[], None]) -> Timing:
    """How long it took; for ever where the stack did not come up, of which its log says more."""
    began = time.monotonic()
    try:
        act()
    except StackError:
        return Timing(((math.inf,),))
    return Timing(((time.monotonic() - began,),))


def _again(stack: Stack) -> None:
    stack.kill()
    stack.start()
