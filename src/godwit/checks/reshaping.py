"""Sees that several differences are one: another name, an envelope, what follows from an earlier one; never hides the only one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from godwit.checks.bodies import Difference
from godwit.checks.json_text import parse_json, shown

_OF_A_SHAPE = ("missing", "extra", "no answer")
_SAYS_NOTHING = ("null", '""', "[]", "{}", "true", "false", "0", "1")


def joined(differences: Sequence[Difference]) -> list[Difference]:
    """The differences, with those that are one change of shape put together.

    A key that is missing and one that is extra beside it, with equal values, are one key that is called otherwise. Keys
    that are all missing, and one that is extra and holds just them, are an envelope. A request that could not be sent,
    for want of what an earlier answer did not give, follows from the difference of that answer.
    """
    if all(difference.what not in _OF_A_SHAPE for difference in differences):
        return list(differences)
    parents: dict[tuple[str, ...], list[Difference]] = defaultdict(list)
    for difference in differences:
        if difference.what in ("missing", "extra"):
            parents[difference.steps[:-1]].append(difference)
    instead: dict[int, Difference | None] = {}
    for beside in parents.values():
        missing = [each for each in beside if each.what == "missing"]
        extra = [each for each in beside if each.what == "extra"]
        for parts, whole in [*_wrapped(missing, extra), *_renamed(missing, extra)]:
            if not any(id(part) in instead for part in parts):
                instead |= dict.fromkeys(map(id, parts)) | {id(parts[0]): whole}
    seen = (instead.get(id(each), each) for each in differences)
    kept = [each for each in seen if each is not None]
    return [each for each in kept if not _follows(each)] or kept


def _follows(difference: Difference) -> bool:
    return difference.what == "no answer" and difference.reason.startswith("not sent")


_Joined = tuple[list[Difference], Difference]


def _renamed(missing: Sequence[Difference], extra: Sequence[Difference]) -> Iterator[_Joined]:
    alone = len(missing) == len(extra) == 1
    for gone in missing:
        alike = [new for new in extra if new.candidate == gone.baseline]
        rivals = [other for other in missing if other.baseline == gone.baseline]
        telling = alone or gone.baseline not in _SAYS_NOTHING
        if len(alike) == len(rivals) == 1 and telling and not gone.steps[-1].isdigit():
            names = gone.steps[-1], alike[0].steps[-1]
            yield [gone, alike[0]], Difference("renamed", gone.steps, *names, f"the value is {gone.baseline}")


def _wrapped(missing: Sequence[Difference], extra: Sequence[Difference]) -> Iterator[_Joined]:
    """An envelope around what was there, or the end of one."""
    for new in extra if len(extra) == 1 and missing else ():
        if _members(new.candidate) == {each.steps[-1]: each.baseline for each in missing}:
            yield [new, *missing], Difference("wrapped", new.steps, "(as it is)", new.steps[-1])
    for gone in missing if len(missing) == 1 and extra else ():
        if _members(gone.baseline) == {each.steps[-1]: each.candidate for each in extra}:
            yield [gone, *extra], Difference("unwrapped", gone.steps, gone.steps[-1], "(as it is)")


def _members(text: str) -> dict[str, str]:
    """The members of an object as they are shown; none for anything else."""
    value = parse_json(text)
    return {key: shown(item) for key, item in value.items()} if isinstance(value, dict) else {}
