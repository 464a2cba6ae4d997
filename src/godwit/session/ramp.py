"""Takes the rollout steps of a phase: sets a step's flags once, looks who moved, loads both arms alike, has the step judged.

No step is entered before the judges of those before it have promoted them; it is not reached then, and says so.
"""

from godwit.checks import judge_cohort, judge_monotone, judge_share
from godwit.plan import Cohort, Phase, RolloutStep
from godwit.session.budgets import Budgets, by_side
from godwit.session.expansion import StepCriterion
from godwit.session.judging import Arms, Judging
from godwit.session.world import World
from godwit.verdict import Judgement, Outcome, all_of, inconclusive


class Ramp:
    """The rollout as it widens."""

    def __init__(self, world: World, budgets: Budgets) -> None:
        self._world = world
        self._budgets = budgets
        self._judging = Judging(world, budgets)
        self._moved: dict[str, set[str]] = {}
        self._arms: dict[str, Arms] = {}
        self._judged: dict[str, Judgement] = {}
        self._last: RolloutStep | None = None

    def share(self, step: RolloutStep) -> Judgement:
        """Whether the random share of a step is its percentage, counted over users that no cohort names."""
        if why := self._unreached(step):
            return inconclusive(why)
        members = self._members(step)
        free = [who for who, _ in self._world.users if who not in members]
        moved = self._enter(step)
        return judge_share(step.percent, sum(who in moved for who in free), len(free))

    def cohorts(self, step: RolloutStep) -> Judgement:
        """Whether every member of the step's cohorts is on the candidate."""
        if why := self._unreached(step):
            return inconclusive(why)
        moved = self._enter(step)
        if not step.cohorts:
            return judge_share(step.percent, len(moved), len(self._world.users))
        return all_of(judge_cohort(self._cohort(self._named(name)), moved) for name in step.cohorts)

    def nobody_left(self, step: RolloutStep) -> Judgement:
        """Whether everybody who was on the candidate in an earlier step still is."""
        if why := self._unreached(step):
            return inconclusive(why)
        self._enter(step)
        steps = [item for phase in self._world.plan.phases for item in phase.rollout if item.id in self._moved]
        return judge_monotone([(item.percent, self._moved[item.id]) for item in steps])

    def criterion(self, asked: StepCriterion) -> Judgement:
        """Judge a criterion under the load of a step, as many arrivals on either arm."""
        step = asked.step
        if why := self._unreached(step):
            return inconclusive(why)
        self._enter(step)
        if why := self._one_armed(step):
            return inconclusive(why)
        self._load(step)
        wanted = asked.criterion.model_copy(update={"profile": step.profile})
        return self._budgets.judge(wanted, step.id)

    def judged(self, step: RolloutStep) -> Judgement:
        """What the step's judge decided at its last look; after an abort everybody is back where the phase began."""
        if step.id not in self._judged:
            self._judged[step.id] = self._judge(step)
        return self._judged[step.id]

    def _judge(self, step: RolloutStep) -> Judgement:
        if why := self._unreached(step):
            return inconclusive(why)
        self._enter(step)
        found = self._judging.judge(step, self._arms[step.id])
        if found.outcome is Outcome.FAILED:
            flags = dict(self._phase(step).flags)
            self._world.events.emit("rollout-step", step.id, "aborted; the flags of the phase are set again")
            self._world.journal.write("rollout-aborted", step=step.id, flags=flags, detail=found.reason)
            self._world.router.set_flags(flags)
        return found

    def _unreached(self, step: RolloutStep) -> str:
        """Why a step is not reached: a step before it was not promoted."""
        for earlier in self._phase(step).rollout:
            if earlier.id == step.id:
                return ""
            if earlier.judge is None:
                continue
            found = self.judged(earlier)
            if found.outcome is not Outcome.PASSED:
                word = "aborted" if found.outcome is Outcome.FAILED else "held"
                return f"not reached: step {earlier.id} was {word} ({found.reason})"
        return ""

    def _one_armed(self, step: RolloutStep) -> str:
        arms = self._arms[step.id]
        if step.percent < 100 and not all(arms.values()):
            return f"step {step.id} leaves an arm without users: nothing to compare"
        return ""

    def _enter(self, step: RolloutStep) -> set[str]:
        if step.id not in self._moved:
            self._finish_last(step)
            self._world.events.emit("rollout-step", step.id, step.sentence)
            self._world.router.set_flags(dict(step.flags))
            assigned = self._world.router.assignments(self._world.users)
            self._moved[step.id] = {who for who, side in assigned.items() if side == "candidate"}
            self._arms[step.id] = by_side(self._world.router, self._world.users)
            self._last = step
        return self._moved[step.id]

    def _finish_last(self, step: RolloutStep) -> None:
        """Load the step before under its own flags; once the next one has begun, nobody can any more."""
        last = self._last
        if last is not None and self._phase(last) is self._phase(step) and not self._one_armed(last):
            self._load(last)

    def _load(self, step: RolloutStep) -> None:
        self._budgets.observe(step.profile, step.id, {side: arm for side, arm in self._arms[step.id].items() if arm})

    def _phase(self, step: RolloutStep) -> Phase:
        return next(phase for phase in self._world.plan.phases if any(item is step for item in phase.rollout))

    def _named(self, name: str) -> Cohort:
        return next(cohort for cohort in self._world.plan.cohorts if cohort.id == name)

    def _cohort(self, cohort: Cohort) -> set[str]:
        return {who for who, team in self._world.users if team in cohort.teams}

    def _members(self, step: RolloutStep) -> set[str]:
        return {who for name in step.cohorts for who in self._cohort(self._named(name))}
