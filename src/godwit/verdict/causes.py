"""Groups the findings of a whole run by what is likely to be behind them; it changes no outcome and drops no finding."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from godwit.verdict.evidence import Finding
from godwit.verdict.outcome import Outcome
from godwit.verdict.records import Cause, CheckRecord

_MADE = re.compile(
    r"(?:[A-Za-z]{1,24}[-_:.])?"
    r"(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(?=[^\d]*\d)[0-9a-fA-F]{8,64})"
)
_OF_A_FIELD = (
    "type",
    "missing",
    "extra",
    "renamed",
    "number written differently",
    "format of a timestamp",
    "shape of an id",
)
_EXAMPLES_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class _Seen:
    check: str
    finding: Finding


def general_step(step: str) -> str:
    """A step of a place; an index, or a key that looks like an id, is `*`.

    >>> [general_step(step) for step in ("tasks", "17", "task-17")]
    ['tasks', '*', '*']
    """
    return "*" if _MADE.fullmatch(step) else step


def causes_of(checks: Sequence[CheckRecord]) -> tuple[Cause, ...]:
    """The causes behind the findings of failed checks that point into answers; those of most checks come first.

    Findings are of one cause when the same thing happened at the same place, whatever the request, the items' indices and
    the ids: a field that has another type, name or form is one cause wherever the field stands.
    """
    groups: dict[tuple[str, str, str], list[_Seen]] = {}
    for check in checks:
        for finding in check.findings if check.outcome is Outcome.FAILED else ():
            if finding.where.startswith("/"):
                groups.setdefault(_key(finding), []).append(_Seen(check.id, finding))
    found = [_cause(key, seen) for key, seen in groups.items()]
    return tuple(sorted(found, key=lambda it: (-len(it.checks), -it.count, it.where, it.what)))


def _key(finding: Finding) -> tuple[str, str, str]:
    what = re.sub(r"\d+", "*", finding.what)
    steps = [general_step(step) for step in finding.where.split("/")[1:]]
    while len(steps) > 1 and steps[0] == "*":  # which request, or which item of a body that is a list
        del steps[0]
    if finding.what == "status":
        return what, "/@status", f"{finding.baseline} became {finding.candidate}"
    if finding.what in _OF_A_FIELD and steps[-1] != "*":
        told = finding.candidate if finding.what == "renamed" else finding.reason
        return what, steps[-1], told if finding.what in ("type", "renamed") else ""
    return what, "/" + "/".join(steps), ""


def _cause(key: tuple[str, str, str], seen: Sequence[_Seen]) -> Cause:
    places = list(dict.fromkeys("/" + "/".join(map(general_step, it.finding.where.split("/")[1:])) for it in seen))
    least = min((it.finding for it in seen), key=lambda it: len(it.baseline) + len(it.candidate))
    return Cause(
        what=key[0],
        where=places[0] if len(places) == 1 else key[1],
        reason=key[2] or least.reason,
        baseline=least.baseline,
        candidate=least.candidate,
        count=sum(it.finding.count for it in seen),
        examples=tuple(places[:_EXAMPLES_AT_MOST]),
        checks=tuple(dict.fromkeys(it.check for it in seen)),
    )
