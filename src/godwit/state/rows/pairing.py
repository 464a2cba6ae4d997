"""Which column of the baseline goes with which of the candidate; a name that is not there is refused, none is left out silently."""

from collections.abc import Collection
from dataclasses import dataclass

from godwit.plan import ComparedColumn, Comparison
from godwit.verdict import HarnessError


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of the candidate, and what it is compared with: a column of the baseline, or SQL over its row."""

    name: str
    column: str
    sql: str | None
    tolerance: float | None


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs to compare, the baseline's columns that became none of the candidate's, and what is said of the rest."""

    pairs: tuple[Pair, ...]
    absent: tuple[str, ...]
    notes: tuple[str, ...]


def pair_columns(asked: Comparison, baseline: Collection[str], candidate: Collection[str]) -> Pairs:
    """Pair the columns of two tables. HarnessError names a column that the plan says and no table has."""
    stated = [(name, entry) for name, entry in asked.columns.items() if not entry.ignored]
    pairs = [_stated(name, entry, baseline, candidate) for name, entry in stated]
    taken = {entry.column or name for name, entry in asked.columns.items()}
    left = [name for name in baseline if name not in taken]
    plain = [name for name in left if name in candidate and name not in asked.columns]
    pairs += [Pair(name, name, None, None) for name in plain]
    _require(asked.key, [pair.name for pair in pairs], "key", asked.id)
    absent = tuple(name for name in left if name not in plain)
    return Pairs(tuple(pairs), absent, tuple(_notes(asked, pairs, candidate)))


def _stated(name: str, entry: ComparedColumn, baseline: Collection[str], candidate: Collection[str]) -> Pair:
    _require([name], candidate, "candidate", name)
    if entry.column or not entry.sql:
        _require([entry.column or name], baseline, "baseline", name)
    return Pair(name, entry.column or name, entry.sql, entry.tolerance)


def _require(names: Collection[str], known: Collection[str], of_what: str, where: str) -> None:
    lost = [name for name in names if name not in known]
    if lost:
        raise HarnessError(
            f"{where}: no column {', '.join(lost)} to compare ({of_what}); there are {', '.join(known) or 'none'}"
        )


def _notes(asked: Comparison, pairs: list[Pair], candidate: Collection[str]) -> list[str]:
    compared = {pair.name for pair in pairs}
    added = [name for name in candidate if name not in compared and name not in asked.columns]
    notes = [f"{name} ignored: {entry.ignored}" for name, entry in asked.columns.items() if entry.ignored]
    return [*notes, *([f"not in the baseline: {', '.join(added)}"] if added else [])]
