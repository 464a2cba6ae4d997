"""Lints about criteria: limits, evidence floors, triggers beside gates, load mixes and who covers what."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import combinations

from godwit.plan.lint_flow import Rule, Said
from godwit.plan.model import Plan
from godwit.plan.sections.criteria import USUAL_FLOORS, Criterion, Limit, Trigger
from godwit.plan.sections.loads import LoadProfile

_OF_REQUESTS = ("p50", "p95", "p99", "p99.9", "share")
_UPPER, _LOWER = ("<", "<="), (">", ">=")


def _contradictions(plan: Plan) -> Iterator[Said]:
    criteria = {each.id: each for each in plan.criteria}
    for place, gate in enumerate(plan.gates):
        for one, other in combinations([criteria[name] for name in gate.criteria], 2):
            if _measures(one) == _measures(other) and one.metric and not _can_both_hold(one, other):
                said = f"{one.id} asks {_line(one)} and {other.id} asks {_line(other)} of the same measurement"
                yield "limits-contradict", ("gates", place, "criteria"), said


def _measures(criterion: Criterion) -> tuple[str | None, ...]:
    source = criterion.profile or criterion.benchmark or criterion.starts
    return criterion.metric, criterion.statistic, criterion.operation, source, criterion.unit


def _line(item: Criterion | Trigger) -> str:
    return f"{item.comparison} {_figure(item.limit)}"


def _figure(limit: Limit | None) -> str:
    if limit is None:
        return "nothing"
    if limit.absolute is not None:
        return f"{limit.absolute:g}"
    return f"{limit.worse_than_baseline_by:g} % worse than the baseline"


def _can_both_hold(one: Criterion, other: Criterion) -> bool:
    """Whether some value satisfies both absolute limits; relative ones depend on the baseline and may always hold."""
    low, high = float("-inf"), float("inf")
    strict = False
    for each in (one, other):
        if each.limit is None or each.limit.absolute is None:
            return True
        if each.comparison in (*_LOWER, "==") and each.limit.absolute >= low:
            low, strict = each.limit.absolute, strict or each.comparison == ">"
        if each.comparison in (*_UPPER, "==") and each.limit.absolute <= high:
            high, strict = each.limit.absolute, strict or each.comparison == "<"
    return low < high or (low == high and not strict)


def _evidence(plan: Plan) -> Iterator[Said]:
    profiles = {each.id: each for each in plan.profiles}
    for place, criterion in enumerate(plan.criteria):
        if criterion.evidence is None or criterion.statistic is None:
            continue
        asked = criterion.evidence.n
        usual = USUAL_FLOORS.get(criterion.statistic, 0)
        if asked < usual and criterion.evidence.why is None:
            said = f"a {criterion.statistic} on {asked} samples; ask for {usual}, or say why fewer are enough"
            yield "evidence-too-thin", ("criteria", place, "evidence"), said
        profile = profiles.get(criterion.profile or "")
        made = made_by(profile, criterion.operation) if profile else None
        if made is not None and criterion.statistic in _OF_REQUESTS and made < asked:
            said = f"profile {criterion.profile} makes about {made:.0f} such requests; the criterion needs {asked}"
            yield "evidence-out-of-reach", ("criteria", place, "evidence", "n"), said


def _soaks(plan: Plan) -> Iterator[Said]:
    """Soaks whose load has fewer cycles than they need, even if one side had all of it."""
    profiles = {each.id: each for each in plan.profiles}
    for place, soak in enumerate(plan.soaks):
        made, needed = made_by(profiles[soak.profile], None), soak.warmup + soak.at_least
        if made is not None and made / soak.cycle < needed:
            said = f"profile {soak.profile} makes about {made / soak.cycle:.0f} cycles of {soak.cycle} requests"
            yield "evidence-out-of-reach", ("soaks", place, "at_least"), f"{said}; the soak needs {needed}"


def made_by(profile: LoadProfile, operation: str | None) -> float | None:
    """How many requests of an operation, or of all, a load makes; None where the answers decide."""
    share = next(
        (each.share for each in profile.operations if operation in {it.id for it in (each, *each.then)}), 100.0
    )
    return None if profile.arrivals is None else profile.arrivals * share / 100


def _shares(plan: Plan) -> Iterator[Said]:
    for place, profile in enumerate(plan.profiles):
        whole = sum(each.share for each in profile.operations)
        if abs(whole - 100) > 0.01:
            said = f"the operations of {profile.id} add up to {whole:g} %"
            yield "shares-not-whole", ("profiles", place, "operations"), said


def _triggers(plan: Plan) -> Iterator[Said]:
    """Triggers beside the criteria of the same metric and statistic, where both limits are of one kind and can be compared."""
    gated = {name for gate in plan.gates for name in gate.criteria}
    for place, trigger in enumerate(plan.triggers):
        for criterion in plan.criteria:
            if criterion.id not in gated or _watched(criterion) != _watched(trigger):
                continue
            gap = _gap(criterion, trigger)
            if gap is None or gap == 0:
                continue
            pair = f"trigger {trigger.id} fires at {_line(trigger)}, criterion {criterion.id} asks {_line(criterion)}"
            if gap > 0:
                yield "trigger-looser-than-gate", ("triggers", place, "limit"), f"{pair}; between them is neither"
            else:
                yield "trigger-inside-gate", ("triggers", place, "limit"), f"{pair}; a passing value is rolled back"


def _watched(item: Criterion | Trigger) -> tuple[str | None, str | None]:
    return item.metric, item.statistic


def _gap(criterion: Criterion, trigger: Trigger) -> float | None:
    """How far beyond the gate's limit the trigger's lies (negative: inside); None if the two cannot be compared."""
    if criterion.limit is None:
        return None
    if criterion.limit.absolute is not None and trigger.limit.absolute is not None:
        distance = trigger.limit.absolute - criterion.limit.absolute
        if criterion.comparison in _UPPER and trigger.comparison in _LOWER:
            return distance
        return -distance if criterion.comparison in _LOWER and trigger.comparison in _UPPER else None
    asked, fired = criterion.limit.worse_than_baseline_by, trigger.limit.worse_than_baseline_by
    return fired - asked if asked is not None and fired is not None else None


def _covered(plan: Plan) -> Iterator[Said]:
    covered: dict[str, str] = {}
    for place, criterion in enumerate(plan.criteria):
        for index, row in enumerate(criterion.covers):
            if row in covered:
                said = f"row {row} is covered by {covered[row]} already"
                yield "row-covered-twice", ("criteria", place, "covers", index), said
            covered.setdefault(row, criterion.id)
    waived: dict[str, str] = {}
    for place, waiver in enumerate(plan.waivers):
        for index, name in enumerate(waiver.criteria):
            if name in waived:
                said = f"criterion {name} is waived by {waived[name]} already"
                yield "waived-twice", ("waivers", place, "criteria", index), said
            waived.setdefault(name, waiver.id)


def _elsewhere(plan: Plan) -> Iterator[Said]:
    """Checks that no gate of their criterion can count, and criteria of a gate that no check of its phase answers."""
    exits = {phase.exit: phase.id for phase in plan.phases}
    places = {each.id: place for place, each in enumerate(plan.criteria)}
    for name, place in places.items():
        gates = [gate.id for gate in plan.gates if name in gate.criteria and gate.id in exits]
        asked = {check: {gate for gate in gates if _is_in(check, exits[gate])} for check in plan.criteria[place].checks}
        for index, (check, counted) in enumerate(asked.items()):
            if gates and not counted:
                said = (
                    f"{check} does not run in the phase of gate {' or '.join(gates)}, which counts its own phase only"
                )
                yield "check-of-another-phase", ("criteria", place, "checks", index), said
        for gate in gates if any(asked.values()) else ():
            if not any(gate in counted for counted in asked.values()):
                said = f"no check of {name} runs in phase {exits[gate]}, so gate {gate} can never hold"
                yield "check-of-another-phase", ("criteria", place, "checks"), said


def _is_in(check: str, phase: str) -> bool:
    return fnmatchcase(phase, check.split("/", 1)[0])


CRITERIA_RULES: tuple[Rule, ...] = (_contradictions, _evidence, _soaks, _shares, _triggers, _covered, _elsewhere)
