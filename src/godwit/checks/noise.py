"""Compares repeated answers: what is quiet within the baseline exactly, what is noisy by what its noise is made of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from godwit.checks.answers import compare_answers, differences_between, findings_of, unsettled
from godwit.checks.bodies import Difference, read_body
from godwit.checks.differences import cut, verdict_on
from godwit.checks.distributions import ABSENT, EMPTY, partings, text_of
from godwit.checks.headers import header_values
from godwit.checks.json_text import pointer
from godwit.checks.normalising import compiled
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Judgement, general_step, inconclusive

Steps = tuple[str, ...]


def general(steps: Steps, several: bool) -> Steps:
    """A place with every index, and every key that looks like an id, written `*`; the request's own index stays.

    >>> general(("1", "tasks", "0", "id"), True)
    ('1', 'tasks', '*', 'id')
    """
    kept = steps[:1] if several else ()
    if steps[len(kept) : len(kept) + 1] in (("@cookies",), ("@headers",)):
        return steps
    return (*kept, *map(general_step, steps[len(kept) :]))


@dataclass(frozen=True, slots=True)
class _Repeated:
    """All repetitions of one probe on both sides."""

    baseline: Sequence[Sequence[Answer]]
    candidate: Sequence[Sequence[Answer]]
    rules: Sequence[Normaliser]
    headers: Sequence[str]

    @property
    def several(self) -> bool:
        return len(self.baseline[0]) > 1

    def differences(
        self, one: Sequence[Answer], other: Sequence[Answer], fired: Counter[str] | None = None
    ) -> list[Difference]:
        rules = compiled(self.rules)
        return differences_between(one, other, rules, self.headers, self.several, fired=fired)

    def general(self, difference: Difference) -> Steps:
        return general(difference.steps, self.several)


def compare_noisy(
    probe: str,
    baseline: Sequence[Sequence[Answer]],
    candidate: Sequence[Sequence[Answer]],
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
    headers: Sequence[str],
    *,
    chance: float = 0.001,
    seed: int = 0,
) -> Judgement:
    """Compare k repetitions of a probe on each side; each repetition is the sequence of answers to its requests.

    A place where repetitions of the baseline agree is compared exactly with every repetition of the candidate. A noisy
    one must be there, and be of the kind and form, as far as those were quiet; its values are then compared by their
    distribution: a permutation test over repetitions, with error `chance` for the whole probe. Places that vary but
    are always equal to each other in the baseline must be so in the candidate. Where values part wholly but the
    repetitions are too few for the test, the judgement is inconclusive and `n_needed` says how many would do.
    """
    if not baseline or not candidate:
        return inconclusive("no repetition of one side to compare")
    if len({len(answers) for answers in (*baseline, *candidate)}) > 1:
        return inconclusive("the repetitions have different numbers of answers")
    silent = next((answers for answers in baseline if any(answer.status == 0 for answer in answers)), None)
    if silent is not None:
        return compare_answers(probe, silent, candidate[0], normalisers, allowances, headers)
    return _compared(probe, _Repeated(baseline, candidate, normalisers, headers), allowances, chance, seed)


def _compared(probe: str, sides: _Repeated, allowances: Sequence[Allowance], chance: float, seed: int) -> Judgement:
    noisy = noisy_places(sides)
    behind, suspicions, needed = _behind(sides, noisy, chance / max(1, len(noisy)), seed)
    fired: Counter[str] = Counter()
    findings, note = findings_of(probe, [*_quiet(sides, noisy, fired), *behind], allowances, sides.several)
    shown = ", ".join(pointer(place) or "(whole body)" for place in list(noisy)[:5]) + (", …" if len(noisy) > 5 else "")
    repeated = f"{len(sides.baseline)} repetitions of the baseline, {len(sides.candidate)} of the candidate"
    told = f"{repeated}; {len(noisy)} noisy place(s): {shown}" if noisy else f"{repeated}; no noise"
    note = f"{told}; {note}" if note else told
    n = len(sides.candidate) * len(sides.candidate[0])
    if findings:
        return replace(verdict_on(findings, n, "answer(s)", note=note), rules=fired if sides.rules else None)
    unproved = next((found for answers in sides.baseline if (found := unsettled(answers))), None)
    if unproved:
        return unproved
    doubtful, _ = findings_of(probe, suspicions, allowances, sides.several)
    if doubtful:
        first = doubtful[0]
        why = f"{first.where} says {first.candidate}, the baseline {first.baseline}; {first.reason}; {note}"
        return inconclusive(why, findings=tuple(doubtful), n_needed=needed, rules=fired if sides.rules else None)
    return replace(verdict_on((), n, "answer(s)", note=note), rules=fired if sides.rules else None)


def noisy_places(sides: _Repeated) -> dict[Steps, None]:
    """The places at which repetitions of the baseline differ from each other, in their order."""
    noisy: dict[Steps, None] = {}
    for index, one in enumerate(sides.baseline):
        for other in sides.baseline[index + 1 :]:
            noisy |= dict.fromkeys(map(sides.general, sides.differences(one, other)))
    return noisy


def _quiet(sides: _Repeated, noisy: dict[Steps, None], fired: Counter[str]) -> list[Difference]:
    """Differences at places that are quiet within the baseline, each once."""
    found: dict[tuple[str, Steps], Difference] = {}
    for other in sides.candidate:
        for one in sides.baseline:
            for it in sides.differences(one, other, fired):
                if it.what == "no answer" or sides.general(it) not in noisy:
                    found.setdefault((it.what, it.steps), it)
    return list(found.values())


def _behind(
    sides: _Repeated, noisy: dict[Steps, None], limit: float, seed: int
) -> tuple[list[Difference], list[Difference], int | None]:
    """What differs behind the noise, what is suspected on too few repetitions, and how many would settle it."""
    read = [[_Read(answers, sides.several) for answers in side] for side in (sides.baseline, sides.candidate)]
    found: list[Difference] = []
    suspected: list[Difference] = []
    needed = 0
    for place in noisy:
        ones, others = ([repetition.values(place) for repetition in side] for side in read)
        for it in partings(ones, others, limit, seed):
            difference = Difference(it.what, place, cut(it.baseline), cut(it.candidate), it.reason)
            (suspected if it.n_needed else found).append(difference)
            needed = max(needed, it.n_needed or 0)
        found += _counts(place, read[0], read[1])
    found += _relations(noisy, read[0], read[1])
    return found, suspected, needed or None


class _Read:
    """One repetition, its bodies read; gives the values at a general place."""

    def __init__(self, answers: Sequence[Answer], several: bool) -> None:
        self._answers = answers
        self._several = several
        self._bodies = [read_body(answer) for answer in answers]

    def values(self, place: Steps) -> list[Any]:
        """The values there; ABSENT for each object that could have one and has not; nothing without such an object."""
        index = int(place[0]) if self._several else 0
        rest = place[1:] if self._several else place
        answer, body = self._answers[index], self._bodies[index]
        if rest[:1] == ("@status",):
            return [str(answer.status)]
        if rest[:1] in (("@headers",), ("@cookies",)):
            return list(header_values(answer.headers, rest)) or [ABSENT]
        if body is None:
            return [] if rest else [answer.body.decode("utf-8", "backslashreplace")]
        return list(_found(body[0], rest))


def _found(value: Any, steps: Steps) -> Iterator[Any]:
    if not steps:
        yield value
        return
    head, rest = steps[0], steps[1:]
    if head == "*":
        children = _children(value)
        if not children and not rest and isinstance(value, list | dict):
            yield EMPTY
        for child in children:
            yield from _found(child, rest)
    elif isinstance(value, dict):
        if head in value:
            yield from _found(value[head], rest)
        elif not rest:
            yield ABSENT


def _children(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value[key] for key in value if general_step(key) == "*"] if isinstance(value, dict) else []


def _counts(place: Steps, ones: Sequence[_Read], others: Sequence[_Read]) -> Iterator[Difference]:
    """How many items stand where items are noisy: a number that never varied in the baseline must be met."""
    if place[-1:] != ("*",):
        return
    counts = [[len(_children(item)) for it in side for item in it.values(place[:-1])] for side in (ones, others)]
    if len(set(counts[0])) == 1 and (new := [str(count) for count in counts[1] if count != counts[0][0]]):
        why = "the baseline always has as many"
        yield Difference("items behind noise", place, f"{counts[0][0]} items", f"{', '.join(new[:5])} items", why)


def _relations(noisy: dict[Steps, None], ones: Sequence[_Read], others: Sequence[_Read]) -> Iterator[Difference]:
    """Noisy places that show equal values in every repetition of the baseline, and not in one of the candidate."""
    groups: dict[tuple[str, ...], list[Steps]] = {}
    for place in noisy:
        seen = [_single(repetition.values(place)) for repetition in ones]
        texts = tuple(text for text in seen if text is not None)
        if len(texts) == len(seen) == len(set(texts)):
            groups.setdefault(texts, []).append(place)
    for first, *rest in groups.values():
        for place in rest:
            pairs = [(_single(it.values(first)), _single(it.values(place))) for it in others]
            apart = next((pair for pair in pairs if None not in pair and pair[0] != pair[1]), None)
            if apart:
                why = f"in the baseline always equal to {pointer(first)}"
                yield Difference("relation behind noise", place, str(apart[0]), str(apart[1]), why)


def _single(values: Sequence[Any]) -> str | None:
    """The text of the only value, if it is one."""
    if len(values) != 1 or values[0] in (ABSENT, EMPTY) or isinstance(values[0], list | dict):
        return None
    return text_of(values[0])
