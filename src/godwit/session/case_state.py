"""Looks what a flag case did to the stores of the running stacks: rows that were there, invariants; it only reads."""

from collections.abc import Mapping
from typing import Any

from godwit.checks import judge_invariant, judge_kept
from godwit.plan import Invariant
from godwit.session.world import World
from godwit.verdict import GodwitError, Judgement, Outcome, inconclusive

Snapshot = Mapping[str, list[dict[str, Any]]]
_ROLES = ("baseline", "candidate")


class CaseState:
    """The stores from case to case; `begin` before the first one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: dict[str, Snapshot] = {}
        self._broken: dict[str, Judgement] = {}

    def begin(self) -> None:
        """Take the stores as they are now as what must be kept, and remember which invariants do not hold."""
        self._before = self._snapshots()
        found = {name: self._invariant(it) for name, it in self._invariants().items()}
        self._broken = {name: it for name, it in found.items() if it.outcome is not Outcome.PASSED}

    def look(self, case: str) -> dict[str, Judgement]:
        """What became of the rows that were there at the last look, and of the invariants; by store and invariant."""
        now = self._snapshots()
        matrix = self._world.plan.flags.matrix
        moving = matrix.moving if matrix else ()
        judgements = {
            f"rows of {role}": judge_kept(self._before[role], now[role], moving, note=f"after {case}") for role in now
        }
        for name, invariant in self._invariants().items():
            broken = self._broken.get(name)
            said = broken and inconclusive(f"it did not hold before the first case: {broken.reason}")
            judgements[f"invariant {name}"] = said or self._invariant(invariant)
        self._before = now
        return judgements

    def _snapshots(self) -> dict[str, Snapshot]:
        """The rows of every store that godwit may read, by role."""
        stacks = self._world.stacks
        roles = [role for role in _ROLES if role in stacks and stacks[role].store is not None]
        return {role: self._world.store(role).snapshot() for role in roles}

    def _invariants(self) -> dict[str, Invariant]:
        """Those in SQL, which can be asked of running stacks; where the baseline plays both roles, none of the candidate's.

        The other kinds hold all rows of both sides against one another, which is a matter of a conversion.
        """
        state = self._world.plan.state
        same = self._world.setting.candidate_as_baseline
        return {
            it.id: it
            for it in (state.invariants if state else ())
            if (it.baseline or it.candidate) and not (same and it.candidate)
        }

    def _invariant(self, invariant: Invariant) -> Judgement:
        asked = (("baseline", invariant.baseline), ("candidate", invariant.candidate))
        try:
            return judge_invariant(invariant, [self._world.store(role).scalar(sql) for role, sql in asked if sql])
        except GodwitError as error:
            return inconclusive(str(error))
