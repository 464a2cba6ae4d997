"""`flags`: the switches, how they are set, and the truth table that says who is served by whom."""

from typing import Annotated, Any, Literal

from pydantic import Field

from godwit.plan.sections.words import Duration, FlagValue, Id, Path, Section, Text

FlagName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]


class Flag(Section):
    """One switch. `baseline_value` is the value that gives baseline behaviour; `values` are those the matrix tries."""

    name: FlagName
    type: Literal["bool", "enum", "percent", "list", "number", "text"]
    default: FlagValue
    baseline_value: FlagValue
    values: Annotated[tuple[FlagValue, ...], Field(min_length=1)]
    scope: Literal["global", "user", "team", "agent_type", "plugin"] = "global"
    sources: tuple[Literal["override", "env", "file", "config", "http", "provider", "default"], ...] = ("http", "default")
    hot: bool = False
    max_effect_s: Duration | None = None
    requires: tuple[FlagName, ...] = ()


class FlagControl(Section):
    """How flags are read and written: over HTTP at the router, in a file, or in the environment."""

    kind: Literal["http", "file", "env", "openfeature"]
    path: str = ""


class Rule(Section):
    """One row of the truth table; the first whose conditions all hold decides.

    A condition is `flag: value` (equal), `flag: {contains: user.team}` or `flag: {above: user.bucket}`.
    """

    when: dict[FlagName, Any] = Field(default_factory=dict)
    served_by: Literal["baseline", "candidate"]


class TruthTable(Section):
    """Who serves a request. If the candidate is chosen but fails, `fallback` true means that the baseline serves it."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    fallback: FlagName | None = None
    default_case_is_baseline: Literal[True] = True


class Flags(Section):
    """All flags of the migration."""

    control: FlagControl | None = None
    flags: tuple[Flag, ...] = ()
    truth: TruthTable | None = None
    strength: Annotated[int, Field(ge=1, le=6)] | Literal["all"] = "all"
    constraints: tuple[Text, ...] = ()
    invariants: tuple[Text, ...] = ()


class Cohort(Section):
    """A set of users: a random share, named teams, or a segment."""

    id: Id
    percent: float | None = None
    teams: tuple[Text, ...] = ()
    segment: str | None = None


class ServedBy(Section):
    """How an answer tells which side made it."""

    header: Text
    baseline: Text
    candidate: Text


class Router(Section):
    """How the router is asked: who is served by whom, hold and release of traffic, and how a user is named."""

    served_by: ServedBy
    user_header: Text
    team_header: Text
    assignments: Path
    traffic: Path | None = None


class Users(Section):
    """The users that godwit makes up for rollout checks: how many, and which share belongs to each team."""

    count: Annotated[int, Field(ge=1)]
    teams: dict[str, float] = Field(default_factory=dict)


class Rollout(Section):
    """Who moves when."""

    router: Router
    users: Users
