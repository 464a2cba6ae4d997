"""Lints about order and time: phases, weeks, soaks, dates, rollout steps; each rule only reads the plan."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from godwit.plan.model import Plan
from godwit.plan.references import REFERENCES, find
from godwit.plan.source import Where

Said = tuple[str, Where, str]
Rule = Callable[[Plan], Iterator[Said]]
_WEEK_S, _DAY_S = 604_800.0, 86_400.0
_MAY_LIE_IDLE = (
    "phase",
    "runbook",
    "flag",
    "probe",
    "bucketing",
    "command",
    "event stream",
    "script of calls",
    "mapping",
    "capability",
)


def _dates(plan: Plan) -> Iterator[Said]:
    calendar = plan.migration.calendar
    if calendar and calendar.end < calendar.start:
        yield (
            "calendar-backwards",
            ("migration", "calendar"),
            f"the calendar ends on {calendar.end}, before {calendar.start}",
        )
    for place, document in enumerate(plan.migration.documents):
        if document.updated and document.next_review and document.next_review < document.updated:
            said = f"{document.id} was updated on {document.updated}, after its next review on {document.next_review}"
            yield "review-before-update", ("migration", "documents", place), said


def _weeks(plan: Plan) -> Iterator[Said]:
    calendar = plan.migration.calendar
    days = (calendar.end - calendar.start).days + 1 if calendar else None
    last, before = 0, ""
    for place, phase in enumerate(plan.phases):
        if phase.weeks is None:
            continue
        where: Where = ("phases", place, "weeks")
        first, end = phase.weeks
        if end < first or first < 1:
            yield "weeks-backwards", where, f"weeks {first} to {end} of phase {phase.id} are no span of weeks from 1 on"
            continue
        if first < last:
            said = f"phase {phase.id} begins in week {first}, but {before} ends in week {last}"
            yield "weeks-out-of-order", where, said
        if days is not None and (first - 1) * 7 >= days:
            yield "weeks-beyond-calendar", where, f"week {first} begins after the calendar's {days} days"
        last, before = max(last, end), phase.id


def _soaks(plan: Plan) -> Iterator[Said]:
    calendar = plan.migration.calendar
    soaks = [sum(step.soak_s for step in phase.rollout) for phase in plan.phases]
    for place, (phase, soak_s) in enumerate(zip(plan.phases, soaks, strict=True)):
        if phase.weeks is None or phase.weeks[1] < phase.weeks[0]:
            continue
        weeks = phase.weeks[1] - phase.weeks[0] + 1
        if soak_s > weeks * _WEEK_S:
            said = f"phase {phase.id} soaks for {soak_s / _DAY_S:g} days in {weeks} weeks of 7"
            yield "soak-beyond-weeks", ("phases", place, "rollout"), said
    if calendar and sum(soaks) > ((calendar.end - calendar.start).days + 1) * _DAY_S > 0:
        said = (
            f"all soaks take {sum(soaks) / _DAY_S:g} days; the calendar has {(calendar.end - calendar.start).days + 1}"
        )
        yield "soak-beyond-calendar", ("migration", "calendar"), said


def _rollout(plan: Plan) -> Iterator[Said]:
    steps = [
        (("phases", place, "rollout", index), step)
        for place, phase in enumerate(plan.phases)
        for index, step in enumerate(phase.rollout)
    ]
    for (_, before), (where, step) in pairwise(steps):
        if step.percent < before.percent:
            said = f"step {step.id} moves {step.percent:g} %, fewer than the {before.percent:g} % of {before.id}"
            yield "rollout-shrinks", where, said
    if steps and max(step.percent for _, step in steps) < 100:
        widest = max((step for _, step in steps), key=lambda each: each.percent)
        said = f"the widest rollout step is {widest.id} with {widest.percent:g} %; the rest moves in one go"
        yield "rollout-never-full", steps[-1][0], said
    for where, step in steps:
        if step.judge and step.percent >= 100:
            said = (
                f"step {step.id} leaves nobody on the baseline, so its judge {step.judge} has nothing to compare with"
            )
            yield "judge-without-baseline", (*where, "judge"), said
    percents = {flag.name for flag in plan.flags.flags if flag.type == "percent"}
    for where, step in steps:
        for name in sorted(percents & step.flags.keys()):
            if step.flags[name] != step.percent:
                said = f"step {step.id} says {step.percent:g} % and sets {name} to {step.flags[name]}"
                yield "rollout-percent-differs", (*where, "flags", name), said


def _conversion(plan: Plan) -> Iterator[Said]:
    if plan.state is None or plan.state.parallel != "separate" or plan.state.conversion is None:
        return
    for place, phase in enumerate(plan.phases):
        if any(step.convert for step in phase.steps):
            return
        if phase.rollout:
            said = f"phase {phase.id} moves users, but the candidate's separate state is converted later"
            yield "rollout-before-conversion", ("phases", place, "rollout"), said
            return


def _unused(plan: Plan) -> Iterator[Said]:
    data: Any = plan.model_dump(mode="json", exclude_none=True)
    for kind in REFERENCES:
        if kind.noun in _MAY_LIE_IDLE:
            continue
        used = {name for use in kind.uses for _, name in find(data, use)}
        for home in kind.homes:
            for where, name in find(data, home):
                if name not in used:
                    yield "unused", where, f"{kind.noun} {name} is declared, but nothing uses it"


FLOW_RULES: tuple[Rule, ...] = (_dates, _weeks, _soaks, _rollout, _conversion, _unused)
