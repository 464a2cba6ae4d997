"""How far the plan of a run leads back, for those who release; it reads the plan and what ran, and decides nothing."""

from collections.abc import Collection, Sequence

from godwit.plan import Plan
from godwit.verdict import CheckRecord, Outcome, WayBack


def way_back(plan: Plan, only: Collection[str], checks: Sequence[CheckRecord]) -> WayBack:
    """The point of no return, whether the run went beyond it, and phases (`only` those named, if any) without a runbook.

    A phase is entered through all its steps: where a check of it came to a judgement, they are behind it. Where all that ran
    ended in errors nobody knows how many were carried out.
    """
    served = {phase for runbook in plan.runbooks for phase in runbook.from_phases}
    asked = [phase.id for phase in plan.phases if not only or phase.id in only]
    without = tuple(phase for phase in asked if phase not in served and phase not in plan.beyond_return)
    point = plan.point_of_no_return
    if point is None:
        return WayBack(without=without)
    behind = {*plan.beyond_return, *((point.phase,) if point.step else ())}
    ran = [check.outcome for check in checks if check.phase in behind and check.repeat]
    judged = any(outcome is not Outcome.ERRORED for outcome in ran)
    return WayBack(point.place, point.why, True if judged else None if ran else False, without)
