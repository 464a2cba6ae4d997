"""What the verdict page says, chapter by chapter, as values drawn from a verdict; it renders nothing and adds nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from godwit.reporting.counting import HOLDS, accepted_checks, shown_outcome, shown_word
from godwit.reporting.figures import Ruler, ruler
from godwit.verdict import CheckRecord, CriterionRecord, GateRecord, Measurement, Outcome, Verdict, Word

WRITE_PROMISES = ("every-acknowledged-write-is-found", "no-request-fails-meanwhile")
"""What says that writes survive a move; the suites' own names."""
_LINES, _FIGURES_OF_ONE, _COMMANDS = 300, 8, 5
_OPEN = (Outcome.FAILED, Outcome.ERRORED, Outcome.INCONCLUSIVE, Outcome.SKIPPED)

Past = Mapping[str, Sequence[Outcome]]
"""How criteria (`<gate>/<criterion>`) ended in the last runs, oldest first."""


@dataclass(frozen=True, slots=True)
class GateCard:
    """A gate: its word, or that the run did not reach it."""

    gate: GateRecord
    word: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with what it is held against; `name` tells the figures of one criterion apart."""

    name: str
    outcome: str
    limit: str
    actual: Measurement | None
    baseline: Measurement | None
    ruler: Ruler | None


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion in the table; `figures` are those of its checks where it rests on several: statistics, and what does not hold."""

    gate: GateRecord
    item: CriterionRecord
    own: Figure
    figures: tuple[Figure, ...]
    more: int
    past: tuple[Outcome, ...]
    regressed: bool


@dataclass(frozen=True, slots=True)
class Drill:
    """One way back that was tried: how many of its checks held, how long it took, and the first that did not hold."""

    name: str
    outcome: str
    held: int
    checks: int
    took: Measurement | None
    limit: str
    open: str


@dataclass(frozen=True, slots=True)
class Group:
    """The checks of one promise: how many held, and what the worst of them says."""

    sentence: str
    held: int
    checks: int
    outcome: str
    reason: str


def gate_cards(verdict: Verdict) -> tuple[GateCard, ...]:
    """The gates in order."""
    return tuple(GateCard(gate, shown_word(gate, verdict.checks)) for gate in verdict.gates)


def headline(verdict: Verdict) -> tuple[str, str]:
    """The decision in one sentence, and what it rests on: the first criterion that stands in the way, if one does."""
    wanted = Outcome.FAILED if verdict.word is Word.NO_GO else None
    for gate in verdict.gates:
        for item in gate.criteria:
            if item.outcome in _OPEN and wanted in (None, item.outcome):
                return f"{item.sentence}: {_TOLD[item.outcome]}", f"{gate.title}: {_without_id(item)}"
    if verdict.word is Word.GO:
        accepted = sum(item.outcome is Outcome.WAIVED for gate in verdict.gates for item in gate.criteria)
        return "Every gate of this run holds" + (f", with {accepted} waived" if accepted else ""), verdict.reason
    return verdict.reason, ""


def _without_id(item: CriterionRecord) -> str:
    """The reason of a criterion without the long name of the check that gave it."""
    named = next((f"{name}: " for name in item.checks if item.reason.startswith(f"{name}: ")), "")
    return item.reason.removeprefix(named)


_TOLD = {
    Outcome.FAILED: "this does not hold",
    Outcome.ERRORED: "this could not be tested",
    Outcome.INCONCLUSIVE: "this could not be told",
    Outcome.SKIPPED: "this did not run",
}


def lines(verdict: Verdict, past: Past) -> tuple[tuple[Line, ...], int]:
    """The criteria in the gates' order, and how many are left out; where there are too many, those that hold go."""
    checks = {check.id: check for check in verdict.checks}
    found = [_line(gate, item, checks, past) for gate in verdict.gates for item in gate.criteria]
    if len(found) > _LINES:
        kept = set(sorted(range(len(found)), key=lambda at: found[at].item.outcome in HOLDS)[:_LINES])
        return tuple(line for at, line in enumerate(found) if at in kept), len(found) - _LINES
    return tuple(found), 0


def _line(gate: GateRecord, item: CriterionRecord, checks: Mapping[str, CheckRecord], past: Past) -> Line:
    measured = [checks[name] for name in item.checks if name in checks and checks[name].actual]
    several = measured if len(item.checks) > 1 else []
    telling = [check for check in several if check.outcome not in HOLDS or _is_statistic(check)]
    shown = tuple(_figure(_case(check.id), check) for check in telling[:_FIGURES_OF_ONE])
    own = Figure("", item.outcome, "", None, None, None) if several else _figure("", item)
    told = tuple(past.get(f"{gate.id}/{item.id}", ()))
    regressed = item.outcome is Outcome.FAILED and Outcome.PASSED in told[:-1]
    return Line(gate, item, own, shown, len(several) - len(shown), told, regressed)


def _is_statistic(check: CheckRecord) -> bool:
    return check.baseline is not None or (check.actual is not None and check.actual.interval is not None)


def _figure(name: str, of: CheckRecord | CriterionRecord) -> Figure:
    return Figure(name, of.outcome, of.limit, of.actual, of.baseline, ruler(of.limit, of.actual, of.baseline))


def open_checks(verdict: Verdict) -> list[tuple[CheckRecord, str]]:
    """The checks that do not hold, the worst first, each with the outcome that it is shown with."""
    accepted = accepted_checks(verdict)
    loose = [check for check in verdict.checks if check.outcome not in HOLDS]
    return [(check, shown_outcome(check, accepted)) for check in sorted(loose, key=lambda it: _rank(it.outcome))]


def drills(verdict: Verdict) -> tuple[Drill, ...]:
    """The ways back that this run tried, by the trigger or the runbook that they are about."""
    tried = sorted((check for check in verdict.checks if check.suite == "rollback"), key=lambda it: _case(it.id))
    return tuple(_drill(name, list(of)) for name, of in groupby(tried, lambda it: _case(it.id)))


def _drill(name: str, checks: Sequence[CheckRecord]) -> Drill:
    timed = next((check for check in checks if check.actual and check.actual.metric == "duration_s"), None)
    loose = sorted((check for check in checks if check.outcome not in HOLDS), key=lambda it: _rank(it.outcome))
    told = f"{loose[0].sentence}: {loose[0].reason}" if loose else ""
    took, limit = (timed.actual, timed.limit) if timed else (None, "")
    outcome = loose[0].outcome if loose else Outcome.PASSED
    return Drill(name, outcome, len(checks) - len(loose), len(checks), took, limit, told)


def writes(verdict: Verdict) -> tuple[Group, ...]:
    """What became of writes while state moved."""
    return _groups(check for check in verdict.checks if _promise(check.id) in WRITE_PROMISES)


def state(verdict: Verdict) -> tuple[Group, ...]:
    """What was compared of state, by promise, what does not hold first."""
    found = _groups(check for check in verdict.checks if check.suite.startswith("state") or check.suite == "backups")
    return tuple(sorted(found, key=lambda it: _rank(Outcome(it.outcome))))


def suites(verdict: Verdict) -> list[tuple[str, Counter[str]]]:
    """How the checks of each suite ended."""
    of = sorted(verdict.checks, key=lambda check: check.suite)
    return [(suite, Counter(check.outcome for check in each)) for suite, each in groupby(of, lambda it: it.suite)]


def repeats(verdict: Verdict) -> tuple[list[str], int]:
    """The commands that repeat what does not hold, the worst first, and how many more there are."""
    found = list(
        dict.fromkeys(it.repeat for it, outcome in open_checks(verdict) if it.repeat and outcome != Outcome.WAIVED)
    )
    return found[:_COMMANDS], len(found) - _COMMANDS


def unanswered(verdict: Verdict) -> list[CriterionRecord]:
    """Criteria that nothing answers: a signature that is missing, checks that this run has not."""
    asked = [item for gate in verdict.gates for item in gate.criteria]
    return [item for item in asked if not item.checks and item.outcome in (Outcome.INCONCLUSIVE, Outcome.ERRORED)]


def waivers(verdict: Verdict) -> list[tuple[str, str, str]]:
    """What somebody accepted, criteria and rows of the criteria file, each with owner, expiry and reason, and its link."""
    asked = [item for gate in verdict.gates for item in gate.criteria if item.outcome is Outcome.WAIVED]
    rows = [row for row in verdict.rows if row.outcome is Outcome.WAIVED and row.answer.startswith("waiver:")]
    return [(item.sentence, item.waiver, item.waiver_link) for item in asked] + [
        (f"{row.id}: {row.statement}", row.reason, row.link) for row in rows
    ]


def _groups(checks: Iterable[CheckRecord]) -> tuple[Group, ...]:
    by_promise: dict[str, list[CheckRecord]] = {}
    for check in checks:
        by_promise.setdefault(f"{check.phase}/{_promise(check.id)}", []).append(check)
    return tuple(map(_group, by_promise.values()))


def _group(checks: Sequence[CheckRecord]) -> Group:
    worst = min(checks, key=lambda check: _rank(check.outcome))
    held = sum(check.outcome in HOLDS for check in checks)
    return Group(worst.sentence, held, len(checks), worst.outcome, worst.reason)


def _rank(outcome: Outcome) -> int:
    return (*_OPEN, Outcome.WAIVED, Outcome.PASSED).index(outcome)


def _promise(check_id: str) -> str:
    return "".join(check_id.split("/")[2:3])


def _case(check_id: str) -> str:
    return "/".join(check_id.split("/")[3:]) or _promise(check_id)
