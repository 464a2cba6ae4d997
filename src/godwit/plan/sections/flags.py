"""`flags`: the switches, how they are set, and the truth table that says who is served by whom."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.buckets import Bucketing
from godwit.plan.sections.matrix import FlagMatrix
from godwit.plan.sections.words import Duration, FlagValue, Id, Path, Section, Text

FlagName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]


FlagType = Literal["bool", "enum", "percent", "list", "number", "text"]
_ASKED = {
    "bool": "true or false",
    "enum": "one of its values",
    "percent": "a whole number from 0 to 100",
    "list": "a list",
    "number": "a whole number",
    "text": "text",
}


def misfit(kind: str, value: Any) -> str | None:
    """Why a value cannot stand in a flag of a type; None if it can."""
    number = isinstance(value, int) and not isinstance(value, bool)
    fits = {
        "bool": isinstance(value, bool),
        "percent": number and 0 <= value <= 100,
        "number": number,
        "list": isinstance(value, (list, tuple)),
    }.get(kind, isinstance(value, str))
    if fits or kind not in _ASKED:
        return None
    return (
        f"{str(value).lower() if isinstance(value, bool) else repr(value)} does not fit a {kind} flag: {_ASKED[kind]}"
    )


class Flag(Section):
    """One switch. `baseline_value` is the value that gives baseline behaviour; `values` are those the matrix tries."""

    name: FlagName
    type: FlagType
    default: FlagValue
    baseline_value: FlagValue
    values: Annotated[tuple[FlagValue, ...], Field(min_length=1)]
    scope: Literal["global", "user", "team", "agent_type", "plugin"] = "global"
    sources: tuple[Literal["override", "env", "file", "config", "http", "provider", "default"], ...] = (
        "http",
        "default",
    )
    hot: bool = False
    max_effect_s: Duration | None = None
    requires: tuple[FlagName, ...] = ()

    @model_validator(mode="after")
    def _values_fit(self) -> "Flag":
        for value in (self.default, self.baseline_value, *self.values):
            if said := misfit(self.type, value):
                raise ValueError(said)
        return self


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
    matrix: FlagMatrix | None = None


class Cohort(Section):
    """A set of users: a random share, named teams, or a segment."""

    id: Id
    percent: Annotated[float, Field(ge=0, le=100)] | None = None
    teams: tuple[Text, ...] = ()
    segment: str | None = None


class ServedBy(Section):
    """How an answer tells which side made it."""

    header: Text
    baseline: Text
    candidate: Text


class Router(Section):
    """How the router is asked: who is served by whom, hold and release of traffic, and how a user is named.

    `ask` is a path that only reads and that both sides serve: by it godwit sees who serves a user.
    """

    served_by: ServedBy
    user_header: Text
    team_header: Text
    assignments: Path
    ask: Path
    traffic: Path | None = None


class Users(Section):
    """The users that godwit makes up for rollout checks: how many, and which share belongs to each team."""

    count: Annotated[int, Field(ge=1)]
    teams: dict[str, float] = Field(default_factory=dict)


class Rollout(Section):
    """Who moves when."""

    router: Router
    users: Users
    buckets: tuple[Bucketing, ...] = ()
