"""The plan as a numbered tree: what will happen, what it changes, how long it takes, what evidence each gate needs."""

from collections.abc import Callable, Iterator, Sequence

from godwit.plan.assignments import LARGEST_MATRIX, space_of
from godwit.plan.model import Plan
from godwit.plan.sections.criteria import Criterion, Gate, Limit, Trigger
from godwit.plan.sections.flags import Flags
from godwit.plan.sections.judges import Judge
from godwit.plan.sections.loads import LoadProfile
from godwit.plan.sections.phases import Phase, RolloutStep, Runbook, Step
from godwit.plan.sections.stacks import StackSpec
from godwit.verdict import PlanError

Branch = tuple[str, Sequence["Branch"]]


def tree(plan: Plan, profile: str) -> str:
    """The plan under one stack profile, as stable text.

    Phases are numbered 1, 2, ...; what is in them 1.1, 1.1.1. Raises PlanError if a stack has no such driver.
    """
    head = plan.migration
    sides = f"{head.baseline.name} {head.baseline.version} -> {head.candidate.name} {head.candidate.version}"
    clock = "real" if plan.clock.mode == "real" else f"simulated, {plan.clock.factor:g} times faster"
    lines = [f"{head.id}: {head.title}", f"  {sides}, seed {head.seed}, clock {clock}"]
    if head.calendar:
        lines.append(f"  from {head.calendar.start} to {head.calendar.end}")
    lines += [f"  {line}" for line in _stacks(plan, profile)]
    lines += [f"  {line}" for line in _matrix(plan.flags)]
    whole = sum(minimum_s(plan, phase) for phase in plan.phases)
    lines.append(f"  takes at least {duration(whole)} in {len(plan.phases)} {_plural(len(plan.phases), 'phase')}")
    lines += _numbered([_phase(plan, phase) for phase in plan.phases])
    lines += _runbooks(plan)
    return "\n".join(lines) + "\n"


def minimum_s(plan: Plan, phase: Phase) -> float:
    """Seconds that a phase takes at least: its soaks and loads on the plan's clock."""
    profiles = {each.id: each for each in plan.profiles}
    walked = sum(_rollout_s(plan, step, profiles[step.profile]) for step in phase.rollout)
    criteria = {each.id: each for each in plan.criteria}
    gate = next(each for each in plan.gates if each.id == phase.exit)
    stepped = {name for step in phase.rollout for name in step.criteria}
    loads = {criteria[name].profile for name in gate.criteria if name not in stepped}
    if any(use.suite == "endurance" for use in phase.suites):
        loads |= {soak.profile for soak in plan.soaks if not soak.phases or phase.id in soak.phases}
    timed = {criteria[name].benchmark for name in gate.criteria}
    walked += sum(2 * each.turns * each.for_s for each in plan.benchmarks if each.id in timed)
    return walked + sum(_load_s(profiles[name]) for name in sorted(each for each in loads if each))


def duration(seconds: float) -> str:
    """A duration in its largest fitting units: `90s` is `1m 30s`."""
    if seconds < 1:
        return f"{seconds * 1000:g}ms" if seconds else "0s"
    parts = []
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        count, seconds = divmod(seconds, length)
        parts += [f"{count:g}{unit}"] if count else []
    rest = round(seconds, 3)
    return " ".join([*parts, *([f"{rest:g}s"] if rest else [])])


def _load_s(profile: LoadProfile) -> float:
    times = 2 if profile.target == "stacks" else 1
    return times * (profile.warmup_s + profile.duration_s)


def _rollout_s(plan: Plan, step: RolloutStep, profile: LoadProfile) -> float:
    return max(
        step.soak_s / (plan.clock.factor if plan.clock.mode == "simulated" else 1.0),
        (step.looks or 1) * _load_s(profile),
    )


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _stacks(plan: Plan, profile: str) -> Iterator[str]:
    for role in ("baseline", "candidate", "router"):
        stack = getattr(plan.stacks, role)
        if stack is not None:
            yield f"{role} {stack.version}: {_driver(stack, role, profile)}"


def _matrix(flags: Flags) -> Iterator[str]:
    """How thoroughly the flags are tried together."""
    if not flags.flags:
        return
    if flags.strength == "all":
        cases = space_of(flags).count(LARGEST_MATRIX)
        shown = _count(cases, "assignment") if cases <= LARGEST_MATRIX else f"more than {LARGEST_MATRIX}"
        parts = [f"every allowed assignment of {_count(len(flags.flags), 'flag')}, {shown}"]
    else:
        parts = [
            f"every allowed combination of the values of any {flags.strength} of {_count(len(flags.flags), 'flag')}"
        ]
    parts += [f"of any {group.strength} of {', '.join(group.flags)}" for group in flags.stronger]
    parts += [_count(len(flags.constraints), "constraint")] if flags.constraints else []
    parts += [f"{_count(len(flags.must), 'case')} that must be"] if flags.must else []
    yield f"flag matrix: {'; '.join(parts)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {_plural(number, noun)}"


def _driver(stack: StackSpec, role: str, profile: str) -> str:
    kind = stack.drivers.under(profile)
    driver = getattr(stack.drivers, kind) if kind else None
    if kind is None or driver is None:
        there = [name for name in type(stack.drivers).model_fields if getattr(stack.drivers, name)]
        said = f"{role} has no driver for profile {profile}; it has: {', '.join(there) or 'none'}"
        raise PlanError(said)
    shown: dict[str, Callable[[], str]] = {
        "process": lambda: " ".join(driver.command),
        "container": lambda: driver.image or f"built from {driver.build.dockerfile if driver.build else 'nothing'}",
        "endpoint": lambda: driver.url,
        "compose": lambda: f"service {driver.service} of {driver.file}",
        "library": lambda: ", ".join(driver.requirements),
        "installation": lambda: driver.tree,
    }
    needs = ", ".join(each.kind for each in getattr(driver, "dependencies", {}).values())
    return f"{kind}: {shown[kind]()}" + (f"; needs {needs}" if needs else "")


def _phase(plan: Plan, phase: Phase) -> Branch:
    weeks = f", {_weeks(*phase.weeks)}" if phase.weeks else ""
    title = f"phase {phase.id}: {phase.title} (at least {duration(minimum_s(plan, phase))}{weeks})"
    gates = {each.id: each for each in plan.gates}
    parts: list[Branch] = []
    if phase.entry:
        parts.append(_gate(plan, gates[phase.entry], "entry"))
    if phase.flags:
        parts.append((f"flags: {_values(phase.flags)}", ()))
    parts += [(_step(step), ()) for step in phase.steps]
    parts += [_rollout(plan, step) for step in phase.rollout]
    parts += [
        (f"suite {use.suite}: {', '.join(use.promises) or 'every promise'}", ())
        for use in phase.suites
    ]  # fmt: skip
    parts.append(_gate(plan, gates[phase.exit], "exit"))
    if changes := _changes(phase):
        parts.append((f"writes or changes: {', '.join(changes)}", ()))
    return title, parts


def _weeks(first: int, last: int) -> str:
    return f"week {first}" if first == last else f"weeks {first} to {last}"


def _values(flags: dict[str, bool | int | str | tuple[str, ...]]) -> str:
    return ", ".join(f"{name} = {_value(value)}" for name, value in flags.items()) or "as they are"


def _value(value: bool | int | str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _step(step: Step) -> str:
    deeds: dict[str, Callable[[], str]] = {
        "run": lambda: f"run {' '.join(step.run or ())}",
        "flags": lambda: f"set {_values(step.flags or {})}",
        "traffic": lambda: f"{step.traffic} traffic",
        "seed": lambda: "seed the baseline's store",
        "convert": lambda: "convert the baseline's state into the candidate's",
        "backup": lambda: f"take backup {step.backup}",
        "restore": lambda: f"restore backup {step.restore}",
        "healthy": lambda: f"wait until {step.healthy} is healthy",
    }
    deed = deeds[step.deed]() if step.deed in deeds else f"{step.deed} {getattr(step, step.deed)}"
    return f"step {step.id}: {deed} (within {duration(step.timeout_s)}{'' if step.idempotent else ', only once'})"


def _rollout(plan: Plan, step: RolloutStep) -> Branch:
    profile = next(each for each in plan.profiles if each.id == step.profile)
    cohorts = f" and {', '.join(step.cohorts)}" if step.cohorts else ""
    lasts = duration(_rollout_s(plan, step, profile))
    soak = duration(step.soak_s) if lasts == duration(step.soak_s) else f"{duration(step.soak_s)}, here {lasts}"
    title = f"rollout {step.id}: {step.percent:g} %{cohorts} on the candidate, soak {soak}, under load {step.profile}"
    criteria = {each.id: each for each in plan.criteria}
    return title, [
        (f"set {_values(step.flags)}", ()),
        *((_criterion(plan, criteria[name]), ()) for name in step.criteria),
        *((_judge(judge, step.looks or 1), ()) for judge in plan.judges if judge.id == step.judge),
    ]


def _judge(judge: Judge, looks: int) -> str:
    metrics = "; ".join(
        f"{each.id} ({each.kind} of {each.metric}, worse when {each.worse}, by {each.tolerance:g} % or {each.floor:g}"
        f"{f', {each.tail} by {each.tail_tolerance:g} %' if each.tail else ''}, min_n {each.min_n})"
        for each in judge.metrics
    )
    return f"judge {judge.id} at {_plural(looks, 'look')}, alpha {judge.alpha:g} over all of them: {metrics}"


def _gate(plan: Plan, gate: Gate, which: str) -> Branch:
    criteria = {each.id: each for each in plan.criteria}
    failing = "roll back" if gate.on_failure == "roll-back" else "hold"
    title = f"{which} gate {gate.id}: {gate.title} (if it fails: {failing})"
    return title, [(_criterion(plan, criteria[name]), ()) for name in gate.criteria]


def _criterion(plan: Plan, criterion: Criterion) -> str:
    waiver = next((each for each in plan.waivers if criterion.id in each.criteria), None)
    waived = f" [waived until {waiver.expires} by {waiver.owner}]" if waiver else ""
    said = "" if criterion.metric else f"{criterion.sentence} "
    return f"{criterion.id} ({criterion.severity}): {said}{asked_in_words(criterion)}{waived}"


def asked_in_words(criterion: Criterion) -> str:
    """What a criterion asks besides its sentence: the signature, the checks, or the figure with its limit and evidence."""
    if criterion.attestation:
        return f"signed: {criterion.attestation}"
    if criterion.checks:
        return f"checks: {', '.join(criterion.checks)}"
    return _measured(criterion)


def _measured(criterion: Criterion) -> str:
    limit, evidence = criterion.limit, criterion.evidence
    if limit is None or evidence is None:
        return criterion.sentence
    line = f"{criterion.comparison} {_limit(limit, criterion.unit or '')}"
    of = f" of {criterion.operation}" if criterion.operation else ""
    source = criterion.profile or criterion.benchmark or criterion.starts
    under = f" under {source}" if source else ""
    mode = "" if criterion.mode == "real" else f", {criterion.mode}"
    floor = f"(n >= {evidence.n}, {evidence.confidence * 100:g}% sure{mode})"
    return f"{criterion.statistic} {criterion.metric}{of} {line}{under} {floor}"


def _limit(limit: Limit, unit: str) -> str:
    if limit.absolute is not None:
        return f"{limit.absolute:g} {unit}".rstrip()
    worse = f"{limit.worse_than_baseline_by:g}% worse than the baseline"
    return f"{worse} (under {limit.floor:g} {unit} no change counts)".replace(" )", ")").replace("  ", " ")


def _changes(phase: Phase) -> list[str]:
    """What a phase says that it writes, and what its steps change."""
    found = list(phase.writes)
    for step in phase.steps:
        if step.deed in ("start", "stop"):
            found.append(f"the {step.start or step.stop} stack")
        found += {"seed": ["the baseline's store"], "convert": ["the candidate's store"]}.get(step.deed, [])
        found += [f"backup {step.backup}"] if step.backup else []
        found += ["the stores that a backup is restored into"] if step.restore else []
    set_later = [*(step.flags or {} for step in phase.steps), *(step.flags for step in phase.rollout)]
    flags = {*phase.flags, *(name for flags in set_later for name in flags)}
    return list(dict.fromkeys([*found, *(f"flag {name}" for name in sorted(flags))]))


def _runbooks(plan: Plan) -> list[str]:
    lines = ["", "runbooks"] if plan.runbooks else []
    lines += _numbered([_runbook(each) for each in plan.runbooks], "R")
    if point := plan.point_of_no_return:
        lines += [f"no way back after {point.place}: {point.why}"]
    lines += ["", "triggers"] if plan.triggers else []
    return lines + _numbered([(_trigger(each), ()) for each in plan.triggers], "T")


def _trigger(trigger: Trigger) -> str:
    fires = f"{trigger.statistic} {trigger.metric} {trigger.comparison} {_limit(trigger.limit, '')}"
    over = f"within {duration(trigger.window_s)}, on at least {trigger.min_samples}"
    return f"trigger {trigger.id}: {fires} {over} -> runbook {trigger.runbook}"


def _runbook(runbook: Runbook) -> Branch:
    limits = [f"within {duration(runbook.max_s)}"]
    if runbook.max_downtime_s is not None:
        limits.append(f"down at most {duration(runbook.max_downtime_s)}")
    title = f"runbook {runbook.id} ({runbook.kind}): {runbook.sentence} ({', '.join(limits)})"
    reset = "reset" if runbook.resets_flags else "left as they are"
    parts: list[Branch] = [(_step(step), ()) for step in runbook.steps]
    parts.append((f"from {', '.join(runbook.from_phases)}; flags {reset}", ()))
    parts.append(
        (f"loses: {runbook.data_loss}" + (f"; keeps: {', '.join(runbook.keeps)}" if runbook.keeps else ""), ())
    )
    return title, parts


def _numbered(branches: Sequence[Branch], prefix: str = "", depth: int = 0) -> list[str]:
    lines = []
    for place, (text, inner) in enumerate(branches, start=1):
        number = f"{prefix}{place}"
        lines.append(f"{'   ' * depth}{number} {text}")
        lines += _numbered(inner, f"{number}.", depth + 1)
    return lines
