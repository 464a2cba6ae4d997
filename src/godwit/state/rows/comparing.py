"""Compares two tables of any size: checksums of buckets first, then the rows of buckets that differ; `checks` judges."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from godwit.plan import Comparison, RowSource
from godwit.state.rows.buckets import Bucketing, Sums, bucketing, checksums, span, suspicious, within
from godwit.state.rows.canonical import Form, Layout, canonical, form_of, layout_of
from godwit.state.rows.databases import Database, connect, guarded, unsorted
from godwit.state.rows.differing import Differences
from godwit.state.rows.pairing import Pairs, pair_columns
from godwit.state.rows.sources import Bench, Opened, place_of, rows_of
from godwit.verdict import HarnessError
from godwit.verdict.compared import ComparedTables, Surplus

Tell = Callable[[str], None]
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side: its rows as they are, and in the form in which both sides are compared."""

    opened: Opened
    table: Any

    def read(self, expression: Any) -> list[dict[str, Any]]:
        return rows_of(self.opened.backend, expression)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both sides; `again` begins a later reading of them."""

    one: _Side
    other: _Side
    absent: tuple[str, ...]
    layout: Layout
    notes: tuple[str, ...]
    again: Callable[[], object]

    @property
    def both(self) -> tuple[_Side, _Side]:
        return self.one, self.other

    def stamps(self) -> list[object]:
        return [side.opened.stamps() for side in self.both]


def compare_tables(
    asked: Comparison, sources: tuple[RowSource, RowSource], work: Path, listing: Path, tell: Tell, sleep: Sleep
) -> ComparedTables:
    """Compare the tables of baseline and candidate row by row, whatever stores they lie in; places are filled already.

    Every difference is counted, and listed in the CSV file `listing` up to `asked.at_most`. `tell` hears how far it is.
    HarnessError when a side cannot be read, or was written to while it could only be read as a file.
    """
    with guarded(asked.id), ExitStack() as opened:
        bench = opened.enter_context(closing(Bench(asked.memory, work)))
        sides = _open(asked, sources, bench, opened)
        stamps = sides.stamps()
        found = _compare(asked, sides, bench, listing, tell, sleep)
        if stamps != sides.stamps():
            raise HarnessError(f"{asked.id}: a file was written to while it was read; compare it when nobody writes")
        return found


def _open(asked: Comparison, sources: tuple[RowSource, RowSource], bench: Bench, opened: ExitStack) -> _Sides:
    if asked.engine == "spark":
        from godwit.state.rows.clusters import open_both

        return _sides(asked, open_both(sources), ("both sides read by Spark",), lambda: None)
    places = [place_of(source.store) for source in sources]
    if asked.engine == "auto" and all(place.kind == "postgresql" for place in places):
        databases = [opened.enter_context(closing(connect(place))) for place in places]
        sides = zip(databases, places, sources, strict=True)
        found = [database.open(place, source) for database, place, source in sides]
        if databases[0].major == databases[1].major and _can_push_down(asked, found):
            note = "each side as it was at one moment, summed by its own database"
            return _sides(asked, found, (note,), lambda: _all_again(databases))
    bench.attach(places)
    found = [bench.open(place, source) for place, source in zip(places, sources, strict=True)]
    return _sides(asked, found, ("each side as it was at one moment",), bench.again)


def _all_again(databases: Sequence[Database]) -> None:
    for database in databases:
        database.again()


def _can_push_down(asked: Comparison, found: Sequence[Opened]) -> bool:
    return not any(form.parsed for form in _forms(asked, *found)[2])


def _forms(asked: Comparison, one: Opened, other: Opened) -> tuple[Pairs, Any, list[Form]]:
    """What is paired, the baseline's rows with what SQL makes of them, and the form of each pair."""
    pairs = pair_columns(asked, one.table.columns, other.table.columns)
    made = [f'({pair.sql}) AS "godwit_{index}"' for index, pair in enumerate(pairs.pairs) if pair.sql]
    sql = f"SELECT *, {', '.join(made)} FROM godwit_rows"  # noqa: S608 - the plan's own words, on a store that is read
    table = one.table.alias("godwit_rows").sql(sql) if made else one.table
    kinds = [
        (table[f"godwit_{index}" if pair.sql else pair.column].type(), other.table[pair.name].type())
        for index, pair in enumerate(pairs.pairs)
    ]
    tolerant = [pair.tolerance is not None for pair in pairs.pairs]
    return pairs, table, [form_of(*each, near) for each, near in zip(kinds, tolerant, strict=True)]


def _sides(asked: Comparison, found: Sequence[Opened], notes: tuple[str, ...], again: Callable[[], object]) -> _Sides:
    one, other = found
    pairs, table, forms = _forms(asked, one, other)
    chosen = list(zip(pairs.pairs, forms, strict=True))
    from_one = {
        pair.name: canonical(table[f"godwit_{index}" if pair.sql else pair.column], form)
        for index, (pair, form) in enumerate(chosen)
    }
    from_other = {pair.name: canonical(other.table[pair.name], form) for pair, form in chosen}
    said = tuple(f"{pair.name}: {form.note}" for pair, form in chosen if form.note)
    layout = layout_of(pairs.pairs, asked.key)
    sides = _Side(one, table.select(**from_one)), _Side(other, other.table.select(**from_other))
    return _Sides(*sides, pairs.absent, layout, (*notes, *pairs.notes, *said), again)


def _compare(asked: Comparison, sides: _Sides, bench: Bench, listing: Path, tell: Tell, sleep: Sleep) -> ComparedTables:
    tell("looking at the keys")
    spans = [span(sides.layout, side.table) for side in sides.both]
    into = bucketing([_ends(side, asked) for side, asked in zip(sides.both, spans, strict=True) if asked is not None])
    tell("summing buckets of rows")
    sums = _at_once(sides, lambda side: _sums(side, sides.layout, into))
    rows = [sum(n for n, _ in each.values()) for each in sums]
    bad = suspicious(*sums)
    tell(f"{rows[0]} and {rows[1]} rows; {len(bad)} of {len(sums[0].keys() | sums[1].keys())} buckets differ")
    if not bad:
        nothing = Surplus(0, 0, (), {})
        return _result(sides, rows, nothing, nothing)
    found = _differences(sides, bench, into, bad, "first")
    for number in range(asked.settle.times if asked.settle else 0):
        if not found.count():
            break
        tell(f"{found.count()} rows differ; reading them again")
        sleep(asked.settle.pause_s if asked.settle else 0)
        sides.again()
        later = _differences(sides, bench, into, bad, f"again_{number}")
        later.restrict(f"still_{number}", found)
        found = later
    tell(f"{found.count()} rows differ")
    listed = found.list_in(listing, asked.at_most)
    missing, extra = (_surplus(found, kind, side) for kind, side in _kinds(sides))
    result = _result(sides, rows, missing, extra)
    changed = tuple(found.changed())
    return replace(
        result,
        changed_rows=found.count("changed"),
        changed=changed,
        listed=listed,
        evidence=listing.name if listed else "",
    )


def _kinds(sides: _Sides) -> list[tuple[str, _Side]]:
    return [("missing", sides.one), ("extra", sides.other)]


def _result(sides: _Sides, rows: Sequence[int], missing: Surplus, extra: Surplus) -> ComparedTables:
    columns = len({*sides.layout.key, *sides.layout.values})
    return ComparedTables(rows[0], rows[1], columns, missing, extra, 0, (), sides.absent, sides.notes, 0, "")


def _ends(side: _Side, asked: Any) -> tuple[int | None, int | None]:
    row = side.read(asked)[0]
    return row["least"], row["largest"]


def _at_once(sides: _Sides, ask: Callable[[_Side], Sums]) -> list[Sums]:
    """Ask both sides; two databases at the same time, since each has its own processor time."""
    if any(side.opened.engine != "postgresql" for side in sides.both):
        return [ask(side) for side in sides.both]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(ask, sides.both))


def _sums(side: _Side, layout: Layout, into: Bucketing) -> Sums:
    with unsorted(side.opened):
        found = side.read(checksums(side.opened.engine, layout, side.table, into))
    return {row["bucket"]: (row["n"], row["checksum"]) for row in found}


def _differences(sides: _Sides, bench: Bench, into: Bucketing, bad: Sequence[int | None], name: str) -> Differences:
    tables = []
    for word, side in zip(("one", "other"), sides.both, strict=True):
        rows = within(side.opened.engine, sides.layout, side.table, into, bad)
        is_here = side.opened.backend is bench.backend
        tables.append(bench.keep(f"{word}_{name}", rows if is_here else side.opened.backend.to_pyarrow_batches(rows)))
    return Differences(bench, sides.layout, f"differences_{name}", *tables)


def _surplus(found: Differences, kind: str, side: _Side) -> Surplus:
    """The rows that one side lacks, with the cells that only they have: likely why."""
    surplus, constant = found.surplus(kind), found.constant(kind)
    if not constant:
        return surplus
    counts = {f"c{index}": (side.table[name] == value).sum() for index, (name, value) in enumerate(constant.items())}
    seen = side.read(side.table.aggregate(**counts))[0]
    shared = {name: value for index, (name, value) in enumerate(constant.items()) if seen[f"c{index}"] == surplus.count}
    return replace(surplus, shared=shared)
