"""Lints about the way back and about harm: flags, runbooks, backups, downtime and unfilled names."""

import re
from collections.abc import Iterator
from typing import Any

from godwit.plan.lint_flow import Rule, Said
from godwit.plan.model import Plan
from godwit.plan.sections.phases import Runbook, Step
from godwit.plan.source import Where

_NAME = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_NO_DOWNTIME = re.compile(r"\b(?:zero|no|without)[ -](?:downtime|interruption|outage)", re.IGNORECASE)


def _defaults(plan: Plan) -> Iterator[Said]:
    for place, flag in enumerate(plan.flags.flags):
        if flag.default != flag.baseline_value:
            said = f"flag {flag.name} defaults to {flag.default!r}; baseline behaviour needs {flag.baseline_value!r}"
            yield "default-not-baseline", ("flags", "flags", place, "default"), said


def _ways_back(plan: Plan) -> Iterator[Said]:
    served = {phase for runbook in plan.runbooks for phase in runbook.from_phases}
    for place, phase in enumerate(plan.phases):
        if phase.id not in served and phase.id not in plan.beyond_return:
            yield "no-way-back", ("phases", place), f"no runbook names {phase.id} in from_phases"
    for place, runbook in enumerate(plan.runbooks):
        for index, name in enumerate(runbook.from_phases):
            if name in plan.beyond_return:
                said = f"{runbook.id} leads back from {name}, which comes after the point of no return"
                yield "way-back-after-no-return", ("runbooks", place, "from_phases", index), said


def _runbooks(plan: Plan) -> Iterator[Said]:
    for place, runbook in enumerate(plan.runbooks):
        where: Where = ("runbooks", place)
        sets = any(step.flags for step in runbook.steps)
        if plan.flags.flags and runbook.kind == "full" and not runbook.resets_flags:
            said = f"{runbook.id} leaves the flags as they are; the router may choose the candidate again"
            yield "flags-not-reset", (*where, "resets_flags"), said
        if runbook.resets_flags and not sets:
            yield "reset-not-done", (*where, "resets_flags"), f"no step of {runbook.id} sets a flag"
        yield from _restores(runbook, where)
        yield from _taken(plan, runbook, where)


def _restores(runbook: Runbook, where: Where) -> Iterator[Said]:
    restored = [step.restore for step in runbook.steps if step.restore]
    if runbook.kind == "full" and not restored:
        yield "rollback-restores-nothing", (*where, "steps"), f"full rollback {runbook.id} restores no backup"
    for name in restored:
        if name != runbook.backup:
            said = f"{runbook.id} restores {name}, but names {runbook.backup or 'no backup'}"
            yield "wrong-restore", (*where, "backup"), said


def _taken(plan: Plan, runbook: Runbook, where: Where) -> Iterator[Said]:
    backups = {each.id: each for each in plan.state.backups} if plan.state else {}
    if runbook.backup is None:
        return
    if backups[runbook.backup].schedule == "daily":
        said = f"{runbook.id} restores the daily backup {runbook.backup}: up to 24 h of writes are lost"
        yield "backup-window", (*where, "backup"), f"{said}; it declares: {runbook.data_loss}"
        return
    order = [phase.id for phase in plan.phases]
    for name in runbook.from_phases:
        steps = [step for phase in plan.phases[: order.index(name) + 1] for step in phase.steps]
        if not any(step.backup == runbook.backup for step in (*steps, *runbook.steps)):
            said = f"{runbook.id} needs backup {runbook.backup} in phase {name}, and no step up to there takes it"
            yield "backup-never-taken", (*where, "backup"), said
            return


def _stop_start(plan: Plan) -> Iterator[Said]:
    """Gaps in service: a role is stopped and another one started while traffic is not held."""
    asked = criteria_without_downtime(plan)
    asked += [each.id for each in plan.runbooks if each.max_downtime_s == 0]
    if not asked:
        return
    for place, phase in enumerate(plan.phases):
        for index in _gaps(phase.steps):
            stopped = phase.steps[index]
            said = f"step {stopped.id} stops {stopped.stop} while traffic runs, though {asked[0]} allows no downtime"
            yield "stop-start", ("phases", place, "steps", index), said


def criteria_without_downtime(plan: Plan) -> list[str]:
    """The criteria whose sentence allows no downtime."""
    return [each.id for each in plan.criteria if _NO_DOWNTIME.search(each.sentence)]


def _gaps(steps: tuple[Step, ...]) -> Iterator[int]:
    held = False
    for index, step in enumerate(steps):
        held = step.traffic == "hold" if step.traffic else held
        if step.stop and not held and any(later.start for later in steps[index + 1 :]):
            yield index


def _names(plan: Plan) -> Iterator[Said]:
    """`${NAME}` outside the addresses, stores and environments of drivers."""
    for where, text in _texts(plan.model_dump(mode="json"), ()):
        filled = len(where) > 4 and where[0] == "stacks" and (where[4] in ("url", "store") or where[4] == "env")
        if not filled and (match := _NAME.search(text)):
            yield (
                "unfilled-name",
                where,
                f"{match[0]} is not filled here; names are filled in url, store and env of a driver",
            )


def _texts(value: Any, where: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*where, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, (*where, place))


SAFETY_RULES: tuple[Rule, ...] = (_defaults, _ways_back, _runbooks, _stop_start, _names)
