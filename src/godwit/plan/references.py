"""Which words of a plan name something declared elsewhere in it; a name that nobody declared is refused."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from godwit.plan.sections.flags import misfit
from godwit.plan.source import Fault, Source, Where
from godwit.plan.suggestions import advice

_PYTHON = ("callables", "calls", "drawn", "recordings")
_STIMULI = ("operations", "races", "walks")
_KEPT = ("trees", "documents", "keyvalue", "secrets")
_STEPS = ("phases.*.steps.*", "runbooks.*.steps.*")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What this godwit offers to a plan. `None` means that the names are not checked.

    `suites` maps a suite to its promises; `metrics` are those that can be computed; `roles` the stacks that steps may
    name. It comes as an argument, because suites and metrics have their one home in rooms above the plan.
    """

    suites: Mapping[str, tuple[str, ...]] | None = None
    metrics: frozenset[str] | None = None
    roles: frozenset[str] | None = None

    @property
    def promises(self) -> frozenset[str]:
        """Every promise of every suite."""
        return frozenset(promise for promises in (self.suites or {}).values() for promise in promises)


@dataclass(frozen=True, slots=True)
class Reference:
    """One kind of name: where it is declared and where it is used.

    In a path `*` stands for every item of a list or every value of a mapping, a last `~` for the keys of a mapping.
    """

    noun: str
    homes: tuple[str, ...]
    uses: tuple[str, ...] = field(default=())


REFERENCES = (
    Reference(
        "phase",
        ("phases.*.id",),
        (
            "point_of_no_return.phase",
            "runbooks.*.from_phases.*",
            "surfaces.cli.commands.*.phases.*",
            "surfaces.cli.tools.*.phases.*",
            "surfaces.config.files.*.phases.*",
            "surfaces.events.streams.*.phases.*",
            "surfaces.http.features.*.phases.*",
            *(f"surfaces.python.{kind}.*.phases.*" for kind in ("calls", "drawn", "recordings")),
            "scaling.*.phases.*",
            "query_plans.*.phases.*",
            "state.comparisons.*.phases.*",
            "state.ledger.phases.*",
            *(f"state.{kind}.*.phases.*" for kind in _KEPT),
            "state.histories.*.phases.*",
            "state.live.*.phases.*",
            "state.mixed.*.phases.*",
            "soaks.*.phases.*",
            "footprints.*.phases.*",
        ),
    ),
    Reference("gate", ("gates.*.id",), ("phases.*.entry", "phases.*.exit")),
    Reference(
        "criterion",
        ("criteria.*.id",),
        ("gates.*.criteria.*", "phases.*.rollout.*.criteria.*", "waivers.*.criteria.*"),
    ),
    Reference("profile", ("profiles.*.id",), ("criteria.*.profile", "phases.*.rollout.*.profile", "soaks.*.profile")),
    Reference("benchmark", ("benchmarks.*.id",), ("criteria.*.benchmark",)),
    Reference("set of starts", ("starts.*.id",), ("criteria.*.starts",)),
    Reference("judge", ("judges.*.id",), ("phases.*.rollout.*.judge",)),
    Reference("cohort", ("cohorts.*.id",), ("phases.*.rollout.*.cohorts.*",)),
    Reference(
        "flag",
        ("flags.flags.*.name",),
        (
            "flags.flags.*.requires.*",
            "flags.kill_switch.before.~",
            "flags.shown.calls.~",
            "flags.shown.pointers.~",
            "flags.toggles.flags.*",
            "flags.toggles.under.~",
            "flags.must.*.~",
            "flags.stronger.*.flags.*",
            "flags.truth.fallback",
            "flags.truth.rules.*.when.~",
            "flags.matrix.changes.*.when.~",
            "phases.*.flags.~",
            "rollout.buckets.*.flag",
            "rollout.buckets.*.flags.~",
            "rollout.buckets.*.overrides.*.flags.~",
            "phases.*.rollout.*.flags.~",
            *(f"{step}.flags.~" for step in _STEPS),
        ),
    ),
    Reference("control", ("flags.controls.*.id",), ("flags.flags.*.set_by.*.control",)),
    Reference("bucketing", ("rollout.buckets.*.id",), ("rollout.buckets.*.apart_from.*",)),
    Reference("runbook", ("runbooks.*.id",), ("triggers.*.runbook",)),
    Reference(
        "backup",
        ("state.backups.*.id",),
        ("runbooks.*.backup", *(f"{step}.{deed}" for step in _STEPS for deed in ("backup", "restore"))),
    ),
    Reference("attestation", ("attestations.items.*.id",), ("criteria.*.attestation",)),
    Reference("mapping", ("state.mappings.*.id",), ("state.live.*.mapping",)),
    Reference("lookup", ("state.lookups.~",), ("state.mappings.*.columns.*.lookup",)),
    Reference(
        "probe",
        (
            "surfaces.http.probes.*.id",
            "surfaces.http.features.*.id",
            "surfaces.http.recordings.*.id",
            *(f"surfaces.http.{kind}.*.id" for kind in _STIMULI),
            "surfaces.http.generated.id",
            *(f"surfaces.python.{kind}.*.id" for kind in _PYTHON),
            "surfaces.python.modules.*",
        ),
        ("surfaces.allowances.*.probe",),
    ),
    Reference(
        "probe",
        ("surfaces.http.probes.*.id",),
        (
            "flags.kill_switch.probes.*",
            "flags.matrix.probes.*",
            "flags.matrix.changes.*.probe",
            "state.mixed.*.probes.*",
        ),
    ),
    Reference("command", ("surfaces.cli.commands.*.id",), ("flags.matrix.commands.*",)),
    Reference("event stream", ("surfaces.events.streams.*.id",), ("flags.matrix.streams.*",)),
    Reference("script of calls", ("surfaces.python.calls.*.id",), ("flags.matrix.calls.*",)),
    Reference(
        "capability",
        ("stacks.*.capabilities.*",),
        (
            *(f"{place}.*.needs.*" for place in ("criteria", "soaks", "footprints")),
            "flags.flags.*.needs.*",
            "flags.controls.*.needs.*",
            *(f"flags.{place}.needs.*" for place in ("control", "kill_switch", "matrix")),
            *(f"surfaces.http.{kind}.*.needs.*" for kind in ("probes", "features", "recordings", "pacts")),
            *(f"surfaces.python.{kind}.*.needs.*" for kind in _PYTHON),
            *(f"surfaces.{kind}.*.needs.*" for kind in ("cli.tools", "cli.commands", "config.files", "events.streams")),
            *(f"state.{kind}.*.needs.*" for kind in ("histories", "live", "mixed")),
        ),
    ),
)

_UNIQUE = (
    "migration.documents.*.id", "migration.readings.*.id", "flags.controls.*.id", "flags.flags.*.name", "cohorts.*.id",
    "rollout.buckets.*.id",
    "state.backups.*.id", "state.comparisons.*.id", "state.crashes.*.id", "state.histories.*.id", "state.live.*.id",
    "state.mixed.*.id",
    "state.mappings.*.id", "state.invariants.*.id", "state.schemas.*.id", "state.bad_states.*.id", "surfaces.http.probes.*.id",
    *(f"state.{kind}.*.id" for kind in _KEPT), "scaling.*.id", "query_plans.*.id",
    "surfaces.http.features.*.id", "surfaces.http.recordings.*.id", "surfaces.http.pacts.*.id",
    *(f"surfaces.http.{kind}.*.id" for kind in _STIMULI),
    "surfaces.cli.tools.*.id", "surfaces.cli.commands.*.id",
    *(f"surfaces.python.{kind}.*.id" for kind in _PYTHON),
    "surfaces.config.files.*.id", "surfaces.events.streams.*.id",
    "profiles.*.id", "benchmarks.*.id", "starts.*.id", "soaks.*.id", "footprints.*.id", "criteria.*.id", "judges.*.id", "phases.*.id",
    "gates.*.id", "triggers.*.id", "runbooks.*.id", "alerts.*.id", "attestations.items.*.id", "waivers.*.id",
    "defects.*.id",
)  # fmt: skip
_UNIQUE_INSIDE = (
    ("profiles.*", "operations.*.id"),
    ("judges.*", "metrics.*.id"),
    ("phases.*", "steps.*.id"),
    ("rollout.buckets.*", "evaluators.*.id"),
    ("rollout.buckets.*", "overrides.*.id"),
    ("phases.*", "rollout.*.id"),
    ("phases.*", "suites.*.suite"),
    ("runbooks.*", "steps.*.id"),
)
_PROMISE = re.compile(r"[^/\s]+/[^/\s]+(/\S.*)?")


def find(data: Any, path: str, base: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Every value (or key, for `~`) that a path means, with its place; what has another shape is passed over."""
    head, _, tail = path.partition(".")
    if head == "~":
        yield from (((*base, key), key) for key in (data if isinstance(data, dict) else ()))
        return
    for key, value in _children(data, head):
        if tail:
            yield from find(value, tail, (*base, key))
        else:
            yield (*base, key), value


def _children(data: Any, head: str) -> list[tuple[str | int, Any]]:
    if head != "*":
        return [(head, data[head])] if isinstance(data, dict) and head in data else []
    if isinstance(data, dict):
        return list(data.items())
    return list(enumerate(data)) if isinstance(data, list) else []


def reference_faults(source: Source, catalogue: Catalogue) -> list[Fault]:
    """Every name that is declared twice or not at all, whatever else is wrong with the plan."""
    return [
        *_twice(source),
        *_undeclared(source),
        *_assignments(source),
        *_operations(source),
        *_no_return(source),
        *_judged(source),
        *_roles(source, catalogue),
        *_metrics(source, catalogue),
        *_suites(source, catalogue),
        *_promises(source, catalogue),
    ]


def _names(data: Any, paths: Collection[str]) -> list[str]:
    return [value for path in paths for _, value in find(data, path) if isinstance(value, str)]


def _twice(source: Source) -> Iterator[Fault]:
    groups = [list(find(source.data, path)) for path in _UNIQUE]
    groups += [
        list(find(item, inner, base)) for path, inner in _UNIQUE_INSIDE for base, item in find(source.data, path)
    ]
    for group in groups:
        first: dict[str, Where] = {}
        for where, name in group:
            if not isinstance(name, str):
                continue
            if name in first:
                line = source.mark(first[name]).line
                yield Fault(source.mark(where), where, f"'{name}' is taken, in line {line}; names are given once")
            first.setdefault(name, where)


def _undeclared(source: Source) -> Iterator[Fault]:
    for kind in REFERENCES:
        known = _names(source.data, kind.homes)
        for use in kind.uses:
            for where, name in find(source.data, use):
                if isinstance(name, str) and name not in known:
                    mark = source.key_mark(where) if use.endswith("~") else source.mark(where)
                    yield Fault(mark, where, f"no {kind.noun} '{name}'{advice(name, known)}")


def _assignments(source: Source) -> Iterator[Fault]:
    """Values that are given to flags of another type."""
    declared = {item.get("name"): item for _, item in find(source.data, "flags.flags.*") if isinstance(item, dict)}
    uses = (
        "flags.kill_switch.before.*",
        "flags.toggles.under.*",
        "phases.*.flags.*",
        "flags.matrix.changes.*.when.*",
        "phases.*.rollout.*.flags.*",
        *(f"{step}.flags.*" for step in _STEPS),
        "rollout.buckets.*.flags.*",
        "rollout.buckets.*.overrides.*.flags.*",
    )
    for use in uses:
        for where, value in find(source.data, use):
            flag = declared.get(str(where[-1]), {})
            if said := misfit(str(flag.get("type")), value):
                yield Fault(source.mark(where), where, said)
            elif flag.get("type") == "enum" and value not in (flag.get("values") or ()):
                said = f"'{value}' is no value of this flag{advice(value, _names(flag, ('values.*',)))}"
                yield Fault(source.mark(where), where, said)


def _operations(source: Source) -> Iterator[Fault]:
    mixes = {
        item.get("id"): _names(item, ("operations.*.id", "operations.*.then.*.id"))
        for _, item in find(source.data, "profiles.*")
        if isinstance(item, dict) and isinstance(item.get("id"), str)
    }
    for where, item in find(source.data, "criteria.*"):
        name, profile = (item.get("operation"), item.get("profile")) if isinstance(item, dict) else (None, None)
        if not isinstance(name, str) or item.get("benchmark"):
            continue
        if not isinstance(profile, str):
            yield Fault(
                source.mark((*where, "operation")), (*where, "operation"), "an operation needs the profile it is in"
            )
        elif profile in mixes and name not in mixes[profile]:
            said = f"profile '{profile}' has no operation '{name}'{advice(name, mixes[profile])}"
            yield Fault(source.mark((*where, "operation")), (*where, "operation"), said)


def _no_return(source: Source) -> Iterator[Fault]:
    """A step of no return that its phase does not have."""
    point = source.data.get("point_of_no_return") if isinstance(source.data, dict) else None
    if not isinstance(point, dict) or not isinstance(step := point.get("step"), str):
        return
    phases = [item for _, item in find(source.data, "phases.*") if isinstance(item, dict)]
    known = [name for item in phases if item.get("id") == point.get("phase") for name in _names(item, ("steps.*.id",))]
    if step not in known:
        where: Where = ("point_of_no_return", "step")
        said = f"phase '{point.get('phase')}' has no step '{step}'{advice(step, known)}"
        yield Fault(source.mark(where), where, said)


def _judged(source: Source) -> Iterator[Fault]:
    """Metrics of judges that no load shows."""
    shown = {"distribution": "response_ms", "count": "error_rate_percent"}
    for where, item in find(source.data, "judges.*.metrics.*"):
        kind, name = (item.get("kind"), item.get("metric")) if isinstance(item, dict) else (None, None)
        if kind in shown and isinstance(name, str) and name != shown[str(kind)]:
            said = f"under load a {kind} is one of {shown[str(kind)]}, not of '{name}'"
            yield Fault(source.mark((*where, "metric")), (*where, "metric"), said)


def _roles(source: Source, catalogue: Catalogue) -> Iterator[Fault]:
    known = {role for role in _names(source.data, ("stacks.~",)) if catalogue.roles is None or role in catalogue.roles}
    uses = [f"{step}.{deed}" for step in _STEPS for deed in ("start", "stop", "healthy")]
    flagged = ("controls.*", "flags.*.set_by.*.shown", "kill_switch", "matrix", "shown")
    stands = (
        "surfaces.http.features.*.on",
        "rollout.buckets.*.evaluators.*.on",
        "state.ledger.on",
        "state.histories.*.on",
    )
    for use in (*uses, *stands, *(f"flags.{place}.on" for place in flagged)):
        for where, role in find(source.data, use):
            if role in ("baseline", "candidate", "router") and role not in known:
                yield Fault(source.mark(where), where, f"stacks has no {role}{advice(role, known)}")
    for where, target in find(source.data, "profiles.*.target"):
        if target == "router" and "router" not in known:
            yield Fault(
                source.mark(where), where, f"stacks has no router; declare it, or use target: stacks{advice('', known)}"
            )


def _metrics(source: Source, catalogue: Catalogue) -> Iterator[Fault]:
    if catalogue.metrics is None:
        return
    known = {*catalogue.metrics, *_names(source.data, ("stacks.*.metrics.series.~",))}
    for use in ("criteria.*.metric", "triggers.*.metric", "alerts.*.metric"):
        for where, name in find(source.data, use):
            if isinstance(name, str) and name not in known:
                yield Fault(source.mark(where), where, f"no metric '{name}'{advice(name, known)}")
    counted = {"seconds", *_names(source.data, ("stacks.*.metrics.series.~",))}
    for where, name in find(source.data, "scaling.*.cost"):
        if isinstance(name, str) and name not in counted:
            yield Fault(source.mark(where), where, f"no cost '{name}'{advice(name, counted)}")


def _suites(source: Source, catalogue: Catalogue) -> Iterator[Fault]:
    if catalogue.suites is None:
        return
    for where, use in find(source.data, "phases.*.suites.*"):
        suite = use.get("suite") if isinstance(use, dict) else None
        if not isinstance(suite, str):
            continue
        if suite not in catalogue.suites:
            said = f"no suite '{suite}'{advice(suite, catalogue.suites)}"
            yield Fault(source.mark((*where, "suite")), (*where, "suite"), said)
            continue
        for place, promise in find(use, "promises.*", where):
            known = catalogue.suites[suite]
            if isinstance(promise, str) and promise not in known:
                yield Fault(
                    source.mark(place), place, f"suite '{suite}' has no promise '{promise}'{advice(promise, known)}"
                )


def _promises(source: Source, catalogue: Catalogue) -> Iterator[Fault]:
    """Stable check ids in `defects` and patterns of them in `criteria`."""
    phases = _names(source.data, ("phases.*.id",))
    for use in ("defects.*.promise", "criteria.*.checks.*"):
        for where, text in find(source.data, use):
            said = _wrong_check(text, phases, catalogue) if isinstance(text, str) else ""
            if said:
                yield Fault(source.mark(where), where, said)


def _wrong_check(text: str, phases: Collection[str], catalogue: Catalogue) -> str:
    """Why a check id or a pattern of one means nothing; empty if it may mean something."""
    if not _PROMISE.fullmatch(text):
        return f"'{text}' is not a check; write <phase>/<promise> or <phase>/<promise>/<case>"
    phase, promise = text.split("/")[:2]
    if not any(fnmatchcase(each, phase) for each in phases):
        return f"no phase '{phase}'{advice(phase, phases)}"
    known = catalogue.promises
    if catalogue.suites is not None and not any(fnmatchcase(each, promise) for each in known):
        return f"no promise '{promise}'{advice(promise, known)}"
    return ""
