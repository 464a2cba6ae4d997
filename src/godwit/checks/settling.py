"""Tells keys that are only on their way from keys that stay different, over several looks at two stores; reads nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from godwit.checks.comparing import BadKey
from godwit.checks.differences import grouped, verdict_on
from godwit.verdict import Finding, Judgement


@dataclass(slots=True)
class Settling:
    """The keys that differed at the last look, and since when (seconds). A key that agreed once starts anew."""

    within_s: float
    since_s: dict[str, float] = field(default_factory=dict)
    looks: int = 0

    def look(self, differing: Collection[str], at_s: float) -> None:
        """Take in one look: the keys that differ, and when the reading began."""
        self.looks += 1
        self.since_s = {key: self.since_s.get(key, at_s) for key in differing}

    def stayed(self, at_s: float) -> frozenset[str]:
        """The keys that have differed at every look for longer than they may."""
        return frozenset(key for key, since in self.since_s.items() if at_s - since > self.within_s)

    @property
    def are_all_settled(self) -> bool:
        """Whether nothing differed at the last look."""
        return not self.since_s


def judge_stayed(
    table: str, bad: Sequence[BadKey], absent: Collection[str], stayed: Collection[str], compared: int, within_s: float
) -> Judgement:
    """Judge the last look at `compared` rows by the keys that stayed different; those on their way say nothing.

    `absent` are the keys of acknowledged writes that the baseline's store does not hold.
    """
    lost = Finding("write is not in the baseline's store", "", "acknowledged", "(absent)")
    wrong: list[tuple[object, Finding]] = [
        ("absent", Finding(lost.what, key, lost.baseline, lost.candidate)) for key in sorted(absent) if key in stayed
    ]
    for each in bad:
        if each.key in stayed:
            place = f"{table}.{each.column}" if each.column else table
            found = Finding(f"{each.what} in {place}", each.key, each.expected, each.actual, each.cause)
            wrong.append(((each.what, each.column, each.cause), found))
    note = f"different at each look for over {within_s:g} s"
    return verdict_on(grouped(wrong), compared, "rows", note=note if wrong else "")
