"""Where the shapes of the verdict page's pictures lie: flag matrix, rollout, curves, time; it draws only what the verdict holds."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from godwit.verdict import CheckRecord, Curve, LookRecord, Mark, Measurement, Outcome, Verdict

SHARE_PROMISE = "the-step-moves-its-share"
"""What says that a rollout step moved its users; the suites' own name."""
_FLAG_SUITES = ("flag-matrix", "feature-flags")
_MOST_CASES, _MOST_LOADS, _MOST_PHASES = 400, 24, 60
_LANES = ("step", "load", "rollout-step", "drill", "fault")
_LAST_PERCENT = 99.9
_WIDTH, _HEIGHT = 300.0, 120.0


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of cells as paths by kind: the values of a flag by their place in `values`, or how a promise ended."""

    label: str
    values: tuple[str, ...]
    paths: tuple[tuple[str, str], ...]
    told: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Flag cases from left to right, a strip for each flag and each promise."""

    cases: int
    left_out: int
    flags: tuple[Strip, ...]
    promises: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A rollout step: whether its users moved, how many of them, and every look at it."""

    name: str
    check: CheckRecord
    share: Measurement | None
    looks: tuple[LookRecord, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The curves of one load, either side's path, and the largest value on it."""

    load: str
    paths: tuple[tuple[Curve, str], ...]
    most_ms: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The run from left (0) to right (1000): its phases, and lanes of what took place in them."""

    seconds: float
    phases: tuple[Mark, ...]
    lanes: tuple[tuple[str, str], ...]
    within: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    left_out: int


def matrix(verdict: Verdict) -> Matrix | None:
    """The flag cases of a run; None where it has none."""
    asked: dict[str, dict[str, Outcome]] = {}
    sentences: dict[str, dict[str, Outcome]] = {}
    for check in verdict.checks:
        case = check.id.rpartition("/")[2]
        if check.suite in _FLAG_SUITES and "=" in case:
            asked.setdefault(case, {})[check.sentence] = check.outcome
            sentences.setdefault(check.sentence, {})[case] = check.outcome
    if not asked:
        return None
    held = {case: all(it is Outcome.PASSED for it in outcomes.values()) for case, outcomes in asked.items()}
    kept = set(sorted(asked, key=lambda case: held[case])[:_MOST_CASES])
    cases = [case for case in asked if case in kept]
    promises = tuple(_promise(name, [of.get(case) for case in cases]) for name, of in sentences.items())
    return Matrix(len(cases), len(asked) - len(cases), _flags([_assigned(case) for case in cases]), promises)


def _assigned(case: str) -> dict[str, str]:
    """The flags of a case by its id: `streaming=on.percent=5.healthy`."""
    return dict(part.partition("=")[::2] for part in case.split(".") if "=" in part)


def _flags(cases: Sequence[dict[str, str]]) -> tuple[Strip, ...]:
    names = dict.fromkeys(name for case in cases for name in case)
    strips = []
    for name in names:
        values = tuple(sorted({case[name] for case in cases if name in case}, key=_in_order))
        places = [values.index(case[name]) if name in case else None for case in cases]
        paths = tuple((str(place), _cells(places, place, 0, 1)) for place in range(len(values)))
        strips.append(Strip(name, values, paths, f"{name}: {len(values)} values"))
    return tuple(strips)


def _in_order(value: str) -> tuple[int, str]:
    """Numbers by size, after words."""
    return (int(value), "") if value.isdecimal() and len(value) < 9 else (-1, value)


def _promise(sentence: str, outcomes: Sequence[Outcome | None]) -> Strip:
    kinds = {Outcome.PASSED: (0.55, 0.45), Outcome.FAILED: (0, 1)}
    seen = dict.fromkeys(outcome for outcome in outcomes if outcome)
    paths = tuple((str(each), _cells(outcomes, each, *kinds.get(each, (0.25, 0.75)))) for each in seen)
    counted = ", ".join(f"{outcomes.count(each)} {each}" for each in seen)
    return Strip(sentence, (), paths, counted)


def _cells(row: Sequence[object], wanted: object, top: float, height: float) -> str:
    return "".join(f"M{at} {top:g}h.86v{height:g}h-.86z" for at, each in enumerate(row) if each == wanted)


def stages(verdict: Verdict) -> tuple[Stage, ...]:
    """The rollout steps in the plan's order."""
    looks = {step: tuple(of) for step, of in groupby(verdict.exhibits.looks, lambda look: look.step)}
    found = [check for check in verdict.checks if check.id.split("/")[2:3] == [SHARE_PROMISE]]
    names = [check.id.split("/")[-1] for check in found]
    return tuple(Stage(name, it, it.actual, looks.get(name, ())) for name, it in zip(names, found, strict=True))


def charts(verdict: Verdict) -> tuple[Chart, ...]:
    """The curves of each load, those with both sides first."""
    by_load = [list(of) for _, of in groupby(verdict.exhibits.curves, lambda curve: curve.load)]
    drawn = [_chart([curve for curve in of if len(curve.points) > 1]) for of in by_load]
    found = sorted((it for it in drawn if it), key=lambda it: -len(it.paths))
    return tuple(found[:_MOST_LOADS])


def _chart(curves: Sequence[Curve]) -> Chart | None:
    most = max((ms for curve in curves for _, ms in curve.points), default=0.0)
    if not most:
        return None
    return Chart(curves[0].load, tuple((curve, _path(curve, most)) for curve in curves), most)


def _path(curve: Curve, most_ms: float) -> str:
    places = ((across(percent), _HEIGHT * (1 - ms / most_ms)) for percent, ms in curve.points)
    return "M" + "L".join(f"{x:g} {y:.1f}" for x, y in places)


def across(percent: float) -> float:
    """Where a percentile stands on the axis, which gives each further nine as much room as the last."""
    return round(_WIDTH * math.log10(1 - percent / 100) / math.log10(1 - _LAST_PERCENT / 100), 1)


def at_percent(curve: Curve, percent: float) -> float | None:
    """The value of a curve at a percentile, where its samples tell it."""
    return next((ms for at, ms in curve.points if at == percent), None)


def timeline(verdict: Verdict) -> Timeline | None:
    """What took place when; None where nothing is known of it."""
    marks = verdict.exhibits.marks
    phases = [mark for mark in marks if mark.kind == "phase"]
    seconds = max((mark.to_s for mark in marks), default=0.0)
    if not phases or not seconds:
        return None
    lanes = [(kind, _lane([mark for mark in marks if mark.kind == kind], seconds)) for kind in _LANES]
    others = [mark for mark in marks if mark.kind != "phase"]
    shown = phases[:_MOST_PHASES]
    within = tuple(_within(phase, others) for phase in shown)
    return Timeline(seconds, tuple(shown), tuple(it for it in lanes if it[1]), within, len(phases) - len(shown))


def _within(phase: Mark, others: Iterable[Mark]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    began = [mark for mark in others if phase.from_s <= mark.from_s < phase.to_s]
    of = [(kind, tuple(dict.fromkeys(mark.subject for mark in began if mark.kind == kind))) for kind in _LANES]
    return tuple((kind, subjects) for kind, subjects in of if subjects)


def _lane(marks: Sequence[Mark], seconds: float) -> str:
    """Bars of these marks; what took no time at all is a bar that can still be seen."""
    spans = [(1000 * mark.from_s / seconds, 1000 * mark.to_s / seconds) for mark in marks]
    return "".join(f"M{start:.1f} 0h{max(2.5, end - start):.1f}v10H{start:.1f}z" for start, end in spans)
