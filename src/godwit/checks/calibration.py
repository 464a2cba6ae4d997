"""Tells noise of a baseline from state that grows with each repetition; what it cannot tell it calls no noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from godwit.checks.answers import differences_between, findings_of
from godwit.checks.bodies import Difference
from godwit.checks.json_text import pointer
from godwit.checks.noise import Steps, general
from godwit.checks.normalising import Rules
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer


@dataclass(frozen=True, slots=True)
class Repetition:
    """One repetition of a probe: an answer to each request, and what reading requests answered when asked at once again."""

    answers: Sequence[Answer]
    again: Sequence[Sequence[Answer]] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """What repeating a probe on the baseline showed.

    `noisy` are places (pointers, `*` for any step) where it differs from itself for no reason, `growing` those where each
    repetition left its mark. `once` says why the probe cannot be repeated; then nothing else is known.
    """

    noisy: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()
    once: str = ""


def calibrate(
    first: Sequence[Answer],
    repetitions: Sequence[Repetition],
    normalisers: Sequence[Normaliser],
    headers: Sequence[str],
) -> Calibration:
    """Compare the baseline's answers to a probe with its repetitions, in which it was asked the same from the start.

    A place is noise when it differs between readings with nothing between them. Of an answer to a writing request, which
    cannot be read again, it is noise unless it is an integer that grows by equal steps.
    """
    for repetition in repetitions:
        for one, other in zip(first, repetition.answers, strict=True):
            if one.status != other.status:
                now = other.status or other.error
                return Calibration(once=f"{one.request} answered {one.status}, and {now} when it was asked again")
    several, rules = len(first) > 1, Rules(normalisers)
    varying: dict[Steps, list[Difference]] = {}
    for repetition in repetitions:
        for it in differences_between(first, repetition.answers, rules, headers, several):
            varying.setdefault(general(it.steps, several), []).append(it)
    unsteady = _unsteady(repetitions, rules, headers, several)
    reread = {index for it in repetitions for index, again in enumerate(it.again) if again}
    noisy = [place for place in varying if place in unsteady or _is_noise(place, varying[place], reread, several)]
    noisy += [place for place in unsteady if place not in varying]
    growing = [place for place in varying if place not in noisy]
    return Calibration(tuple(map(pointer, noisy)), tuple(map(pointer, growing)))


def is_explained(
    probe: str,
    sides: tuple[Sequence[Answer], Sequence[Answer]],
    calibration: Calibration,
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
    headers: Sequence[str],
) -> bool:
    """Whether every difference of the sides stands at a noisy place, so that only repetitions can tell what it means."""
    several = len(sides[0]) > 1
    found = differences_between(*sides, Rules(normalisers), headers, several)
    left = [it for it in found if pointer(general(it.steps, several)) not in calibration.noisy]
    return not findings_of(probe, left, allowances, several)[0]


def _unsteady(
    repetitions: Sequence[Repetition], rules: Rules, headers: Sequence[str], several: bool
) -> dict[Steps, None]:
    """The places that differ between readings with nothing between them."""
    found: dict[Steps, None] = {}
    for repetition in repetitions:
        for index, again in enumerate(repetition.again):
            for other in again:
                for it in differences_between([repetition.answers[index]], [other], rules, headers, several=False):
                    found[general((str(index), *it.steps) if several else it.steps, several)] = None
    return found


def _is_noise(place: Steps, differences: Sequence[Difference], reread: set[int], several: bool) -> bool:
    if (int(place[0]) if several else 0) in reread:
        return False
    values = [differences[0].baseline, *(it.candidate for it in differences)]
    if not all(value.lstrip("-").isdigit() for value in values):
        return True
    numbers = [int(value) for value in values]
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    return len(steps) != 1 or steps == {0}
