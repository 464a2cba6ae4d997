"""Pairs the rows of two canonical tables and keeps every one that differs; which buckets they come from is not its business.

Rows with one key are numbered in the order of their values on both sides, so that equal ones meet whatever their number.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis

from godwit.state.rows.canonical import Layout
from godwit.state.rows.sources import Bench, rows_of
from godwit.verdict.compared import Changed, ChangedColumn, Place, Surplus

_PLACES_AT_MOST = 1_000
_CELLS_AT_MOST = 100_000
"""So many cells of a column are handed on to be grouped by cause."""
_SHARED_AMONG_AT_MOST = 30


class Differences:
    """The rows that differ, kept in the embedded engine as the table `name`."""

    def __init__(self, bench: Bench, layout: Layout, name: str, one: Any, other: Any) -> None:
        self._bench = bench
        self._layout = layout
        self.table = bench.keep(name, _paired(layout, one, other))
        self._counts = self._counted()

    def restrict(self, name: str, to: "Differences") -> None:
        """Keep only rows whose key differs in another reading as well."""
        keys = to.table.select(*_keys(self._layout)).distinct().view()
        same = [self.table[key].identical_to(keys[key]) for key in _keys(self._layout)]
        self.table = self._bench.keep(name, self.table.semi_join(keys, same))
        self._counts = self._counted()

    def count(self, kind: str = "") -> int:
        """Rows that differ, or those of them of one kind."""
        return self._counts[kind or "all"]

    def surplus(self, kind: str) -> Surplus:
        """The rows that one side lacks; `kind` is missing or extra."""
        rows = self.table.filter(self.table.kind == kind)
        keys = _keys(self._layout)
        first = rows_of(self._bench.backend, rows.order_by(*keys, "occurrence").limit(_PLACES_AT_MOST).select(*keys))
        places = tuple(tuple(row.values()) for row in first)
        return Surplus(self.count(kind), self._counts[f"{kind} again"], places, {})

    def constant(self, kind: str) -> dict[str, Any]:
        """The cells that all rows which one side lacks have in common, by column; nothing for a single row."""
        rows, side = self.table.filter(self.table.kind == kind), "o" if kind == "missing" else "c"
        names = self._layout.values[:_SHARED_AMONG_AT_MOST]
        asked = {f"n{index}": rows[f"{side}{index}"].nunique() for index in range(len(names))}
        asked |= {f"v{index}": rows[f"{side}{index}"].arbitrary() for index in range(len(names))}
        asked |= {f"e{index}": rows[f"{side}{index}"].isnull().any() for index in range(len(names))}
        if not names or self.count(kind) < 2:
            return {}
        seen = rows_of(self._bench.backend, rows.aggregate(**asked))[0]
        return {name: seen[f"v{i}"] for i, name in enumerate(names) if seen[f"n{i}"] == 1 and not seen[f"e{i}"]}

    def changed(self) -> Iterator[ChangedColumn]:
        """The columns in which rows differ, each with its cells."""
        keys = _keys(self._layout)
        for index, name in enumerate(self._layout.values):
            count = self._counts[f"d{index}"]
            if count:
                rows = self.table.filter(self.table[f"d{index}"])
                chosen = rows.order_by(*keys, "occurrence").limit(_CELLS_AT_MOST)
                found = rows_of(self._bench.backend, chosen.select(*keys, f"o{index}", f"c{index}"))
                yield ChangedColumn(name, count, tuple(_cell(tuple(row.values())) for row in found))

    def list_in(self, file: Path, at_most: int) -> int:
        """Write the differences as CSV, a line for each row missing or extra and for each changed cell; how many there are."""
        lines = _lines(self._layout, self.table, at_most)
        file.parent.mkdir(parents=True, exist_ok=True)
        target = str(file).replace("'", "''")
        self._bench.run(f"COPY ({self._bench.backend.compile(lines)}) TO '{target}' (HEADER, DELIMITER ',')")
        cells = sum(self._counts[f"d{index}"] for index in range(len(self._layout.values)))
        return min(at_most, self.count("missing") + self.count("extra") + cells)

    def _counted(self) -> dict[str, int]:
        """All counts in one reading: a query costs more to spell than to answer where few rows differ."""
        kind, values = self.table.kind, range(len(self._layout.values))
        asked = {"all": self.table.count(), **{f"d{index}": self.table[f"d{index}"].sum() for index in values}}
        for word in ("missing", "extra", "changed"):
            asked |= {word: (kind == word).sum(), f"{word} again": ((kind == word) & self.table.elsewhere).sum()}
        return {
            name: int(value or 0)
            for name, value in rows_of(self._bench.backend, self.table.aggregate(**asked))[0].items()
        }


def _keys(layout: Layout) -> list[str]:
    return [f"k{index}" for index in range(len(layout.key))]


def _cell(row: Sequence[Any]) -> Changed:
    place: Place = tuple(row[:-2])
    return Changed(place, row[-2], row[-1])


def _paired(layout: Layout, one: Any, other: Any) -> Any:
    left, right = _numbered(layout, one, "o"), _numbered(layout, other, "c")
    keys = _keys(layout)
    meet = [left[key].identical_to(right[key]) for key in keys] + [left.occurrence == right.occurrence]
    joined = left.join(right, meet, how="outer", rname="{name}_right")
    here, there = joined.o_here.notnull(), joined.c_here.notnull()
    differs = {f"d{index}": here & there & _differs(layout, joined, index) for index in range(len(layout.values))}
    rows = joined.select(
        **{key: here.ifelse(joined[key], joined[f"{key}_right"]) for key in keys},
        occurrence=ibis.coalesce(joined.occurrence, joined.occurrence_right),
        kind=ibis.cases((~there, "missing"), (~here, "extra"), else_="changed"),
        **{f"{side}{index}": joined[f"{side}{index}"] for index in range(len(layout.values)) for side in "oc"},
        **differs,
    )
    bad = rows.filter(ibis.or_(rows.kind != "changed", *(rows[name] for name in differs)))
    alike = ibis.window(group_by=[*(bad[key] for key in keys), bad.kind])
    return bad.mutate(elsewhere=bad.occurrence.min().over(alike) > 1)


def _differs(layout: Layout, joined: Any, index: int) -> Any:
    one, other = joined[f"o{index}"], joined[f"c{index}"]
    same = one.identical_to(other)
    tolerance = layout.tolerances.get(layout.values[index])
    if tolerance is None:
        return ~same
    near = (one - other).abs() <= tolerance
    return ~(same | near.fill_null(False))


def _numbered(layout: Layout, table: Any, side: str) -> Any:
    """The table under short names, its rows with one key numbered by their values."""
    short = table.select(
        **{f"k{index}": table[name] for index, name in enumerate(layout.key)},
        **{f"{side}{index}": table[name] for index, name in enumerate(layout.values)},
    )
    values = [short[f"{side}{index}"] for index in range(len(layout.values))]
    window = ibis.window(group_by=[short[key] for key in _keys(layout)], order_by=values or [short.k0])
    return short.mutate(occurrence=ibis.row_number().over(window) + 1, **{f"{side}_here": ibis.literal(1)})


def _lines(layout: Layout, table: Any, at_most: int) -> Any:
    """The differences in long form, by key."""
    keys = _keys(layout)

    def part(rows: Any, kind: Any, column: str, one: Any, other: Any) -> Any:
        told = {"column": ibis.literal(column), "baseline": one, "candidate": other}
        return rows.select(*keys, difference=kind, occurrence=table.occurrence, **told)

    nothing = ibis.null("string")
    parts = [part(table.filter(table.kind != "changed"), table.kind, "", nothing, nothing)]
    for index, name in enumerate(layout.values):
        texts = (table[f"o{index}"].cast("string"), table[f"c{index}"].cast("string"))
        parts.append(part(table.filter(table[f"d{index}"]), ibis.literal("changed"), name, *texts))
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    ordered = rows.order_by(*keys, "occurrence", "column").limit(at_most)
    named = {f"key: {name}": ordered[key] for key, name in zip(keys, layout.key, strict=True)}
    rest = {name: ordered[name] for name in ("occurrence", "column", "baseline", "candidate")}
    return ordered.select(difference=ordered["difference"], **named, **rest)
