"""Judges what was seen under each flag case, and tells a failure by the flags that it needs; sets no flag, asks nobody."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from godwit.checks.differences import EXAMPLES_AT_MOST, cut
from godwit.checks.flag_cases import cases
from godwit.checks.flag_sources import Glimpse, differing
from godwit.checks.narrowing import Assignment, Narrowing
from godwit.checks.subset import holds
from godwit.plan import Flags
from godwit.verdict import (
    Answer,
    Finding,
    Judgement,
    Outcome,
    all_of,
    failed,
    general_step,
    inconclusive,
    judged,
    passed,
)

Seen = Mapping[str, Mapping[str, Judgement]]
"""What was seen, by the case (or pair of cases) and the question that was asked."""

WHEN = " when "
"""Between a flag and the moment at which it has a value, where a case is made of two moments."""


@dataclass(frozen=True, slots=True)
class MatrixCase:
    """One assignment of all flags, and of which stack (with which capabilities) questions are asked under it."""

    id: str
    flags: Assignment
    on: str = "router"
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Symptom:
    """The same thing at the same place of the answer to one question."""

    question: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Symptoms that were seen under exactly the same cases: of one cause, for all that is known. `sample` is one of them."""

    cases: frozenset[str]
    symptoms: tuple[Symptom, ...]
    sample: Finding


@dataclass(frozen=True, slots=True)
class Blamed:
    """A failure and the one finding that tells it; `certain` unless it was seen once and never again."""

    failure: Failure
    finding: Finding
    certain: bool


def matrix_cases(flags: Flags) -> tuple[MatrixCase, ...]:
    """The cases of the plan's matrix with the candidate in health, the default first; none without `flags.matrix`."""
    if flags.matrix is None or not flags.flags:
        return ()
    on, needs = flags.matrix.on, flags.matrix.needs
    default = MatrixCase("default", default_of(flags), on, needs)
    others = (MatrixCase(it.id, it.flags, on, needs) for it in cases(flags, ("healthy",)))
    return (default, *(it for it in others if it.flags != default.flags))


def default_of(flags: Flags) -> dict[str, Any]:
    """Every flag at its default."""
    return {flag.name: flag.default for flag in flags.flags}


def judge_shown(wanted: Assignment, seen: Glimpse) -> dict[str, Judgement]:
    """Judge for each flag whether the running system shows the value that is in effect, and whether it was in health."""
    ill = Finding("unhealthy", "/health", "healthy", cut(seen.detail or "unhealthy"))
    health = passed("the system is healthy") if seen.healthy else failed(f"the system is ill: {seen.detail}", [ill])
    return {"health": health} | {name: _shown(name, value, seen) for name, value in wanted.items()}


def _shown(name: str, value: Any, seen: Glimpse) -> Judgement:
    if name not in seen.values:
        return inconclusive(f"nothing shows {name}{seen.detail and f': {seen.detail}'}")
    if not differing({name: value}, seen.values):
        return passed(f"{name} shows {_json(value)}")
    wrong = Finding("shown otherwise", f"/{name}", _json(value), _json(seen.values[name]))
    return failed(f"{name} shows {wrong.candidate}, not {wrong.baseline}", [wrong])


def _json(value: Any) -> str:
    return cut(json.dumps(value, default=str))


def judge_read_back(written: Mapping[str, Any], answer: Answer) -> Judgement:
    """Judge whether an answer holds a record: status 200 and the fields as they were written."""
    if answer.status == 0:
        return inconclusive(f"{answer.request} was not answered: {answer.error}")
    if answer.status != 200:
        shown = cut(answer.body.decode(errors="replace"))
        return failed(f"{answer.request} answered {answer.status}", [_lost(answer.status, shown)])
    try:
        found = answer.json()
    except ValueError as error:
        return failed(f"{answer.request} answered no JSON: {error}")
    return judged(holds(dict(written), found), len(written), "fields")


def _lost(status: int, shown: str) -> Finding:
    return Finding("status", "/@status", "200", str(status), shown)


def symptoms_of(judgements: Mapping[str, Judgement]) -> dict[Symptom, Finding]:
    """What is wrong with the answers to questions."""
    found: dict[Symptom, Finding] = {}
    for question, judgement in judgements.items():
        if judgement.outcome is Outcome.FAILED:
            for finding in judgement.findings or (Finding(judgement.reason, ""),):
                where = "/".join(map(general_step, finding.where.split("/")))
                found.setdefault(Symptom(question, finding.what, where), finding)
    return found


def failures_of(seen: Seen) -> tuple[Failure, ...]:
    """The failures behind everything that was seen, those under most cases first."""
    under: dict[Symptom, set[str]] = {}
    samples: dict[Symptom, Finding] = {}
    for case, judgements in seen.items():
        for symptom, finding in symptoms_of(judgements).items():
            under.setdefault(symptom, set()).add(case)
            samples.setdefault(symptom, finding)
    groups: dict[frozenset[str], list[Symptom]] = {}
    for symptom, where in under.items():
        groups.setdefault(frozenset(where), []).append(symptom)
    found = [Failure(where, tuple(symptoms), samples[symptoms[0]]) for where, symptoms in groups.items()]
    return tuple(sorted(found, key=lambda it: (-len(it.cases), it.symptoms[0].question, it.symptoms[0].where)))


def outcomes_of(failure: Failure, seen: Seen) -> dict[str, bool]:
    """Whether each case has the failure, for those where its questions could be answered."""
    questions = {symptom.question for symptom in failure.symptoms}
    known = (Outcome.PASSED, Outcome.FAILED)
    return {
        case: case in failure.cases
        for case, judgements in seen.items()
        if all(question in judgements and judgements[question].outcome in known for question in questions)
    }


def blame(failure: Failure, narrowing: Narrowing, flags: int, cases_seen: int) -> Blamed:
    """The finding that tells a failure by its narrowing; `flags` is how many flags there are.

    A failure that never came back is not certain.
    """
    what, where, told = _told(narrowing, flags) if narrowing.culprits else _untold(failure, narrowing, cases_seen)
    first = failure.symptoms[0]
    more = f" and {len(failure.symptoms) - 1} more" if len(failure.symptoms) > 1 else ""
    seen = f"{first.question}: {failure.sample.what}{failure.sample.where and f' at {failure.sample.where}'}{more}"
    examples = tuple(sorted(failure.cases)[:EXAMPLES_AT_MOST])
    sample = failure.sample
    finding = Finding(
        what, where, sample.baseline, sample.candidate, cut(f"{seen}; {told}"), len(failure.cases), examples
    )
    return Blamed(failure, finding, narrowing.again[0] != 1)


def judge_matrix_case(case: str, judgements: Mapping[str, Judgement], blamed: Iterable[Blamed]) -> Judgement:
    """Judge what was seen under one case; `blamed` are the failures of this case.

    Nothing asked, or a question without an answer that can be judged, is inconclusive.
    """
    mine = list(blamed)
    findings = [it.finding for it in mine]
    first = f"{findings[0].what} ({findings[0].reason})" if findings else ""
    if any(it.certain for it in mine):
        more = f", and {len(mine) - 1} other failure(s)" if len(mine) > 1 else ""
        return failed(f"{first}{more}", findings)
    if mine:
        return inconclusive(f"{case}: {first}", findings=tuple(findings))
    unsettled = {name: it for name, it in judgements.items() if it.outcome is not Outcome.PASSED}
    if unsettled:
        name, judgement = next(iter(unsettled.items()))
        return inconclusive(
            f"{case}: {len(unsettled)} of {len(judgements)} could not be told; {name}: {judgement.reason}"
        )
    if not judgements:
        return inconclusive(f"{case}: nothing was asked")
    rules = all_of(judgements.values()).rules
    return passed(f"{case}: {len(judgements)} asked, each as it should be", rules=rules)


def label(name: str, value: Any) -> str:
    """A flag with its value, as it is read aloud: `streaming=on`, `share=50`, `teams=qa+core`."""
    flag, when, moment = name.partition(WHEN)
    return f"{flag}={_value(value)}{when}{moment}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return "+".join(map(_value, value)) or "none"
    return str(value) or "empty"


def _told(narrowing: Narrowing, flags: int) -> tuple[str, str, str]:
    """What fails when, its place, and what the statement rests on."""
    parts = [[label(*pair) for pair in it.assignment.items()] for it in narrowing.culprits]
    counts = f"{_either([it.cases for it in narrowing.culprits])} cases with it fail, 0 of {narrowing.clean} without"
    if not any(parts):
        return "fails in every case", "/every-case", f"all {narrowing.cases} cases fail"
    what = "fails whenever " + ", or whenever ".join(" and ".join(part) for part in parts)
    common = [each for each in parts[0] if all(each in part for part in parts)]
    size = min(len({name.partition(WHEN)[0] for name in it.assignment}) for it in narrowing.culprits)
    return what, "/" + "/".join(common or parts[0]), f"{size} of {flags} flags; {counts}"


def _either(counts: Sequence[int]) -> str:
    return " and ".join(f"{count} of {count}" for count in counts)


def _untold(failure: Failure, narrowing: Narrowing, cases_seen: int) -> tuple[str, str, str]:
    what = f"fails in {len(failure.cases)} of {cases_seen} cases"
    first = failure.symptoms[0]
    often = f": it failed {narrowing.again[0]} of {narrowing.again[1]} times" if narrowing.again[1] else ""
    return what, f"/{first.question}{first.where if first.where.startswith('/') else ''}", f"{narrowing.trouble}{often}"
