"""Whether two sets of repeated values may come from one source: kind, form, size, then an exact test; knows no answers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from godwit.checks.json_text import Number, kind_of, shown
from godwit.checks.normalising import id_shape, timestamp_format

ABSENT = object()
"""Stands for the value of a key that an object does not have."""
EMPTY = object()
"""Stands for the items of a list, or of an object with ids for keys, that has none."""

Repetitions = Sequence[Sequence[Any]]
"""The values seen at one place, repetition by repetition."""

_ENUMERATED_UP_TO = 20_000
_SIZE_FACTOR, _MAGNITUDE_FACTOR = 2, 100
_SOFT = (ABSENT, EMPTY)


@dataclass(frozen=True, slots=True)
class Parting:
    """A way in which the candidate's values part from the baseline's. `n_needed` repetitions would settle a suspicion."""

    what: str
    baseline: str
    candidate: str
    reason: str
    n_needed: int | None = None


def partings(baseline: Repetitions, candidate: Repetitions, limit: float, seed: int) -> list[Parting]:
    """What tells the candidate's values from the baseline's, the plainest first; nothing when they look alike.

    What never varied in the baseline (being there, kind, form) is compared exactly; what did is compared by its
    distribution: a permutation test over whole repetitions with error `limit` (0 to 1).
    """
    if not any(baseline) or not any(candidate):
        return []  # its parent is gone, which is a difference of its own
    one, other = _all(baseline), _all(candidate)
    plain = [*_kinds(one, other), *_forms(one, other), *_sizes(one, other)]
    return plain[:1] or _distribution(baseline, candidate, limit, seed)


def text_of(value: Any) -> str:
    """A value, or its absence, as text."""
    return {id(ABSENT): "(absent)", id(EMPTY): "(empty)"}.get(id(value)) or shown(value)


def _all(repetitions: Repetitions) -> list[Any]:
    return [value for values in repetitions for value in values]


def _some(values: Iterable[Any]) -> str:
    """Distinct values as text, five at most."""
    texts = list(dict.fromkeys(text_of(value) for value in values))
    return " | ".join(texts[:5]) + (f" | … ({len(texts)} values)" if len(texts) > 5 else "")


def _kind(value: Any) -> str:
    return "absent" if value is ABSENT else kind_of(value)


def _kinds(one: Sequence[Any], other: Sequence[Any]) -> list[Parting]:
    known = {_kind(value) for value in one if value is not EMPTY}
    new = [value for value in other if value is not EMPTY and _kind(value) not in known]
    if not new or not known:
        return []
    told = f"{' or '.join(sorted(known))} became {' or '.join(sorted({_kind(value) for value in new}))}"
    return [Parting("type behind noise", _some(one), _some(new), told)]


def _form(text: str) -> tuple[str, ...]:
    """How a text is made, without its length."""
    return timestamp_format(text) or (id_shape(text) or ())[:2]


def _forms(one: Sequence[Any], other: Sequence[Any]) -> list[Parting]:
    ones, others = ([value for value in values if isinstance(value, str)] for values in (one, other))
    known = {_form(text) for text in ones}
    new = [text for text in others if _form(text) not in known]
    if len(known) == 1 and new:
        return [
            Parting("shape behind noise", _some(ones), _some(new), f"all {len(ones)} of the baseline have one shape")
        ]
    if ones and others and {_alphabet(ones), _alphabet(others)} == {"letters", "digits"}:
        return [Parting("shape behind noise", _some(ones), _some(others), "letters stand against digits")]
    return []


def _alphabet(texts: Sequence[str]) -> str:
    if all(text.isdigit() for text in texts):
        return "digits"
    return "letters" if all(text.isalpha() for text in texts) else "mixed"


def _sizes(one: Sequence[Any], other: Sequence[Any]) -> list[Parting]:
    ones, others = ([value for value in values if isinstance(value, str)] for values in (one, other))
    if _beyond([len(text) for text in ones], [len(text) for text in others], _SIZE_FACTOR):
        return [Parting("length behind noise", _some(ones), _some(others), "every text is far longer or far shorter")]
    numbers = [_finite(one), _finite(other)]
    if not numbers[0] or not numbers[1]:
        return []
    told = _some(one), _some(other)
    if min(numbers[1]) < 0 <= min(numbers[0]):
        return [Parting("sign behind noise", *told, "the baseline was never negative")]
    if _beyond([abs(n) for n in numbers[0]], [abs(n) for n in numbers[1]], _MAGNITUDE_FACTOR):
        return [Parting("magnitude behind noise", *told, f"every number is over {_MAGNITUDE_FACTOR} times off")]
    return []


def _finite(values: Sequence[Any]) -> list[Any]:
    return [value.value for value in values if isinstance(value, Number) and value.value.is_finite()]


def _beyond(ones: Sequence[Any], others: Sequence[Any], factor: int) -> bool:
    """Whether all others are off the range of the ones by more than a factor; nothing where the ones had something, too."""
    if not ones or not others:
        return False
    if max(others) == 0 < min(ones):
        return True
    return bool(min(others) > max(ones) * factor > 0 or max(others) * factor < min(ones))


def _distribution(baseline: Repetitions, candidate: Repetitions, limit: float, seed: int) -> list[Parting]:
    tell = _text_or_class(baseline)
    ones, others = ([Counter(map(tell, values)) for values in side] for side in (baseline, candidate))
    chance = _permuted(ones, others, seed)
    told = _shares(ones), _shares(others)
    if chance <= limit:
        return [Parting("distribution behind noise", *told, f"chance {chance:.2g}, limit {limit:.2g}")]
    needed = repetitions_needed(limit)
    apart = not (set().union(*ones) & set().union(*others))
    never = any(value not in _SOFT for value in _all(baseline)) and all(value in _SOFT for value in _all(candidate))
    if (apart or never) and min(len(baseline), len(candidate)) < needed:
        return [Parting("distribution behind noise", *told, f"chance {chance:.2g}: too few to tell", needed)]
    return []


def _text_or_class(baseline: Repetitions) -> Any:
    """What makes two values the same one: their text where the baseline repeats itself, otherwise kind and form."""
    values = [value for value in _all(baseline) if value not in _SOFT]
    stamped = any(timestamp_format(value) for value in values)
    several = any(len(rep) > 1 for rep in baseline)
    # What one repetition says twice (an id and a reference to it) says nothing of the next repetition.
    texts = [{text_of(value) for value in rep if value not in _SOFT} for rep in baseline]
    said, distinct = sum(map(len, texts)), len(set().union(*texts))
    repeats = distinct * 2 <= said if several else distinct < said
    if repeats and not stamped and not (not several and _climbs(values)):
        return text_of
    return lambda value: (
        text_of(value) if value in _SOFT else str((_kind(value), isinstance(value, str) and _form(value)))
    )


def _climbs(values: Sequence[Any]) -> bool:
    """Whether values only grow, as clocks and counters do; such a value never comes back and proves nothing."""
    if all(isinstance(value, Number) and value.value.is_finite() for value in values):
        keys: list[Any] = [value.value for value in values]
    elif all(isinstance(value, str) and re.search(r"\d", value) for value in values):
        keys = [(len(value), value) for value in values]
    else:
        return False
    return keys == sorted(keys) and keys[0] != keys[-1]


def _shares(repetitions: Sequence[Counter[str]]) -> str:
    total = sum(repetitions, Counter[str]())
    most = total.most_common(5)
    return ", ".join(f"{text} {count}×" for text, count in most) + (", …" if len(total) > 5 else "")


def repetitions_needed(limit: float) -> int:
    """The repetitions of each side from which on a permutation test can fall below `limit`."""
    return next(k for k in range(1, 1000) if 2 / comb(2 * k, k) <= limit)


def _permuted(ones: Sequence[Counter[str]], others: Sequence[Counter[str]], seed: int) -> float:
    """The chance that repetitions of one source, dealt to two sides, part as far as these do or further."""
    every = [*ones, *others]
    names = sorted(set().union(*every))
    counts = np.array([[rep[name] for name in names] for rep in every], dtype=np.float64)
    if comb(len(every), len(ones)) <= _ENUMERATED_UP_TO:
        dealt = np.array(list(combinations(range(len(every)), len(ones))))
    else:
        chance = np.random.default_rng(seed)
        drawn = [chance.permutation(len(every))[: len(ones)] for _ in range(_ENUMERATED_UP_TO)]
        dealt = np.array([range(len(ones)), *drawn])  # what was seen is one of the ways
    left = counts[dealt].sum(axis=1)
    right = counts.sum(axis=0) - left
    apart = np.abs(_share(left) - _share(right)).sum(axis=1)
    return float(np.mean(apart >= apart[0] - 1e-9))


def _share(counts: Any) -> Any:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
