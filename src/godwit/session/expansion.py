"""What a plan makes of the suites: the full list of checks that a run must answer for; computed without pytest."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from godwit.checks import cases, controls_of, damages, flag_sources, matrix_cases, source_pairs, troubles
from godwit.plan import (
    Bucketing,
    Crash,
    Criterion,
    Evaluator,
    Override,
    Phase,
    Plan,
    Resource,
    RolloutStep,
    Soak,
    StackSpec,
    Trouble,
)
from godwit.session.shipped import Promise, promises
from godwit.verdict import CheckRecord, not_run

Elements = Iterable[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class StepCriterion:
    """A criterion of one rollout step."""

    step: RolloutStep
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class CrashTrouble:
    """A command that changes state, and a trouble that it meets at each of its steps."""

    crash: Crash
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class OtherEvaluator:
    """One who has to place users as the first evaluator of a percentage does."""

    bucketing: Bucketing
    evaluator: Evaluator


@dataclass(frozen=True, slots=True)
class BucketOverride:
    """What decides for some users whatever the percentage is."""

    bucketing: Bucketing
    override: Override


@dataclass(frozen=True, slots=True)
class Soaked:
    """A resource that must not pile up over the cycles of a soak."""

    soak: Soak
    resource: Resource


@dataclass(frozen=True, slots=True)
class BucketPair:
    """Two percentages that must not move the same users."""

    first: Bucketing
    second: Bucketing


@dataclass(frozen=True, slots=True, repr=False)
class Check:
    """One expected check: a promise, exercised in a phase, on one element of the plan (or on none)."""

    id: str
    phase: str
    case: str
    promise: Promise
    element: Any = None

    def __repr__(self) -> str:
        return self.id

    @property
    def placeholder(self) -> CheckRecord:
        """The record that stands until the check has run."""
        blank = not_run(self.id, "did not run")
        return CheckRecord(self.id, self.promise.suite, self.promise.sentence, self.phase, blank.outcome, blank.reason)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The checks that can run, the records of those that cannot (nothing to check), and what does not apply and why."""

    checks: tuple[Check, ...]
    empty: tuple[CheckRecord, ...]
    not_applicable: tuple[str, ...]

    @property
    def expected(self) -> tuple[CheckRecord, ...]:
        """A placeholder record for every check that the verdict has to account for."""
        return (*(check.placeholder for check in self.checks), *self.empty)


def expand(plan: Plan, only: Sequence[str] = ()) -> Expansion:
    """Expand a plan's phases (`only` those named, if any) over the shipped suites."""
    checks: list[Check] = []
    empty: list[CheckRecord] = []
    absent: list[str] = []
    for phase in plan.phases:
        if only and phase.id not in only:
            continue
        for promise in _promises_of(phase):
            _expand_promise(plan, phase, promise, checks, empty, absent)
    return Expansion(tuple(checks), tuple(empty), tuple(absent))


def gated(plan: Plan, phase: Phase) -> list[Criterion]:
    """The criteria of a phase's exit gate."""
    wanted = {name for gate in plan.gates if gate.id == phase.exit for name in gate.criteria}
    return [criterion for criterion in plan.criteria if criterion.id in wanted]


def _promises_of(phase: Phase) -> list[Promise]:
    return [
        promise
        for use in phase.suites
        for promise in promises()
        if promise.suite == use.suite and (not use.promises or promise.name in use.promises)
    ]


def _expand_promise(
    plan: Plan, phase: Phase, promise: Promise, checks: list[Check], empty: list[CheckRecord], absent: list[str]
) -> None:
    base = f"{plan.migration.id}/{phase.id}/{promise.name}"
    word = next((word for word in promise.asks if word in ELEMENTS), None)
    if word is None:
        checks.append(Check(base, phase.id, "", promise))
        return
    found = list(ELEMENTS[word](plan, phase))
    for case, element in found:
        if missing := _lacking(plan, element):
            absent.append(f"{base}/{case}: the stack asked has no capability {', '.join(missing)}")
        else:
            checks.append(Check(f"{base}/{case}", phase.id, case, promise, element))
    if not found:
        blank = not_run(base, f"nothing to check: the plan names no {word.replace('_', ' ')} for phase {phase.id}")
        empty.append(CheckRecord(base, promise.suite, promise.sentence, phase.id, blank.outcome, blank.reason))


def _lacking(plan: Plan, element: Any) -> list[str]:
    """The capabilities that an element needs and the stack that it asks does not have."""
    needs: frozenset[str] = getattr(element, "needs", frozenset())
    if not needs:
        return []
    stack = getattr(plan.stacks, getattr(element, "on", "candidate"))
    return sorted(needs - stack.capabilities if stack else needs)


def _ids(items: Iterable[Any]) -> Elements:
    return [(item.id, item) for item in items]


def _levels(plan: Plan, _: Phase) -> Elements:
    """The shares that a bucketing check looks at: the edges, and every share that the rollout uses."""
    used = {step.percent for part in plan.phases for step in part.rollout} if plan.rollout else set()
    return [(f"{level:g}", level) for level in sorted({0.0, 1.0, 50.0, 99.0, 100.0} | used)] if plan.rollout else []


def _budgets(plan: Plan, phase: Phase) -> Elements:
    stepped = {name for step in phase.rollout for name in step.criteria}
    return _ids(item for item in gated(plan, phase) if item.metric and item.id not in stepped)


def _step_criteria(plan: Plan, phase: Phase) -> Elements:
    by_id = {criterion.id: criterion for criterion in plan.criteria}
    pairs = [(step, by_id[name]) for step in phase.rollout for name in step.criteria]
    return [(f"{step.id}.{criterion.id}", StepCriterion(step, criterion)) for step, criterion in pairs]


def _crashes(plan: Plan) -> tuple[Crash, ...]:
    return plan.state.crashes if plan.state else ()


def _buckets(plan: Plan) -> tuple[Bucketing, ...]:
    return plan.rollout.buckets if plan.rollout else ()


def _other_evaluators(plan: Plan, _: Phase) -> Elements:
    pairs = [(each, other) for each in _buckets(plan) for other in each.evaluators[1:]]
    return [(f"{each.id}.{other.id}", OtherEvaluator(each, other)) for each, other in pairs]


def _bucket_overrides(plan: Plan, _: Phase) -> Elements:
    pairs = [(each, override) for each in _buckets(plan) for override in each.overrides]
    return [(f"{each.id}.{override.id}", BucketOverride(each, override)) for each, override in pairs]


def _bucket_pairs(plan: Plan, _: Phase) -> Elements:
    by_id = {each.id: each for each in _buckets(plan)}
    pairs = [(each, by_id[name]) for each in _buckets(plan) for name in each.apart_from]
    return [(f"{first.id}.{second.id}", BucketPair(first, second)) for first, second in pairs]


def _matrix_probes(plan: Plan, _: Phase) -> Elements:
    """The probes that are compared under default flags; through a router both would write into the same baseline."""
    matrix = plan.flags.matrix
    probes = plan.surfaces.http.probes if matrix else ()
    asked = (it for it in probes if matrix and not (matrix.on == "router" and it.writes))
    return _ids(it.model_copy(update={"needs": it.needs | matrix.needs}) for it in asked if matrix)


def _soaked(plan: Plan, phase: Phase) -> Elements:
    """Each resource that a soak of the phase gives a limit to."""
    soaks = [soak for _, soak in _in_phase(plan.soaks, phase)]
    return [(f"{soak.id}.{resource}", Soaked(soak, resource)) for soak in soaks for resource in soak.grows_at_most]


def _toggled(plan: Plan) -> tuple[str, ...]:
    return plan.flags.toggles.flags if plan.flags.toggles else ()


def _tells_health(stack: StackSpec) -> bool:
    return stack.health is not None or any((stack.drivers.library, stack.drivers.installation))


def _damages(plan: Plan, *, restored: bool) -> Elements:
    return _ids(damages(plan.state.backups if plan.state else (), restored=restored))


def _in_phase(items: Iterable[Any], phase: Phase) -> Elements:
    return _ids(item for item in items if not item.phases or phase.id in item.phases)


ELEMENTS: dict[str, Callable[[Plan, Phase], Elements]] = {
    "backup": lambda plan, phase: _ids(plan.state.backups if plan.state else ()),
    "backup_damage": lambda plan, phase: _damages(plan, restored=False),
    "call_recording": lambda plan, phase: _in_phase(plan.surfaces.python.recordings, phase),
    "call_script": lambda plan, phase: _in_phase(plan.surfaces.python.calls, phase),
    "bad_state": lambda plan, phase: _ids(plan.state.bad_states if plan.state else ()),
    "bucketing": lambda plan, phase: _ids(_buckets(plan)),
    "bucket_override": _bucket_overrides,
    "bucket_pair": _bucket_pairs,
    "budget": _budgets,
    "command": lambda plan, phase: _in_phase(plan.surfaces.cli.commands, phase),
    "completion": lambda plan, phase: _ids(it for it in _crashes(plan) if it.done),
    "crash": lambda plan, phase: _ids(_crashes(plan)),
    "crash_trouble": lambda plan, phase: [
        (f"{it.id}.{trouble}", CrashTrouble(it, trouble)) for it in _crashes(plan) for trouble in it.also
    ],
    "deprecated_name": lambda plan, phase: _ids(item for item in plan.surfaces.python.callables if item.deprecated),
    "document_pair": lambda plan, phase: _in_phase(plan.state.documents if plan.state else (), phase),
    "comparison": lambda plan, phase: _in_phase(plan.state.comparisons if plan.state else (), phase),
    "drawn_call": lambda plan, phase: _in_phase(plan.surfaces.python.drawn, phase),
    "config_file": lambda plan, phase: _in_phase(plan.surfaces.config.files, phase),
    "event_stream": lambda plan, phase: _in_phase(plan.surfaces.events.streams, phase),
    "feature": lambda plan, phase: _in_phase(plan.surfaces.http.features, phase),
    "file_tree": lambda plan, phase: _in_phase(plan.state.trees if plan.state else (), phase),
    "flag": lambda plan, phase: [(flag.name, flag) for flag in plan.flags.flags],
    "flag_case": lambda plan, phase: _ids(cases(plan.flags) if plan.flags.truth else ()),
    "flag_control": lambda plan, phase: _ids(controls_of(plan.flags).values()),
    "hot_flag": lambda plan, phase: [(flag.name, flag) for flag in plan.flags.flags if flag.hot],
    "key_space": lambda plan, phase: _in_phase(plan.state.keyvalue if plan.state else (), phase),
    "kill_switch": lambda plan, phase: [("all-off", plan.flags.kill_switch)] if plan.flags.kill_switch else [],
    "toggled_flag": lambda plan, phase: [(flag.name, flag) for flag in plan.flags.flags if flag.name in _toggled(plan)],
    "flag_source": lambda plan, phase: _ids(flag_sources(plan.flags)),
    "footprint": lambda plan, phase: _in_phase(plan.footprints, phase),
    "flag_trouble": lambda plan, phase: _ids(troubles(plan.flags)),
    "secret_store": lambda plan, phase: _in_phase(plan.state.secrets if plan.state else (), phase),
    "soaked": _soaked,
    "source_pair": lambda plan, phase: _ids(source_pairs(plan.flags)),
    "history": lambda plan, phase: _in_phase(plan.state.histories if plan.state else (), phase),
    "invariant": lambda plan, phase: _ids(plan.state.invariants if plan.state else ()),
    "judged_step": lambda plan, phase: _ids(step for step in phase.rollout if step.judge),
    "level": _levels,
    "mapping": lambda plan, phase: _ids(plan.state.mappings if plan.state else ()),
    "live": lambda plan, phase: _in_phase(plan.state.live if plan.state else (), phase),
    "mixed": lambda plan, phase: _in_phase(plan.state.mixed if plan.state else (), phase),
    "other_evaluator": _other_evaluators,
    "matrix_case": lambda plan, phase: _ids(matrix_cases(plan.flags)),
    "matrix_probe": _matrix_probes,
    "pact": lambda plan, phase: _ids(plan.surfaces.http.pacts),
    "probe": lambda plan, phase: _ids(plan.surfaces.http.probes),
    "query_plan": lambda plan, phase: _in_phase(plan.query_plans, phase),
    "race": lambda plan, phase: _ids(plan.surfaces.http.races),
    "recording": lambda plan, phase: _ids(plan.surfaces.http.recordings),
    "python_module": lambda plan, phase: [(module, module) for module in plan.surfaces.python.modules],
    "python_name": lambda plan, phase: _ids(plan.surfaces.python.callables),
    "restore_damage": lambda plan, phase: _damages(plan, restored=True),
    "role": lambda plan, phase: [
        (role, role) for role in ("baseline", "candidate") if _tells_health(getattr(plan.stacks, role))
    ],
    "rollout_step": lambda plan, phase: _ids(phase.rollout),
    "scaling": lambda plan, phase: _in_phase(plan.scaling, phase),
    "step": lambda plan, phase: _ids(phase.steps),
    "step_criterion": _step_criteria,
    "store_schema": lambda plan, phase: _ids(plan.state.schemas if plan.state else ()),
    "tool": lambda plan, phase: _in_phase(plan.surfaces.cli.tools, phase),
    "trigger": lambda plan, phase: _ids(plan.triggers),
    "walk": lambda plan, phase: _ids(plan.surfaces.http.walks),
}
"""The words that a suite test may ask for, and what each stands for in a phase. Extend it together with a fixture."""
