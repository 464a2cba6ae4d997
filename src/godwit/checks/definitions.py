"""Judges the shape of a store's tables and the numbers that they give out next; a table nobody looked at proves nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from godwit.checks.differences import verdict_on
from godwit.plan import DeclaredTable, SchemaAllowance
from godwit.plan import Mapping as RowMapping
from godwit.verdict import ColumnDefinition, Finding, Judgement, Numbering, PlanError, TableDefinition, inconclusive

Shapes = Mapping[str, TableDefinition]
_ABSENT, _PRESENT = "(absent)", "present"
_COLUMN = re.compile(
    r"(?P<type>.+?)(?P<bound>\s+not\s+null)?(\s+default\s+(?P<default>.+))?", re.IGNORECASE | re.DOTALL
)
_SETS = (
    ("unique", "unique constraint"),
    ("indices", "index"),
    ("foreign", "foreign key"),
    ("checks", "check constraint"),
)


def judge_definitions(expected: Shapes, actual: Shapes, allow: Sequence[SchemaAllowance] = ()) -> Judgement:
    """Judge that the tables `expected` are there as they must be, but for differences that are allowed.

    An allowance that no difference meets is a finding too: it is stale. No column to compare is inconclusive.
    """
    found = [
        finding for table in sorted(expected) for finding in _differences(table, expected[table], actual.get(table))
    ]
    meant = [finding for finding in found if any(_meets(it, finding) for it in allow)]
    stale = [it for it in allow if not any(_meets(it, finding) for finding in found)]
    findings = [finding for finding in found if finding not in meant]
    findings += [Finding("allowance meets no difference", it.what, reason=it.reason) for it in stale]
    n = sum(len(shape.columns) for shape in expected.values())
    note = f"{len(meant)} difference(s) are meant" if meant else ""
    return verdict_on(findings, n, f"columns of {len(expected)} table(s)", note=note)


def declared_definitions(declared: Mapping[str, DeclaredTable]) -> dict[str, TableDefinition]:
    """The shapes that a plan declares; PlanError for a column that says no type."""
    return {
        table: TableDefinition(
            {name: _column(table, name, text) for name, text in it.columns.items()},
            it.key,
            *(None if said is None else frozenset(said) for said in (it.unique, it.indices, it.foreign, it.checks)),
        )
        for table, it in declared.items()
    }


def _column(table: str, name: str, text: str) -> ColumnDefinition:
    match = _COLUMN.fullmatch(text.strip())
    if match is None or match["type"].lower().startswith(("not null", "default ")):
        raise PlanError(f"state.schemas: {table}.{name}: {text!r} names no type; write TEXT not null default 'x'")
    return ColumnDefinition(match["type"], match["bound"] is None, match["default"])


def _meets(allowance: SchemaAllowance, finding: Finding) -> bool:
    return fnmatchcase(said(finding), allowance.what)


def said(finding: Finding) -> str:
    """A difference as an allowance writes it: `tasks.notes type changed from TEXT to VARCHAR`."""
    change = (
        "" if _ABSENT in (finding.baseline, finding.candidate) else f" from {finding.baseline} to {finding.candidate}"
    )
    return f"{finding.where} {finding.what}{change}"


def _differences(table: str, one: TableDefinition, other: TableDefinition | None) -> Iterator[Finding]:
    if other is None:
        yield Finding("table is missing", table, _PRESENT, _ABSENT)
        return
    for name, column in one.columns.items():
        yield from _changes(f"{table}.{name}", column, other.columns.get(name))
    for name in other.columns:
        if name not in one.columns:
            yield Finding("column is extra", f"{table}.{name}", _ABSENT, _PRESENT)
    if one.key is not None and one.key != other.key:
        yield Finding("primary key changed", table, ", ".join(one.key) or "none", ", ".join(other.key or ()) or "none")
    for field, noun in _SETS:
        ours, theirs = getattr(one, field), getattr(other, field)
        if ours is not None and theirs is not None:
            lost, gained = sorted(ours - theirs), sorted(theirs - ours)
            yield from (Finding(f"{noun} is missing", f"{table}({text})", _PRESENT, _ABSENT) for text in lost)
            yield from (Finding(f"{noun} is extra", f"{table}({text})", _ABSENT, _PRESENT) for text in gained)


def _changes(where: str, one: ColumnDefinition, other: ColumnDefinition | None) -> Iterator[Finding]:
    if other is None:
        yield Finding("column is missing", where, _PRESENT, _ABSENT)
        return
    if one.type.upper() != other.type.upper():
        yield Finding("type changed", where, one.type, other.type)
    if one.nullable != other.nullable:
        words = {True: "NULL", False: "not NULL"}
        yield Finding("NULLability changed", where, words[one.nullable], words[other.nullable])
    if one.default != other.default:
        yield Finding("default changed", where, one.default or "none", other.default or "none")


def judge_numbering(
    target: Sequence[Numbering], source: Sequence[Numbering], mappings: Sequence[RowMapping]
) -> Judgement:
    """Judge that each column's next number is past every number in use, and past those that its source gave out.

    `source` is the numbering of the baseline's store; `mappings` say which column of it became which. No numbered
    column is inconclusive.
    """
    if not target:
        return inconclusive("no column of the target is numbered by its store")
    before = {(it.table, it.column): it.next for it in source if it.next is not None}
    findings: list[Finding] = []
    for it in target:
        where, highest = f"{it.table}.{it.column}", it.highest or 0
        past = max((before[origin] for origin in _origins(it, mappings) if origin in before), default=0)
        if it.next is None:
            findings.append(Finding("no sequence numbers new rows", where, "a sequence", "none"))
        elif it.next <= highest:
            findings.append(Finding("next number is in use", where, f"past {highest}", str(it.next)))
        elif it.next < past:
            findings.append(Finding("numbers are given out again", where, f"{past} or more", str(it.next)))
    return verdict_on(findings, len(target), "numbered column(s)")


def _origins(it: Numbering, mappings: Sequence[RowMapping]) -> Iterator[tuple[str, str]]:
    """The columns of the source that became this one: those of mappings, or else the one of the same name."""
    mine = [mapping for mapping in mappings if mapping.target.table == it.table]
    if not mine:
        yield it.table, it.column
    for mapping in mine:
        for column in mapping.columns:
            if column.column and column.dropped is None and (column.to or column.column) == it.column:
                yield mapping.source.table, column.column
