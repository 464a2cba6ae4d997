"""`phases`, `runbooks`, `attestations`, `waivers`, `defects`, `clock`: what happens when, who answers for it."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.stacks import Role
from godwit.plan.sections.words import Command, Duration, FlagValue, Id, Pointer, Section, Text, WebAddress


class Step(Section):
    """One change. Exactly one deed: run, start, stop, healthy, flags, traffic, seed, backup, restore, convert."""

    id: Id
    run: Command | None = None
    start: Role | None = None
    stop: Role | None = None
    healthy: Role | None = None
    flags: dict[str, FlagValue] | None = None
    traffic: Literal["hold", "release"] | None = None
    seed: Literal[True] | None = None
    backup: Id | None = None
    restore: Id | None = None
    convert: Literal[True] | None = None
    timeout_s: Duration = 60.0
    idempotent: bool = True

    @model_validator(mode="after")
    def _one_deed(self) -> "Step":
        if len(self.deeds) != 1:
            raise ValueError(
                f"a step does exactly one thing; this one does {len(self.deeds)}: {', '.join(self.deeds) or 'nothing'}"
            )
        return self

    @property
    def deeds(self) -> list[str]:
        """The deeds that are stated."""
        names = ("run", "start", "stop", "healthy", "flags", "traffic", "seed", "backup", "restore", "convert")
        return [name for name in names if getattr(self, name) is not None]

    @property
    def deed(self) -> str:
        """What the step does, by the word in the plan."""
        return self.deeds[0]


class Replicas(Section):
    """How many replicas of each side the documents name for a rollout step."""

    baseline: Annotated[int, Field(ge=0)]
    candidate: Annotated[int, Field(ge=1)]


class RolloutStep(Section):
    """One widening of the candidate's share: the flags that make it, who must then be on it, how long it soaks.

    `replicas` are those that the documents name for it; a lint says when they make another share than `percent`.
    With a `judge` the load is run once a look, the looks evenly over the soak, and the judge decides at each of them.
    """

    id: Id
    sentence: Text
    flags: dict[str, FlagValue]
    percent: Annotated[float, Field(ge=0, le=100)]
    cohorts: tuple[Id, ...] = ()
    replicas: Replicas | None = None
    soak_s: Duration
    profile: Id
    criteria: Annotated[tuple[Id, ...], Field(min_length=1)]
    looks: Annotated[int, Field(ge=1, le=1000)] | None = None
    judge: Id | None = None

    @model_validator(mode="after")
    def _looks_of_a_judge(self) -> "RolloutStep":
        if (self.looks is None) != (self.judge is None):
            raise ValueError("looks and judge belong together: how often it looks, and who judges")
        return self


class SuiteUse(Section):
    """A suite in a phase; without `promises` all of them are exercised."""

    suite: Id
    promises: tuple[Text, ...] = ()


class Phase(Section):
    """A part of the migration with its own verdict."""

    id: Id
    title: Text
    weeks: tuple[int, int] | None = None
    entry: Id | None = None
    flags: dict[str, FlagValue] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    rollout: tuple[RolloutStep, ...] = ()
    suites: tuple[SuiteUse, ...] = ()
    exit: Id
    writes: tuple[Text, ...] = ()


class Runbook(Section):
    """A rollback or recovery as ordered steps.

    `reads` are the files that the documents have it restore from; a lint looks for them in its backup.
    """

    id: Id
    sentence: Text
    kind: Literal["flags", "partial", "config", "full"]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    max_s: Duration
    max_downtime_s: Duration | None = None
    backup: Id | None = None
    resets_flags: bool
    reads: tuple[Text, ...] = ()
    keeps: tuple[Text, ...] = ()
    data_loss: Text
    from_phases: Annotated[tuple[Id, ...], Field(min_length=1)]


class NoReturn(Section):
    """The point of no return: after this step of the phase no runbook leads back, or, without `step`, after the phase.

    `why` says what is gone then. Phases after it need no runbook.
    """

    phase: Id
    step: Id | None = None
    why: Text

    @property
    def place(self) -> str:
        """`<phase>/<step>`, or the phase."""
        return f"{self.phase}/{self.step}" if self.step else self.phase


class Attestation(Section):
    """What only a person can judge: signed in a file of this name, not older than `max_age_s`.

    With `score_over` the signature must state a score, and one over this.
    """

    id: Id
    sentence: Text
    kind: Literal["review", "training", "satisfaction", "notification", "sign-off"]
    max_age_s: Duration
    score_over: float | None = None


class Waiver(Section):
    """An accepted failure of `criteria`, or `rows` of the criteria file that nothing can answer here.

    A waiver of a criterion fails when it is expired or its failure is gone. `link` is where it is followed up, an issue say.
    """

    id: Id
    criteria: tuple[Id, ...] = ()
    rows: tuple[Text, ...] = ()
    owner: Text
    reason: Text
    expires: dt.date
    link: WebAddress | None = None

    @model_validator(mode="after")
    def _waives_something(self) -> "Waiver":
        if not self.criteria and not self.rows:
            raise ValueError("a waiver names criteria or rows")
        return self


class Defect(Section):
    """A fault seeded into the candidate's side, and the promise that must notice: `<phase>/<promise>[/<case>]`.

    `place` is where its finding has to point, a JSON Pointer in which `*` is any one step: as the only cause found.
    `cause` is what a finding has to name as its reason (a part of it).
    """

    id: Id
    sentence: Text
    env: Annotated[dict[str, str], Field(min_length=1)]
    promise: Text
    place: Pointer | None = None
    cause: Text | None = None


class Clock(Section):
    """Real, or simulated: then a soak lasts its time divided by `factor`."""

    mode: Literal["real", "simulated"] = "real"
    factor: Annotated[float, Field(ge=1)] = 1.0


class Attestations(Section):
    """Where signed files lie, and what they must say."""

    directory: str = "attestations"
    items: tuple[Attestation, ...] = ()
