"""Stacks over a long time and at rest: has soaks run and base memory read, and both judged; decides nothing itself."""

import time

from godwit.checks import judge_footprint, judge_growth
from godwit.plan import Footprint
from godwit.session.budgets import Budgets
from godwit.session.expansion import Soaked
from godwit.session.world import World
from godwit.stacks import idle_samples
from godwit.verdict import HarnessError, Judgement

_APART_S = 0.1


class Endurance:
    """A soak is a load profile like any other, so it runs once a phase however many resources are judged by it."""

    def __init__(self, world: World, budgets: Budgets) -> None:
        self._world, self._budgets = world, budgets

    def piles_up(self, soaked: Soaked, within: str) -> Judgement:
        """Whether a resource piles up over the cycles of a soak, run within a phase."""
        return judge_growth(soaked.soak, soaked.resource, self._budgets.observe(soaked.soak.profile, within))

    def at_rest(self, footprint: Footprint) -> Judgement:
        """Whether a stack at rest takes little more memory than idle interpreters with the same imports."""
        stack = self._world.stack(footprint.on)
        runtime = stack.runtime()
        if runtime is None:
            raise HarnessError(
                f"footprints.{footprint.id}: code of the {footprint.on} cannot be run on this machine, so there is no idle "
                "interpreter to compare with; this promise needs the process profile"
            )
        time.sleep(footprint.settle_s)
        own = []
        for _ in range(footprint.readings):
            own.append(stack.sample())
            time.sleep(_APART_S)
        bare = idle_samples(runtime, footprint.imports, own[0].processes, footprint.readings)
        return judge_footprint(footprint, own, bare)
