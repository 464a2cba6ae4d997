"""Judges statements about stores by what was read of them: single values, tallies, links, owners, orders; sends no query."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from godwit.checks.cells import FOLDS, key_of, key_text, same_cell
from godwit.checks.comparing import Pairing, compare
from godwit.checks.differences import EXAMPLES_AT_MOST, cut, verdict_on
from godwit.checks.mappings import fulfils
from godwit.plan import Invariant, Link, Owned, Owners, References, Tallies, Tally, Unique
from godwit.verdict import Finding, Judgement, failed, inconclusive, passed

Rows = Sequence[Mapping[str, Any]]
Tables = Mapping[str, Rows]
"""All rows of some tables, by the tables' names."""
Key = tuple[Any, ...]


def judge_invariant(invariant: Invariant, seen: Sequence[Any]) -> Judgement:
    """Judge by the values of its queries, the baseline's first: all must be what it `equals`, or else equal to the first.

    No value at all is inconclusive, and so is a single one that has nothing to be equal to.
    """
    if not seen or all(value is None for value in seen):
        return inconclusive(f"{invariant.id} asked nothing, or nothing answered")
    if invariant.equals is None and len(seen) < 2:
        return inconclusive(
            f"{invariant.id} holds its one value against nothing; write equals, or a query for each side"
        )
    wanted = seen[0] if invariant.equals is None else invariant.equals
    if any(value != wanted for value in seen):
        shown = [str(value) for value in (*seen, "")][:2]
        return failed(invariant.sentence, [Finding("invariant broken", invariant.id, shown[0], shown[1])])
    return passed(f"{invariant.sentence}: {wanted}")


def judge_tallies(it: Tallies, source: Tables, target: Tables) -> Judgement:
    """Judge that both sides have as many rows, or the same sum, in each group."""
    ours, theirs = _tally(it.baseline, source, it.values), _tally(it.candidate, target, {})
    counted = it.candidate.sum or "rows"
    findings = [
        Finding(
            f"{'sum' if it.candidate.sum else 'number'} of {counted} changed",
            f"{it.candidate.table}({', '.join(map(key_text, group)) or 'all'})",
            str(ours.get(group, 0)),
            str(theirs.get(group, 0)),
        )
        for group in sorted(ours.keys() | theirs.keys(), key=repr)
        if not same_cell(ours.get(group, 0), theirs.get(group, 0))
    ]
    return verdict_on(findings, len(ours.keys() | theirs.keys()), f"group(s) of {it.candidate.table}")


def _tally(it: Tally, tables: Tables, values: Mapping[str, Any]) -> dict[Key, Any]:
    found: dict[Key, Any] = {}
    for row in tables[it.table]:
        if fulfils(row, it.where):
            group = key_of({name: values.get(str(row.get(name)), row.get(name)) for name in it.group}, it.group)
            found[group] = found.get(group, 0) + (1 if it.sum is None else _number(row.get(it.sum)))
    return found


def _number(value: Any) -> Any:
    """A summand; a double is added as what it reads like, so that the order of rows does not matter."""
    if value is None:
        return 0
    return Decimal(str(value)) if isinstance(value, float) else value


def judge_references(it: References, source: Tables, target: Tables) -> Judgement:
    """Judge that links name rows that are there; orphans that the baseline has already stay allowed if it is named."""
    orphans, n = _orphans(it.candidate, target)
    before = _orphans(it.baseline, source)[0] if it.baseline else Counter[Key]()
    new = orphans - before
    where = f"{it.candidate.table}.{', '.join(it.candidate.columns)}"
    to = f"{it.candidate.to_table}.{', '.join(it.candidate.to_columns)}"
    names = tuple(cut(", ".join(map(key_text, key))) for key in sorted(new, key=repr)[:EXAMPLES_AT_MOST])
    findings = (
        [Finding("link names no row", where, f"a row of {to}", "(absent)", "", new.total(), names)] if new else []
    )
    note = f"{before.total()} orphans of the baseline are allowed" if before else ""
    return verdict_on(findings, n, f"link(s) of {where}", note=note)


def _orphans(link: Link, tables: Tables) -> tuple[Counter[Key], int]:
    there = {key_of(row, link.to_columns) for row in tables[link.to_table]}
    chosen = [row for row in tables[link.table] if fulfils(row, link.where)]
    keys = [key_of(row, link.columns) for row in chosen if all(row.get(name) is not None for name in link.columns)]
    return Counter(key for key in keys if key not in there), len(keys)


def judge_unique(it: Unique, target: Tables) -> Judgement:
    """Judge that no two rows share the columns' values."""
    fold = FOLDS["ignore-case"] if it.ignore_case else str
    chosen = [row for row in target[it.table] if fulfils(row, it.where)]
    cells = [[row.get(name) for name in it.columns] for row in chosen]
    keys = [tuple(fold(cell) if isinstance(cell, str) else cell for cell in row) for row in cells if None not in row]
    counts = Counter(key_of(dict(zip(it.columns, key, strict=True)), it.columns) for key in keys)
    twice = {key: count for key, count in counts.items() if count > 1}
    where = f"{it.table}.{', '.join(it.columns)}"
    names = tuple(cut(", ".join(map(key_text, key))) for key in sorted(twice, key=repr)[:EXAMPLES_AT_MOST])
    extra = sum(twice.values()) - len(twice)
    findings = [Finding("value comes twice", where, "once", "more than once", "", extra, names)] if twice else []
    return verdict_on(findings, len(keys), f"row(s) of {where}")


def judge_owners(it: Owners, source: Tables, target: Tables) -> Judgement:
    """Judge that every row belongs to whom it belonged to; where no row of the baseline has an owner it is inconclusive."""
    columns = ("key", *it.candidate.owner)
    ours = list(_owned(it.baseline, source, it.values, it.candidate.owner))
    theirs = list(_owned(it.candidate, target, {}, it.candidate.owner))
    if all(row[name] is None for row in ours for name in it.candidate.owner):
        return inconclusive(f"no row of {it.baseline.table} has an owner")
    return compare(ours, theirs, Pairing(it.candidate.table, ("key",), columns)).judgement


def _owned(it: Owned, tables: Tables, values: Mapping[str, Any], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row in tables[it.table]:
        if fulfils(row, it.where):
            owners = (values.get(str(row.get(name)), row.get(name)) for name in it.owner)
            yield {"key": ", ".join(str(row.get(name)) for name in it.key), **dict(zip(names, owners, strict=True))}


def judge_order(invariant: Invariant, ours: Sequence[Key], theirs: Sequence[Key]) -> Judgement:
    """Judge that two queries gave the same rows in the same order; the first place that differs is told."""
    if not ours:
        return inconclusive(f"{invariant.id}: the baseline's query gave no row")
    found = (
        (number, one, other)
        for number, (one, other) in enumerate(zip(ours, theirs, strict=False), 1)
        if not all(map(same_cell, one, other)) or len(one) != len(other)
    )
    first = next(found, None)
    if first is None and len(ours) == len(theirs):
        return passed(f"{invariant.sentence}: {len(ours)} rows in the same order")
    number, one, other = first or (min(len(ours), len(theirs)) + 1, ("no more",), ("no more",))
    moved = Counter(map(repr, ours)) == Counter(map(repr, theirs))
    reason = "the same rows in another order" if moved else f"{len(ours)} and {len(theirs)} rows"
    said, told = (cut(", ".join(map(str, row))) for row in (one, other))
    return failed(invariant.sentence, [Finding("order changed", f"{invariant.id}, row {number}", said, told, reason)])
