"""Takes the rollout steps of a phase: sets a step's flags once, looks who moved, and loads both arms alike."""

from godwit.checks import judge_cohort, judge_monotone, judge_share
from godwit.plan import Cohort, RolloutStep
from godwit.session.budgets import Budgets, by_side
from godwit.session.expansion import StepCriterion
from godwit.session.world import World
from godwit.verdict import Judgement, all_of, inconclusive


class Ramp:
    """The rollout as it widens."""

    def __init__(self, world: World, budgets: Budgets) -> None:
        self._world = world
        self._budgets = budgets
        self._moved: dict[str, set[str]] = {}

    def share(self, step: RolloutStep) -> Judgement:
        """Whether the random share of a step is its percentage, counted over users that no cohort names."""
        members = self._members(step)
        free = [who for who, _ in self._world.users if who not in members]
        moved = self._enter(step)
        return judge_share(step.percent, sum(who in moved for who in free), len(free))

    def cohorts(self, step: RolloutStep) -> Judgement:
        """Whether every member of the step's cohorts is on the candidate."""
        moved = self._enter(step)
        if not step.cohorts:
            return judge_share(step.percent, len(moved), len(self._world.users))
        return all_of(judge_cohort(self._cohort(self._named(name)), moved) for name in step.cohorts)

    def nobody_left(self, step: RolloutStep) -> Judgement:
        """Whether everybody who was on the candidate in an earlier step still is."""
        self._enter(step)
        steps = [item for phase in self._world.plan.phases for item in phase.rollout if item.id in self._moved]
        return judge_monotone([(item.percent, self._moved[item.id]) for item in steps])

    def criterion(self, asked: StepCriterion) -> Judgement:
        """Judge a criterion under the load of a step, as many arrivals on either arm."""
        self._enter(asked.step)
        arms = by_side(self._world.router, self._world.users)
        if asked.step.percent < 100 and not all(arms.values()):
            return inconclusive(f"step {asked.step.id} leaves an arm without users: nothing to compare")
        self._budgets.observe(asked.step.profile, asked.step.id, {side: arm for side, arm in arms.items() if arm})
        wanted = asked.criterion.model_copy(update={"profile": asked.step.profile})
        return self._budgets.judge(wanted, asked.step.id)

    def _enter(self, step: RolloutStep) -> set[str]:
        if step.id not in self._moved:
            self._world.events.emit("rollout-step", step.id, step.sentence)
            self._world.router.set_flags(dict(step.flags))
            assigned = self._world.router.assignments(self._world.users)
            self._moved[step.id] = {who for who, side in assigned.items() if side == "candidate"}
        return self._moved[step.id]

    def _named(self, name: str) -> Cohort:
        return next(cohort for cohort in self._world.plan.cohorts if cohort.id == name)

    def _cohort(self, cohort: Cohort) -> set[str]:
        return {who for who, team in self._world.users if team in cohort.teams}

    def _members(self, step: RolloutStep) -> set[str]:
        return {who for name in step.cohorts for who in self._cohort(self._named(name))}
