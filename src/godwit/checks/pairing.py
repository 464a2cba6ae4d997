"""Which item of one list stands against which of another, so that one item more or less is one difference."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence

Pair = tuple[int | None, int | None]


def paired_in_order(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[Pair]:
    """Pair the items of two lists by their likeness; None stands for no partner.

    Equal beginnings and ends are paired; between them, items that were only added or only taken away stand alone, and
    anything else is paired place by place.
    """
    shorter = min(len(one), len(other))
    head = next((index for index in range(shorter) if one[index] != other[index]), shorter)
    most = shorter - head
    tail = next((back for back in range(most) if one[-1 - back] != other[-1 - back]), most)
    yield from ((index, index) for index in range(head))
    middle, others = range(head, len(one) - tail), range(head, len(other) - tail)
    yield from _embedded(one, other, middle, others) or _leftovers(middle, others)
    yield from ((len(one) - back, len(other) - back) for back in range(tail, 0, -1))


def _embedded(one: Sequence[Hashable], other: Sequence[Hashable], left: range, right: range) -> list[Pair]:
    """The pairs where the items of the shorter side all stand on the longer one in the same order; none otherwise."""
    if len(left) > len(right):
        return [(there, here) for here, there in _embedded(other, one, right, left)]
    waiting = iter(left)
    wanted = next(waiting, None)
    pairs: list[Pair] = []
    for index in right:
        if wanted is not None and one[wanted] == other[index]:
            pairs.append((wanted, index))
            wanted = next(waiting, None)
        else:
            pairs.append((None, index))
    return [] if wanted is not None else pairs


def paired_in_any_order(
    one: Sequence[Hashable], other: Sequence[Hashable], one_texts: Sequence[str], other_texts: Sequence[str]
) -> Iterator[Pair]:
    """Pair items of equal text, then of equal likeness, then what is left in its order; None stands for no partner."""
    rest_one, rest_other = list(range(len(one))), list(range(len(other)))
    for keys, other_keys in ((one_texts, other_texts), (one, other)):
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for index in rest_other:
            waiting[other_keys[index]].append(index)
        alone: list[int] = []
        for index in rest_one:
            partners = waiting[keys[index]]
            if partners:
                yield index, partners.popleft()
            else:
                alone.append(index)
        rest_one, rest_other = alone, sorted(index for rest in waiting.values() for index in rest)
    yield from _leftovers(rest_one, rest_other)


def _leftovers(one: Sequence[int], other: Sequence[int]) -> Iterator[Pair]:
    for place in range(max(len(one), len(other))):
        yield (one[place] if place < len(one) else None), (other[place] if place < len(other) else None)
