"""Every assignment of the flags, who must serve whom under each, and whether that was seen; knows no other condition."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from godwit.checks.differences import grouped, verdict_on
from godwit.checks.flag_arrays import matrix_of
from godwit.plan import Flag, Flags, TruthTable
from godwit.verdict import Finding, Judgement, PlanError, inconclusive

_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class FlagCase:
    """One assignment of all flags, and whether the candidate fails under it."""

    id: str
    flags: Mapping[str, Any]
    candidate_failing: bool


@dataclass(frozen=True, slots=True)
class User:
    """A user as the truth table sees one.

    `bucket_below` is the smallest percentage at which the user was seen on the candidate: any flag at or above it is
    `above: user.bucket`.
    """

    id: str
    team: str
    bucket_below: float


def cases(flags: Flags, health: Sequence[str] = ("healthy", "failing")) -> tuple[FlagCase, ...]:
    """Every assignment of the matrix with the candidate's health, in a stable order with unique readable ids.

    With strength `all` an id is like `orchestration=on.percentage=50.teams=qa.fallback=off.failing`; in a covering array
    it names the flags that differ from their defaults: `percentage=50.failing`, or `defaults.failing`.
    Raises PlanError for a word of `health` that is neither healthy nor failing, and where there is no such matrix.
    """
    if wrong := [word for word in health if word not in ("healthy", "failing")]:
        raise PlanError(f"flags: no health {wrong[0]!r} of the candidate; it is 'healthy' or 'failing'")
    names = _short_names([flag.name for flag in flags.flags])
    labels = {flag.name: _labelled(flag, names[flag.name]) for flag in flags.flags}
    told = [flag for flag in flags.flags if flags.strength == "all"]
    found: list[FlagCase] = []
    for values in matrix_of(flags):
        named = told or [flag for flag in flags.flags if values[flag.name] != flag.default]
        shown = [next(label for label, each in labels[flag.name] if each == values[flag.name]) for flag in named]
        found += [FlagCase(".".join([*_short_id(shown), word]), values, word == "failing") for word in health]
    return tuple(found)


def _short_id(labels: Sequence[str]) -> Sequence[str]:
    """The labels of a case, or as many as fit and a short hash that stands for all."""
    if len(".".join(labels)) <= _LONGEST_ID:
        return labels or ["defaults"]
    digest = hashlib.sha256(".".join(labels).encode()).hexdigest()[:8]
    return [*labels[:3], f"{len(labels) - 3}-more-{digest}"]


def expected_side(truth: TruthTable, case: FlagCase, user: User) -> str:
    """Who must serve this user: `baseline`, `candidate`, or `error` when the candidate fails and nothing falls back.

    The first rule whose conditions all hold decides; where none does, the baseline serves. Raises PlanError for a
    condition that is unknown and for a flag that the case does not set.
    """
    chosen = next((rule.served_by for rule in truth.rules if _holds(rule.when, case, user)), "baseline")
    if chosen == "baseline" or not case.candidate_failing:
        return chosen
    falls_back = truth.fallback is not None and bool(_value(case, truth.fallback))
    return "baseline" if falls_back else "error"


def judge_case(case: FlagCase, observed: Sequence[tuple[User, str]], truth: TruthTable) -> Judgement:
    """Judge who served whom under one case; `observed` has each user with `baseline`, `candidate` or `error`.

    Users who were served wrongly in the same way are one finding; without any user the case shows nothing.
    """
    if not observed:
        return inconclusive(f"{case.id}: no user was served")
    wrong: list[tuple[object, Finding]] = []
    for user, side in observed:
        expected = expected_side(truth, case, user)
        if side != expected:
            where = f"user {user.id} ({user.team or 'no team'})"
            finding = Finding("served by the wrong side", where, expected, side, "expected against seen")
            wrong.append(((expected, side), finding))
    return verdict_on(grouped(wrong), len(observed), "user(s)", note=case.id)


def _holds(conditions: Mapping[str, Any], case: FlagCase, user: User) -> bool:
    return all(_condition(_value(case, name), condition, name, user) for name, condition in conditions.items())


def _condition(value: Any, condition: Any, name: str, user: User) -> bool:
    if not isinstance(condition, Mapping):
        return _plain(value) == _plain(condition) and isinstance(value, bool) == isinstance(condition, bool)
    if dict(condition) == {"contains": "user.team"}:
        return user.team in value
    if dict(condition) == {"above": "user.bucket"}:
        return bool(value >= user.bucket_below)
    raise PlanError(
        f"flags.truth: condition {dict(condition)!r} on {name} is not known; "
        "write a value, {contains: user.team} or {above: user.bucket}"
    )


def _value(case: FlagCase, name: str) -> Any:
    if name not in case.flags:
        raise PlanError(f"flags.truth: flag {name!r} is not set in case {case.id}; known: {', '.join(case.flags)}")
    return case.flags[name]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """The last telling word of each name where that is unique, the whole name otherwise."""
    words = {name: _telling(name) for name in names}
    taken = list(words.values())
    return {name: word if taken.count(word) == 1 else name.lower() for name, word in words.items()}


def _telling(name: str) -> str:
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    long = [part.lower() for part in parts if len(part) >= 4]
    return long[-1] if long else name.lower()


def _labelled(flag: Flag, name: str) -> list[tuple[str, Any]]:
    labels: dict[str, Any] = {}
    for value in flag.values:
        label = wanted = f"{name}={_label(value)}"
        number = 2
        while label in labels:
            label, number = f"{wanted}-{number}", number + 1
        labels[label] = value
    return list(labels.items())


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "+".join(_label(item) for item in value) or "none"
    return re.sub(r"[^a-z0-9_-]+", "_", str(value).lower()).strip("_") or "empty"
