"""Lints about the documents' own figures: limits, savings, replicas, files and downtime that cannot all be meant."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import PurePosixPath

from godwit.plan.lint_flow import Rule, Said
from godwit.plan.lint_safety import criteria_without_downtime
from godwit.plan.model import Plan
from godwit.plan.sections.criteria import Criterion

_UPPER, _LOWER = ("<", "<="), (">", ">=")
_SAVING_OF = {"cost_saving_percent": "cost_per_task_usd"}
_HALF_A_PERCENT = 0.5


def _documented(plan: Plan) -> Iterator[Said]:
    """Limits beside what the documents say the baseline does."""
    for place, each in enumerate(plan.criteria):
        limit = each.limit.absolute if each.limit else None
        if each.documented is None or limit is None:
            continue
        told = f"{each.id} asks {each.comparison} {limit:g}, and the documents give the baseline {each.documented:g}"
        if each.documented == limit and each.comparison in ("<", ">"):
            yield "baseline-fails-limit", ("criteria", place, "limit"), f"{told}: by the edge it fails"
        elif each.documented != limit and _holds(each.documented, str(each.comparison), limit):
            worse = abs(limit - each.documented) / abs(each.documented) if each.documented else 1.0
            said = f"{told}: {worse:.0%} worse would pass"
            yield "worse-than-documented", ("criteria", place, "limit"), said


def _holds(value: float, comparison: str, limit: float) -> bool:
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}.get(
        comparison, value == limit
    )


def _gates(plan: Plan) -> Iterator[Said]:
    """One documented figure, two limits."""
    gate_of = {name: gate.id for gate in plan.gates for name in gate.criteria}
    asked = [each for each in enumerate(plan.criteria) if each[1].documented is not None and each[1].limit]
    for (_, one), (place, other) in combinations(asked, 2):
        lines = _line(one), _line(other)
        if _figure(one) == _figure(other) and lines[0] != lines[1] and gate_of.get(one.id) != gate_of.get(other.id):
            said = f"{other.id} asks {lines[1]}, where {one.id} at gate {gate_of.get(one.id)} asks {lines[0]}"
            yield "gates-differ", ("criteria", place, "limit"), said


def _figure(criterion: Criterion) -> tuple[str | None, ...]:
    return criterion.metric, criterion.statistic, criterion.operation, criterion.unit


def _line(criterion: Criterion) -> str:
    limit = criterion.limit
    figure = limit.absolute if limit and limit.absolute is not None else limit and limit.worse_than_baseline_by
    return f"{criterion.comparison} {figure:g}"


def _savings(plan: Plan) -> Iterator[Said]:
    """`<= 0.010` of 0.012 is a saving of 16.7 %: weaker than `> 20 %`."""
    savings = [each for each in plan.criteria if each.metric in _SAVING_OF and each.comparison in _LOWER and each.limit]
    for place, cost in enumerate(plan.criteria):
        limit = cost.limit.absolute if cost.limit else None
        if limit is None or not cost.documented or cost.comparison not in _UPPER:
            continue
        allowed = 100 * (1 - limit / cost.documented)
        for saving in savings:
            asked = saving.limit.absolute if saving.limit else None
            if asked is not None and _SAVING_OF[str(saving.metric)] == cost.metric and allowed < asked:
                needed = cost.documented * (1 - asked / 100)
                said = (
                    f"{cost.id} allows {limit:g} of {cost.documented:g}, a saving of {allowed:.1f} %; {saving.id} asks"
                )
                said += (
                    f" {saving.comparison} {asked:g} %, which is {'<' if saving.comparison == '>' else '<='} {needed:g}"
                )
                yield "saving-needs-more", ("criteria", place, "limit"), said


def _replicas(plan: Plan) -> Iterator[Said]:
    for place, phase in enumerate(plan.phases):
        for index, step in enumerate(phase.rollout):
            if step.replicas is None:
                continue
            candidate, whole = step.replicas.candidate, step.replicas.candidate + step.replicas.baseline
            share = 100 * candidate / whole
            if abs(share - step.percent) > _HALF_A_PERCENT:
                said = f"step {step.id} says {step.percent:g} %, but {candidate} of {whole} replicas are {share:.0f} %"
                yield "replicas-differ", ("phases", place, "rollout", index, "replicas"), said


def _files(plan: Plan) -> Iterator[Said]:
    held = (
        {each.id: {PurePosixPath(name).name for name in each.required} for each in plan.state.backups}
        if plan.state
        else {}
    )
    for place, runbook in enumerate(plan.runbooks):
        for index, name in enumerate(runbook.reads):
            if PurePosixPath(name).name not in held.get(runbook.backup or "", set()):
                said = f"{runbook.id} reads {name}; backup {runbook.backup} holds no file of this name"
                yield "file-not-backed-up", ("runbooks", place, "reads", index), said


def _downtime(plan: Plan) -> Iterator[Said]:
    asked = criteria_without_downtime(plan)
    for place, runbook in enumerate(plan.runbooks):
        if asked and runbook.max_downtime_s:
            said = f"{runbook.id} admits {runbook.max_downtime_s:g} s of downtime, though {asked[0]} allows none"
            yield "downtime-admitted", ("runbooks", place, "max_downtime_s"), said


FIGURE_RULES: tuple[Rule, ...] = (_documented, _gates, _savings, _replicas, _files, _downtime)
