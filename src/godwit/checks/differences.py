"""Turns single differences into few findings: one for the same difference in many places, smallest first, 20 at most."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from godwit.verdict import Finding, Judgement, failed, inconclusive, passed

FINDINGS_AT_MOST = 20
EXAMPLES_AT_MOST = 5
_TEXT_AT_MOST = 160


def cut(text: str) -> str:
    """The text, shortened to what fits a report's cell; says how much was left out."""
    if len(text) <= _TEXT_AT_MOST:
        return text
    return f"{text[:_TEXT_AT_MOST]}… ({len(text)} characters)"


def smallest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by the size of what either side showed, then by place."""
    return tuple(
        sorted(findings, key=lambda it: (len(it.baseline) + len(it.candidate), len(it.where), it.where, it.what))
    )


def verdict_on(findings: Sequence[Finding], n: int, of_what: str, *, note: str = "") -> Judgement:
    """Judge a comparison of `n` things named `of_what`; every finding counts in the reason, the first 20 are kept.

    Nothing compared is inconclusive. `note` is added to the reason whatever the outcome.
    """
    tail = f"; {note}" if note else ""
    if findings:
        total = sum(finding.count for finding in findings)
        kept = smallest_first(findings)[:FINDINGS_AT_MOST] if len(findings) > 1 else findings
        more = f", the {len(kept)} smallest of {len(findings)} kinds shown" if len(findings) > len(kept) else ""
        first = kept[0]
        at = f" at {first.where}" if first.where else ""
        return failed(f"{total} difference(s) in {n} {of_what}{more}; first: {first.what}{at}{tail}", kept)
    if n == 0:
        return inconclusive(f"no {of_what} to compare{tail}")
    return passed(f"{n} {of_what} compared, no difference{tail}")


def grouped(findings: Iterable[tuple[object, Finding]]) -> list[Finding]:
    """Join the findings that came with equal keys: the first stands for all, with their count and up to five places."""
    groups: dict[object, list[Finding]] = {}
    for key, finding in findings:
        groups.setdefault(key, []).append(finding)
    return [_joined(group) for group in groups.values()]


def _joined(group: Sequence[Finding]) -> Finding:
    first = group[0]
    if len(group) == 1:
        return first
    examples = tuple(finding.where for finding in group[:EXAMPLES_AT_MOST])
    count = sum(finding.count for finding in group)
    return Finding(first.what, first.where, first.baseline, first.candidate, first.reason, count, examples)


def by_trait(
    what: str, names: Sequence[str], traits: Callable[[str], Iterable[str]], kept: Iterable[str]
) -> Iterator[Finding]:
    """The names as few findings: what a group has in common, and no kept name has, is the likely cause."""
    left, foreign = list(names), {trait for name in kept for trait in traits(name)}
    while left:
        groups: dict[str, list[str]] = {}
        for name in left:
            for trait in dict.fromkeys(traits(name)):
                if trait not in foreign:
                    groups.setdefault(trait, []).append(name)
        common = [trait for trait, group in groups.items() if len(group) > 1]
        reason = max(common, key=lambda trait: len(groups[trait]), default="")
        group = groups.get(reason, left)
        examples = tuple(group[:EXAMPLES_AT_MOST]) if len(group) > 1 else ()
        yield Finding(what, group[0], reason=reason, count=len(group), examples=examples)
        left = [name for name in left if name not in group]
