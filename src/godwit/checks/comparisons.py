"""Judges two tables by what the row engine saw of them: counts are the engine's, causes are found here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from godwit.checks.differences import EXAMPLES_AT_MOST, cut, verdict_on
from godwit.checks.rows import compare_rows
from godwit.plan import Comparison
from godwit.verdict import Finding, Judgement
from godwit.verdict.compared import Changed, ChangedColumn, ComparedTables, Place, Surplus

_NUMBER = "number of the cell"


def judge_comparison(asked: Comparison, seen: ComparedTables) -> Judgement:
    """Judge that both tables hold the same rows, each as often; no row on either side is inconclusive.

    Findings: rows missing, extra, or with a key that comes again; columns that are missing; changed cells grouped by
    cause, each group with its count and up to five keys. The reason tells how the comparison was made.
    """
    table = asked.candidate.table or asked.baseline.table or asked.id
    findings = [
        *_rows("rows are missing", "a key comes less often", table, seen.missing, ("present", "(absent)")),
        *_rows("rows are extra", "a key comes more often", table, seen.extra, ("(absent)", "present")),
        *(Finding("column is missing", f"{table}.{name}", "present", "(absent)") for name in seen.absent),
    ]
    for column in seen.changed:
        findings += _cells(table, column)
    note = "; ".join([f"{seen.columns} column(s)", *seen.notes, *_listed(seen)])
    return verdict_on(findings, max(seen.baseline_rows, seen.candidate_rows), f"rows of {table}", note=note)


def _listed(seen: ComparedTables) -> list[str]:
    return [f"{seen.listed} difference(s) listed in comparisons/{seen.evidence}"] if seen.evidence else []


def _rows(lost: str, again: str, table: str, seen: Surplus, sides: tuple[str, str]) -> Iterator[Finding]:
    reason = " and ".join(f"all have {name} = {cut(repr(value))}" for name, value in seen.shared.items())
    reason = f"{reason}, and no other row has" if reason else ""
    places = tuple(map(_place, seen.places[:EXAMPLES_AT_MOST]))
    for what, count in ((lost, seen.count - seen.again), (again, seen.again)):
        if count:
            yield Finding(what, table, *sides, reason, count, places)


def _cells(table: str, column: ChangedColumn) -> list[Finding]:
    """The cells of one column, grouped; what the engine did not hand on is one finding more."""
    one = [{_NUMBER: number, column.column: cell.baseline} for number, cell in enumerate(column.cells)]
    other = [{_NUMBER: number, column.column: cell.candidate} for number, cell in enumerate(column.cells)]
    found = compare_rows(one, other, [_NUMBER], table, [column.column]).findings
    named = [_named(finding, column.cells) for finding in found]
    rest = column.count - len(column.cells)
    if rest > 0:
        said = f"the first {len(column.cells)} are grouped by cause"
        named.append(Finding("cell changed", f"{table}.{column.column}", reason=said, count=rest))
    return named


def _named(finding: Finding, cells: Sequence[Changed]) -> Finding:
    """The finding with the keys of its rows for their numbers."""
    return replace(finding, examples=tuple(_place(cells[int(number)].place) for number in finding.examples))


def _place(place: Place) -> str:
    return cut(", ".join(map(str, place)))
