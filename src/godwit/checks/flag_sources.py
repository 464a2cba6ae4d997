"""What flags are worth by the order of their sources, and whether that showed; knows no stack and sets nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from godwit.plan import Flag, FlagControl, Flags, SetBy
from godwit.verdict import Finding, Judgement, inconclusive, judged

Given = Mapping[str, Mapping[str, Any]]
"""Which values the sources hold: by flag, then by source; a source without a value holds none."""

_MALFORMED: dict[str, tuple[Any, ...]] = {
    "bool": ("maybe", "", None, 1e9, [True]),
    "percent": (-1, 101, "half", "", None, 1e9, [50]),
    "number": ("many", "", None, 1.5, [1]),
    "enum": ("no-such-value", "", None, 7, []),
    "list": (5, True, None, {"0": "a"}),
    "text": (7, True, None, [], {}),
}
_MALFORMED_TEXTS: dict[str, tuple[str, ...]] = {
    "bool": ("maybe", "", "null", "1e9", "[true]"),
    "percent": ("-1", "101", "half", "", "null", "1e9"),
    "number": ("many", "", "null", "1.5"),
    "enum": ("no-such-value", "", "null", "7"),
}
_OTHERS: dict[str, tuple[Any, ...]] = {"bool": (False, True), "percent": (0, 50, 100), "number": (0, 1)}


@dataclass(frozen=True, slots=True)
class SourcePair:
    """Two neighbouring sources of one flag, the stronger first; `weaker` may be `default`."""

    flag: Flag
    stronger: str
    weaker: str

    @property
    def id(self) -> str:
        """Like `streaming.env-over-file`."""
        return f"{self.flag.name}.{self.stronger}-over-{self.weaker}"

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities of the stack without which there is nothing to check."""
        return self.flag.needs


@dataclass(frozen=True, slots=True)
class FlagSource:
    """One flag with one of the sources that can be set from outside."""

    flag: Flag
    source: str

    @property
    def id(self) -> str:
        """Like `streaming.env`."""
        return f"{self.flag.name}.{self.source}"

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities of the stack without which there is nothing to check."""
        return self.flag.needs


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way in which a control's source can be out of order."""

    control: FlagControl
    kind: str

    @property
    def id(self) -> str:
        """Like `file.half-written`."""
        return f"{self.control.id}.{self.kind}"

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities of the stack without which there is nothing to check."""
        return self.control.needs

    @property
    def on(self) -> str:
        """The stack that reads the source."""
        return self.control.on


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a stack showed: values by flag, and whether it was healthy."""

    values: Mapping[str, Any]
    healthy: bool = True
    detail: str = ""


def controls_of(flags: Flags) -> dict[str, FlagControl]:
    """Every control by its id; that of `flags.control` is called as it says, or `control`."""
    first = {flags.control.id: flags.control} if flags.control else {}
    return {**first, **{control.id: control for control in flags.controls}}


def ways_of(flags: Flags, flag: Flag) -> dict[str, SetBy]:
    """How each source of a flag is set, the strongest first; a flag without `set_by` is set through `flags.control`."""
    if flag.set_by:
        return {source: flag.set_by[source] for source in flag.sources if source in flag.set_by}
    if flags.control is None:
        return {}
    strongest = next((source for source in flag.sources if source != "default"), "http")
    return {strongest: SetBy(control=flags.control.id, key=flag.name)}


def source_pairs(flags: Flags) -> tuple[SourcePair, ...]:
    """Every pair of neighbouring sources that can both be set, the default last."""
    found = []
    for flag in flags.flags:
        settable = [*ways_of(flags, flag), *(("default",) if "default" in flag.sources else ())]
        found += [SourcePair(flag, stronger, weaker) for stronger, weaker in pairwise(settable)]
    return tuple(found)


def flag_sources(flags: Flags) -> tuple[FlagSource, ...]:
    """Every flag with every source that can be set."""
    return tuple(FlagSource(flag, source) for flag in flags.flags for source in ways_of(flags, flag))


def troubles(flags: Flags) -> tuple[Trouble, ...]:
    """Everything that may be out of order with the sources of the plan; half a file of variables is a whole one."""
    known = {
        "file": ("missing", "half-written"),
        "served": ("refused", "hanging", "failing", "garbled"),
        "openfeature": ("missing", "half-written"),
    }
    return tuple(
        Trouble(control, kind)
        for control in controls_of(flags).values()
        for kind in (known.get(control.kind, ()) if control.provider != "in-memory" else ())
        if not (kind == "half-written" and control.format == "env")
    )


def effective(flags: Flags, given: Given) -> dict[str, Any]:
    """The value of each flag: that of its strongest source, else the default; `baseline_value` while a requirement is off.

    >>> effective(Flags(), {})
    {}
    """
    by_name = {flag.name: flag for flag in flags.flags}
    return {name: _plain(_effective(flag, by_name, given)) for name, flag in by_name.items()}


def _effective(flag: Flag, by_name: Mapping[str, Flag], given: Given) -> Any:
    if not all(_effective(by_name[name], by_name, given) for name in flag.requires):
        return flag.baseline_value
    held = given.get(flag.name, {})
    return next((held[source] for source in flag.sources if source in held), flag.default)


def assigned(flags: Flags, assignment: Mapping[str, Any]) -> Given:
    """The values that an assignment of flags gives to their strongest source."""
    strongest = {flag.name: next(iter(flag.sources), "default") for flag in flags.flags}
    return {name: {strongest[name]: value} for name, value in assignment.items()}


def required_on(flags: Flags, flag: Flag) -> dict[str, Any]:
    """Values under which everything that a flag requires, directly or not, is on."""
    by_name = {item.name: item for item in flags.flags}
    on: dict[str, Any] = {}
    for name in flag.requires:
        needed = by_name[name]
        on[name] = next((value for value in _candidates(needed) if value), needed.default)
        on |= required_on(flags, needed)
    return on


def other_value(flag: Flag, *apart_from: Any) -> Any:
    """A value of the flag that is none of these; None if it has no other."""
    taken = [_plain(value) for value in apart_from]
    return next((value for value in _candidates(flag) if not any(is_same(value, one) for one in taken)), None)


def _candidates(flag: Flag) -> tuple[Any, ...]:
    return (*flag.values, *_OTHERS.get(flag.type, ()))


def value_pairs(pair: SourcePair) -> list[tuple[Any, Any]]:
    """Values for the stronger and the weaker source that tell who won, both ways where the weaker can be set.

    One way alone would let a source pass that wins only when it says yes, or only when it says no.
    """
    flag = pair.flag
    if pair.weaker == "default":
        other = other_value(flag, flag.default)
        return [] if other is None else [(other, flag.default)]
    one = other_value(flag, flag.default)
    return [] if one is None else [(_plain(flag.default), one), (one, _plain(flag.default))]


def malformed_values(flag: Flag, *, as_text: bool) -> tuple[Any, ...]:
    """Values that the type of a flag cannot take; with `as_text` those for a source that holds texts only."""
    if as_text:
        return _MALFORMED_TEXTS.get(flag.type, ())
    return tuple(value for value in _MALFORMED[flag.type])


def is_same(one: Any, other: Any) -> bool:
    """Whether two values of a flag are the same; true is not 1."""
    return bool(_plain(one) == _plain(other)) and isinstance(one, bool) == isinstance(other, bool)


def differing(wanted: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """The names whose values were not seen as wanted; one that was not shown at all is among them."""
    return [name for name, value in wanted.items() if name not in seen or not is_same(value, seen[name])]


def judge_glimpses(steps: Sequence[tuple[str, Mapping[str, Any], Glimpse]]) -> Judgement:
    """Judge what a stack showed after each step: (what was done, the values that had to show, what showed).

    Besides the values the stack has to be healthy after each step; no step is inconclusive.
    """
    findings = [finding for done, wanted, seen in steps for finding in _off(done, wanted, seen)]
    if not findings and not any(wanted for _, wanted, _ in steps):
        return inconclusive("no value was looked at: the plan says nowhere where flags show (flags.shown)")
    return judged(findings, len(steps), "steps")


def _off(done: str, wanted: Mapping[str, Any], seen: Glimpse) -> Iterable[Finding]:
    if not seen.healthy:
        yield Finding("unhealthy", done, "healthy", seen.detail or "unhealthy", "expected against seen")
        return
    for name in differing(wanted, seen.values):
        actual = repr(_plain(seen.values[name])) if name in seen.values else f"(not shown: {seen.detail})"
        where = f"{name} when {done}"
        yield Finding(
            "flag is not what its sources say", where, repr(_plain(wanted[name])), actual, "expected against seen"
        )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
