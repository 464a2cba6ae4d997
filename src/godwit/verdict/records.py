"""What is asked of a run and what it leaves: checks, criteria, gates, rows, the verdict; values only, they decide nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from godwit.verdict.evidence import Finding, Judgement, Measurement
from godwit.verdict.exhibits import Exhibits
from godwit.verdict.outcome import Outcome, Word


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What one expected check ended with. `id` is `<migration>/<phase>/<promise>[/<case>]`, the same wherever it runs."""

    id: str
    suite: str
    sentence: str
    phase: str
    outcome: Outcome
    reason: str
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    actual: Measurement | None = None
    baseline: Measurement | None = None
    limit: str = ""
    n_needed: int | None = None
    repeat: str = ""
    rules: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a gate asks of one criterion.

    `checks` are patterns over check ids without the migration (`*` stands for anything). `judgement` is the answer of
    an attestation, which needs no check. `waiver` is why a failure is accepted, `waiver_fault` why the waiver itself
    no longer holds. `asked` is what is asked besides the sentence: the figure, its limit and the evidence for it. `link` and
    `waiver_link` are where people read more about it and about its waiver.
    """

    id: str
    sentence: str
    severity: str
    covers: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    judgement: Judgement | None = None
    waiver: str = ""
    waiver_fault: str = ""
    asked: str = ""
    link: str = ""
    waiver_link: str = ""


@dataclass(frozen=True, slots=True)
class GateAsk:
    """One gate of the run: its phase, its criteria, and whether its failure calls for a rollback."""

    id: str
    title: str
    phase: str
    criteria: tuple[Ask, ...]
    rolls_back: bool


@dataclass(frozen=True, slots=True)
class RowAsk:
    """One row of a criteria file, and what answers it: checks (patterns as in `Ask`), criteria, or a judgement at hand.

    `elsewhere` is why nothing of this run has to answer it; it counts only where nothing does.
    """

    id: str
    statement: str
    answer: str
    checks: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    judgement: Judgement | None = None
    elsewhere: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class CriterionRecord:
    """One line of the verdict table."""

    id: str
    sentence: str
    severity: str
    outcome: Outcome
    reason: str
    covers: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    actual: Measurement | None = None
    baseline: Measurement | None = None
    limit: str = ""
    waiver: str = ""
    asked: str = ""
    link: str = ""
    waiver_link: str = ""


@dataclass(frozen=True, slots=True)
class GateRecord:
    """What a gate says, and how much of what it asks was measured."""

    id: str
    title: str
    phase: str
    word: Word
    reason: str
    criteria: tuple[CriterionRecord, ...]
    checks_expected: int
    checks_ran: int
    rolls_back: bool


@dataclass(frozen=True, slots=True)
class RowRecord:
    """What answered a row of a criteria file; skipped means that nothing of this run had to. `link` is that of its waiver."""

    id: str
    statement: str
    answer: str
    outcome: Outcome
    reason: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """What is likely to be behind findings of several checks: the same thing at the same place, indices and ids as `*`.

    `count` is in how many places, `examples` are some of them, `checks` the ids of all checks that noticed.
    """

    what: str
    where: str
    reason: str
    baseline: str
    candidate: str
    count: int
    examples: tuple[str, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """A rule of the plan for noise, and how many differences it let through in the whole run."""

    rule: str
    fired: int


@dataclass(frozen=True, slots=True)
class WayBack:
    """How far the plan leads back.

    `until` is the point of no return, `<phase>` or `<phase>/<step>`, and `why` what is gone after it; both are empty where the
    plan names none. `passed` says whether the run went beyond it, None where only errors came of what lies beyond. `without`
    are the phases of the run from which no runbook leads back although they come before it.
    """

    until: str = ""
    why: str = ""
    passed: bool | None = False
    without: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where the run came to, in words."""
        if self.passed is None:
            return "may have gone beyond it, for only errors came of what lies there"
        return "went beyond it" if self.passed else "stayed before it"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision of a run and everything it rests on.

    `run` identifies it: versions, seed, machine, hashes, command. `exhibits` is what its pictures are drawn from. `way_back`
    is not known of older runs.
    """

    run_id: str
    word: Word
    reason: str
    exit_code: int
    gates: tuple[GateRecord, ...]
    checks: tuple[CheckRecord, ...]
    trouble: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    rows: tuple[RowRecord, ...] = ()
    run: Mapping[str, object] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    rules: tuple[RuleRecord, ...] = ()
    exhibits: Exhibits = field(default_factory=Exhibits)
    way_back: WayBack | None = None
