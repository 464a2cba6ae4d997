"""Confirms or refutes what sources claim to break in a Python API, by what both sides' interpreters say of the names."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Literal

from godwit.checks.differences import cut, smallest_first, verdict_on
from godwit.checks.json_text import shown
from godwit.plan import Allowance
from godwit.verdict import Claim, Described, Finding, Judgement, failed, inconclusive, passed

Sides = tuple[Described, Described]
Held = Finding | Literal["refuted", "untold"]
_NO_BASES = frozenset({"object", "ABC", "Generic", "Protocol"})
_ONLY_WRITTEN = ("return changed type", "attribute changed type")
"""Kinds that only annotations show: nothing at run time could confirm or refute them."""


def judge_api(
    module: str, claims: Sequence[Claim], seen: Mapping[str, Sides], public: int, allowances: Sequence[Allowance]
) -> Judgement:
    """Judge the claims about a module; `seen` has what both sides say of each claimed name, `public` counts its names.

    A claim that the candidate confirms is a finding, one for each thing; one that it refutes is none. One that can be
    neither (an attribute that only instances have) leaves the promise inconclusive, unless something else is broken.
    Allowances of the module point to `/<module:qualname>`, where `*` stands for any letters.
    """
    confirmed: dict[tuple[str, str], Finding] = {}
    refuted, untold, allowed = [], [], 0
    for claim in claims:
        held = _settled(claim, *seen[claim.name])
        if any(fnmatchcase(f"/{claim.name}", item.at) for item in allowances if item.probe == module):
            allowed += held not in ("refuted",)
        elif held == "refuted":
            refuted.append(claim.name)
        elif held == "untold":
            untold.append(claim)
        elif isinstance(held, Finding):
            confirmed.setdefault((held.what, held.where), held)
    note = _note(len(refuted), [claim for claim in untold if claim.kind not in _ONLY_WRITTEN], allowed)
    open_claims = [claim for claim in untold if claim.kind not in _ONLY_WRITTEN]
    if confirmed:
        kept = smallest_first(_below(list(confirmed.values())))
        return failed(
            f"{len(kept)} confirmed break(s) of {module}{note}; first: {kept[0].what} at {kept[0].where}", kept
        )
    if open_claims:
        return inconclusive(f"no break of {module} is confirmed{note}")
    if not public:
        return inconclusive(f"{module} has no public names to compare")
    return passed(f"{public} public name(s) of {module} compared, no confirmed break{note}")


def _note(refuted: int, untold: Sequence[Claim], allowed: int) -> str:
    parts = [f"{refuted} refuted"] * bool(refuted) + [f"{allowed} allowed"] * bool(allowed)
    if untold:
        parts.append(f"{len(untold)} neither confirmed nor refuted, such as {untold[0].kind} {untold[0].name}")
    return "".join(f"; {part}" for part in parts)


def _below(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those that follow from another one: what is inside of something that is gone is gone, too."""
    gone = {finding.where for finding in findings if finding.what == "name is gone"}
    return [each for each in findings if not any(_inside(each.where, other) for other in gone)]


def _inside(name: str, other: str) -> bool:
    return name != other and name.startswith((f"{other}.", f"{other}:"))


def _settled(claim: Claim, baseline: Described, candidate: Described) -> Held:
    if claim.kind in _ONLY_WRITTEN or baseline.kind == "absent":
        return "untold"
    if candidate.kind == "absent":
        return _found("name is gone", claim, "present", f"(absent) {candidate.reason}")
    return _SETTLING.get(claim.kind, _of_calls)(claim, baseline, candidate)


def _found(what: str, claim: Claim, one: str, other: str, reason: str = "") -> Finding:
    return Finding(what, claim.name, cut(one), cut(other), reason, 1 + len(claim.also), claim.also[:5])


def _of_kind(claim: Claim, baseline: Described, candidate: Described) -> Held:
    if baseline.kind == candidate.kind:
        return "refuted"
    if (baseline.kind, candidate.kind) == ("callable", "class"):
        return _of_calls(claim, baseline, candidate)
    return _found("kind changed", claim, baseline.kind, candidate.kind)


def _of_bases(claim: Claim, baseline: Described, candidate: Described) -> Held:
    lost = [name for name in baseline.bases if name not in {*candidate.bases, *_NO_BASES} and not name.startswith("_")]
    return _found("base class is gone", claim, ", ".join(lost), "(absent)") if lost else "refuted"


def _of_value(claim: Claim, baseline: Described, candidate: Described) -> Held:
    if (baseline.kind, candidate.kind) != ("value", "value"):
        return "untold"
    if baseline.value == candidate.value and type(baseline.value) is type(candidate.value):
        return "refuted"
    return _found("value changed", claim, shown(baseline.value), shown(candidate.value))


def _of_default(claim: Claim, baseline: Described, candidate: Described) -> Held:
    pairs = [_defaults(each).get(claim.what) for each in (baseline, candidate)]
    if pairs[0] is None or pairs[1] is None or baseline.parameters is None or candidate.parameters is None:
        return "untold"
    if pairs[0] == pairs[1]:
        return "refuted"
    if "None" in pairs:  # what stands for it is decided inside the call, where a signature shows nothing
        return "untold"
    return _found(f"default of {claim.what} changed", claim, pairs[0], pairs[1])


def _defaults(described: Described) -> dict[str, str | None]:
    return {name: default for name, _, default in described.parameters or ()}


def _of_calls(claim: Claim, baseline: Described, candidate: Described) -> Held:
    if baseline.parameters is None or candidate.parameters is None:
        return "untold"
    refusals = list(refused(baseline, candidate))
    if not refusals:
        return "refuted"
    more = f" (and {len(refusals) - 1} other forms)" if len(refusals) > 1 else ""
    return _found("call is refused", claim, signature(baseline), signature(candidate), refusals[0] + more)


_SETTLING: Mapping[str, Callable[[Claim, Described, Described], Held]] = MappingProxyType(
    {
        "object removed": lambda claim, baseline, candidate: "refuted",
        "object changed kind": _of_kind,
        "class removed base": _of_bases,
        "attribute changed value": _of_value,
        "parameter changed default": _of_default,
    }
)


# ---------------------------------------------------------------- calls that were right before


_EACH = inspect.Parameter
_KINDS = {
    each.name: each
    for each in (
        _EACH.POSITIONAL_ONLY,
        _EACH.POSITIONAL_OR_KEYWORD,
        _EACH.VAR_POSITIONAL,
        _EACH.KEYWORD_ONLY,
        _EACH.VAR_KEYWORD,
    )
}


def refused(baseline: Described, candidate: Described) -> Iterator[str]:
    """The forms of a call that the baseline's parameters take and the candidate's do not, each with the reason."""
    ours, theirs = _bindable(baseline), _bindable(candidate)
    for title, count, names in _forms(list(ours.parameters.values())):
        try:
            ours.bind(*[None] * count, **dict.fromkeys(names))
        except TypeError:
            continue
        try:
            theirs.bind(*[None] * count, **dict.fromkeys(names))
        except TypeError as error:
            yield f"{title}: {error}"


def signature(described: Described) -> str:
    """The parameters as they are written, defaults included."""
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    texts = [
        f"{stars.get(kind, '')}{name}" if default is None else f"{name}={default}"
        for name, kind, default in described.parameters or ()
    ]
    return f"({', '.join(texts)})"


def _bindable(described: Described) -> inspect.Signature:
    """A signature of the same shape; the instance that a method is called on is left out."""
    parameters = [
        inspect.Parameter(name, _KINDS[kind], default=inspect.Parameter.empty if default is None else None)
        for name, kind, default in described.parameters or ()
    ]
    takes_instance = described.method and parameters and parameters[0].kind is not _EACH.VAR_POSITIONAL
    return inspect.Signature(parameters[1:] if takes_instance else parameters)


def _forms(parameters: Sequence[inspect.Parameter]) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Calls as users write them: title, number of positional arguments, names of keyword arguments."""
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    needed = [each for each in positional if each.default is each.empty]
    named = tuple(each.name for each in parameters if each.kind is each.KEYWORD_ONLY and each.default is each.empty)
    anything = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    # Where any arguments are taken, nobody can tell that none is a right call.
    least = 1 if anything and not positional else len(needed)
    yield "with what is required, by position", least, named
    for count in range(len(needed) + 1, len(positional) + 1):
        yield f"with {positional[count - 1].name} by position", count, named
    only = len([each for each in needed if each.kind is each.POSITIONAL_ONLY])
    required = tuple(each.name for each in needed if each.kind is each.POSITIONAL_OR_KEYWORD)
    for each in parameters:
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY):
            yield f"with {each.name} by name", only, tuple(dict.fromkeys((*required, *named, each.name)))
    if anything:
        yield "with one more by position", len(positional) + 1, named
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        yield "with any other name", least, (*named, "any_other_name")


# ---------------------------------------------------------------- single names


def judge_name(name: str, baseline: Described, there: Mapping[str, Described], *, allowed: bool) -> Judgement:
    """Judge whether a name that users import is still there, and still takes their calls.

    `there` has what the candidate says of the old path, and of the new one where the plan names it.
    """
    if baseline.kind == "absent":
        return inconclusive(f"the baseline itself has no {name}: {baseline.reason}")
    findings = [each for path, found in there.items() for each in _changes(path, baseline, found)]
    if findings and allowed:
        return passed(f"{len(findings)} allowed difference(s): {findings[0].what} at {findings[0].where}")
    return verdict_on(findings, len(there), "import path(s)")


def _changes(path: str, baseline: Described, candidate: Described) -> Iterable[Finding]:
    if candidate.kind == "absent":
        yield Finding("name is gone", path, "present", cut(candidate.reason))
        return
    claim = Claim("object changed kind", path)
    held = _of_kind(claim, baseline, candidate)
    if isinstance(held, Finding):
        yield held
    elif baseline.parameters is not None and isinstance(calls := _of_calls(claim, baseline, candidate), Finding):
        yield calls
    if baseline.awaits != candidate.awaits:
        words = ["has to be awaited" if each.awaits else "is called plainly" for each in (baseline, candidate)]
        yield Finding("async changed", path, words[0], words[1])


def judge_deprecation(name: str, found: Described, warned: Iterable[tuple[str, str]], *, called: bool) -> Judgement:
    """Judge whether a deprecated name is still there and says that it is deprecated."""
    if found.kind == "absent":
        return failed(f"{name} is gone, not deprecated", [Finding("name is gone", name, "present", cut(found.reason))])
    told = [*found.warnings, *warned]
    if told:
        return passed(f"{name} says {told[0][0]}: {cut(told[0][1])}")
    when = "imported and called" if called else "imported"
    return failed(f"{name} is {when} without a word of its deprecation", [Finding("no deprecation", name)])
