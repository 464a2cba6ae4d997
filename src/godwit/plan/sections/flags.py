"""`flags`: the switches, how they are set, and the truth table that says who is served by whom."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.buckets import Bucketing
from godwit.plan.sections.flag_controls import (
    FlagControl,
    KillSwitch,
    NamedControl,
    SetBy,
    Shown,
    SourceName,
    Toggles,
)
from godwit.plan.sections.matrix import FlagMatrix
from godwit.plan.sections.words import Duration, FlagName, FlagValue, Id, Path, Section, Text

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
    """One switch. `baseline_value` is the value that gives baseline behaviour; `values` are those the matrix tries.

    `sources` are in their order, the strongest first; `set_by` says how each is set, and a flag without it is set through
    `flags.control`. Unless all flags of `requires` are on, the effective value is `baseline_value`.
    """

    name: FlagName
    type: FlagType
    default: FlagValue
    baseline_value: FlagValue
    values: Annotated[tuple[FlagValue, ...], Field(min_length=1)]
    scope: Literal["global", "user", "team", "agent_type", "plugin"] = "global"
    sources: tuple[SourceName, ...] = ("http", "default")
    set_by: dict[SourceName, SetBy] = Field(default_factory=dict)
    hot: bool = False
    max_effect_s: Duration | None = None
    requires: tuple[FlagName, ...] = ()
    needs: frozenset[Id] = frozenset()

    @model_validator(mode="after")
    def _values_fit(self) -> "Flag":
        for value in (self.default, self.baseline_value, *self.values):
            if said := misfit(self.type, value):
                raise ValueError(said)
        return self

    @model_validator(mode="after")
    def _sources_are_known(self) -> "Flag":
        if odd := [source for source in self.set_by if source == "default" or source not in self.sources]:
            raise ValueError(
                f"set_by has {', '.join(odd)}; its sources are {', '.join(self.sources)}, and default is set by none"
            )
        return self


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


class Stronger(Section):
    """Flags whose values are tried together more thoroughly than the rest."""

    flags: Annotated[tuple[FlagName, ...], Field(min_length=2)]
    strength: Annotated[int, Field(ge=2, le=6)]


class Flags(Section):
    """All flags of the migration, and how thoroughly their values are tried together.

    `strength` t: every allowed combination of the values of any t flags is tried; `all`: every allowed assignment. Each
    constraint must hold in every case, such as `not (fast and share == 50)` or `model in ['small', 'large'] or not fast`.
    `must` are cases that are tried whatever the strength; flags that one leaves out are filled in.
    """

    control: FlagControl | None = None
    controls: tuple[NamedControl, ...] = ()
    shown: Shown | None = None
    toggles: Toggles | None = None
    kill_switch: KillSwitch | None = None
    flags: tuple[Flag, ...] = ()
    truth: TruthTable | None = None
    strength: Annotated[int, Field(ge=1, le=6)] | Literal["all"] = "all"
    stronger: tuple[Stronger, ...] = ()
    constraints: tuple[Text, ...] = ()
    must: tuple[dict[FlagName, FlagValue], ...] = ()
    invariants: tuple[Text, ...] = ()
    matrix: FlagMatrix | None = None

    @model_validator(mode="after")
    def _requirements_end(self) -> "Flags":
        needed = {flag.name: flag.requires for flag in self.flags}
        for name in needed:
            if name in _reached(name, needed):
                raise ValueError(f"{name} requires itself, through {', '.join(_reached(name, needed))}")
        return self


def _reached(name: str, needed: dict[str, tuple[str, ...]]) -> list[str]:
    """Every flag that a flag requires, directly or not."""
    found: list[str] = []
    waiting = list(needed.get(name, ()))
    while waiting:
        if (each := waiting.pop()) not in found:
            found.append(each)
            waiting += needed.get(each, ())
    return sorted(found)


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
