"""What was measured, noticed and concluded: the values that travel from a check to the verdict; no I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from godwit.verdict.outcome import Outcome, fold

# JSON has no word for infinity, which is what a percentile is where too many requests failed.
_INFINITE = ConfigDict(ser_json_inf_nan="strings")


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval in the unit of its measurement."""

    __pydantic_config__: ClassVar[ConfigDict] = _INFINITE

    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value with its unit, the number of samples behind it, its interval if it is a statistic, and where it came from."""

    __pydantic_config__: ClassVar[ConfigDict] = _INFINITE

    metric: str
    value: float
    unit: str
    n: int
    interval: Interval | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed: what, where, what either side showed, and how often it was seen.

    `where` is a JSON Pointer, `table.column`, an operation or a user: whatever finds the place again.
    """

    what: str
    where: str
    baseline: str = ""
    candidate: str = ""
    reason: str = ""
    count: int = 1
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check concluded: an outcome, why, and what it rests on.

    `limit` is the limit as it was applied (after resolving anything relative), `n_needed` the number of samples that
    would settle an inconclusive judgement where that can be told. `rules` is how many differences each rule let through,
    None where nothing was compared under rules.
    """

    outcome: Outcome
    reason: str
    findings: tuple[Finding, ...] = ()
    actual: Measurement | None = None
    baseline: Measurement | None = None
    limit: str = ""
    n_needed: int | None = None
    rules: Mapping[str, int] | None = None


def passed(reason: str, **evidence: object) -> Judgement:
    """Judge: the promise held. `reason` says on what evidence."""
    return Judgement(Outcome.PASSED, reason, **evidence)  # type: ignore[arg-type]


def failed(reason: str, findings: Sequence[Finding] = (), **evidence: object) -> Judgement:
    """Judge: the promise was broken."""
    return Judgement(Outcome.FAILED, reason, tuple(findings), **evidence)  # type: ignore[arg-type]


def inconclusive(reason: str, **evidence: object) -> Judgement:
    """Judge: it could not be told. `reason` says what is missing."""
    return Judgement(Outcome.INCONCLUSIVE, reason, **evidence)  # type: ignore[arg-type]


def judged(findings: Sequence[Finding], n: int, of_what: str) -> Judgement:
    """Judge a comparison: findings fail it, and nothing compared is inconclusive.

    `n` is how many things were compared, `of_what` names them in the plural.
    """
    if findings:
        return failed(f"{len(findings)} finding(s) in {n} {of_what}", findings)
    if n == 0:
        return inconclusive(f"no {of_what} to compare")
    return passed(f"{n} {of_what} compared, no finding")


def all_of(judgements: Iterable[Judgement]) -> Judgement:
    """Join judgements of one promise into one: outcomes fold, reasons of the worst are kept, findings add up."""
    parts = list(judgements)
    if len(parts) == 1:
        return parts[0]
    outcome = fold(part.outcome for part in parts)
    worst = [part for part in parts if part.outcome == outcome] or parts
    reason = "; ".join(dict.fromkeys(part.reason for part in worst)) or "nothing was judged"
    findings = tuple(finding for part in parts for finding in part.findings)
    best = worst[0] if worst else Judgement(outcome, reason)
    counts = [part.rules for part in parts if part.rules is not None]
    rules = sum(map(Counter, counts), Counter[str]()) if counts else None
    return Judgement(outcome, reason, findings, best.actual, best.baseline, best.limit, best.n_needed, rules)


class PromiseBroken(AssertionError):
    """A promise did not hold; carries the judgement."""

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        super().__init__(judgement.reason)


class NotSettled(Exception):
    """It could not be told whether a promise held; carries the judgement."""

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        super().__init__(judgement.reason)
