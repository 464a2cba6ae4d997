"""What a run measured as CSV, one line a value: criteria first, then checks; nothing in it is a formula of a spreadsheet."""

import csv
import io
from collections.abc import Iterator

from godwit.reporting.plain import one_line
from godwit.verdict import CheckRecord, CriterionRecord, Measurement, Verdict

HEAD = (
    "kind", "id", "phase", "gate", "outcome", "side", "metric", "value", "unit", "n", "low", "high", "level", "limit",
    "source",
)  # fmt: skip
_MOST = 500
_FORMULA = ("=", "+", "-", "@")
Row = tuple[object, ...]


def measurements(verdict: Verdict) -> bytes:
    """The file; a run that measured nothing leaves the head alone."""
    told = io.StringIO(newline="")
    table = csv.writer(told)
    table.writerow(HEAD)
    table.writerows([_cell(part) for part in row] for row in _rows(verdict))
    return told.getvalue().encode()


def _rows(verdict: Verdict) -> Iterator[Row]:
    for gate in verdict.gates:
        for item in gate.criteria:
            yield from _of(("criterion", item.id, gate.phase, gate.id, item.outcome), item)
    for check in verdict.checks:
        yield from _of(("check", check.id, check.phase, "", check.outcome), check)


def _of(whose: Row, item: CheckRecord | CriterionRecord) -> Iterator[Row]:
    for side, found in (("actual", item.actual), ("baseline", item.baseline)):
        if found:
            yield (*whose, side, *_measured(found), item.limit, found.source)


def _measured(found: Measurement) -> Row:
    around = found.interval
    ends: Row = (around.low, around.high, around.level) if around else ("", "", "")
    return (found.metric, found.value, found.unit, found.n, *ends)


def _cell(part: object) -> object:
    """Numbers as they are; text on one line, and what a spreadsheet would reckon with behind an apostrophe."""
    if isinstance(part, int | float):
        return part
    text = one_line(str(part), _MOST).strip()
    return f"'{text}" if text.startswith(_FORMULA) else text
