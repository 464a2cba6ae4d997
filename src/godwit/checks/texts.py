"""Compares two texts line by line, smallest differing stretch first; knows nothing of the command that wrote them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from godwit.checks.differences import cut
from godwit.checks.text_noise import Key, Noise, by_digits
from godwit.verdict import Finding

_MOST_LINES = 2000
_ABSENT = "(absent)"
Keyed = tuple[object, Finding]


def compare_texts(name: str, baseline: Sequence[str], candidate: str) -> tuple[list[Keyed], str]:
    """Findings (with keys for grouping) between a text of the candidate and that of one or more runs of the baseline.

    With several runs what differs between them is noise and compared by shape; the second value says what that was.
    `name` stands before the line's number in each finding's place.
    """
    runs = [_lines(text) for text in baseline]
    other = _lines(candidate)
    noise = Noise(runs)
    if noise.loose:
        return list(_by_shapes(name, noise, runs, other)), noise.told()
    if noise.unordered:
        return list(_in_any_order(name, runs[0], other)), noise.told()
    return list(_in_order(name, (runs[0], other), (noise.baseline(), noise.candidate(other)))), noise.told()


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines[-1] == "":
        return lines[:-1]
    return [*lines[:-1], f"{lines[-1]}(no newline at the end)"]


def _in_order(name: str, lines: tuple[list[str], list[str]], keys: tuple[list[Key], list[Key]]) -> Iterator[Keyed]:
    head, tails = _ends(*keys)
    one_side, other_side = (side[head : len(side) - tails] for side in keys)
    if max(len(one_side), len(other_side)) > _MOST_LINES:
        yield _finding("text from line", name, lines, head, head, f"{len(one_side)} and {len(other_side)} lines follow")
        return
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, one_side, other_side, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for step in range(max(i2 - i1, j2 - j1)):
            one = head + i1 + step if i1 + step < i2 else None
            two = head + j1 + step if j1 + step < j2 else None
            yield _finding("line", name, lines, one, two, _context(lines[0], head + i1))


def _ends(one: Sequence[Key], other: Sequence[Key]) -> tuple[int, int]:
    shorter = min(len(one), len(other))
    head = next((index for index in range(shorter) if one[index] != other[index]), shorter)
    most = shorter - head
    return head, next((back for back in range(most) if one[-1 - back] != other[-1 - back]), most)


def _context(lines: Sequence[str], at: int) -> str:
    return f"after {cut(lines[at - 1])!r}" if at > 0 else "at the beginning"


def _finding(
    what: str, name: str, lines: tuple[list[str], list[str]], one: int | None, other: int | None, reason: str
) -> Keyed:
    shown = [
        side[at] if at is not None and at < len(side) else _ABSENT for side, at in zip(lines, (one, other), strict=True)
    ]
    where = f"{name}:{(one if one is not None else other or 0) + 1}"
    what = f"{what} missing" if other is None else f"{what} extra" if one is None else what
    key = (what, name, by_digits(shown[0]), by_digits(shown[1]))
    return key, Finding(what, where, cut(shown[0]), cut(shown[1]), reason)


def _in_any_order(name: str, one: list[str], other: list[str]) -> Iterator[Keyed]:
    for what, lines in (("line missing", Counter(one) - Counter(other)), ("line extra", Counter(other) - Counter(one))):
        for line, count in lines.items():
            sides = (line, _ABSENT) if what == "line missing" else (_ABSENT, line)
            yield (
                (what, name, by_digits(line)),
                Finding(what, name, cut(sides[0]), cut(sides[1]), "in any order", count),
            )


def _by_shapes(name: str, noise: Noise, runs: list[list[str]], other: list[str]) -> Iterator[Keyed]:
    shapes = {by_digits(line): line for line in other}
    seen = {by_digits(line): line for run in runs for line in run}
    for shape in sorted(shapes.keys() - noise.shapes_seen):
        finding = Finding("shape of a line that the baseline never wrote", name, _ABSENT, cut(shapes[shape]))
        yield (finding.what, name, shape), finding
    for line in sorted(noise.always - set(other)):
        finding = Finding("line that the baseline always wrote", name, cut(line), _ABSENT)
        yield (finding.what, name, by_digits(line)), finding
    for shape in sorted(noise.shapes_always - shapes.keys() - {by_digits(line) for line in noise.always}):
        finding = Finding("shape of a line that the baseline always wrote", name, cut(seen[shape]), _ABSENT)
        yield (finding.what, name, shape), finding
