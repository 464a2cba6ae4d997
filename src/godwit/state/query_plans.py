"""Asks a database how it would answer a query, SQLite or PostgreSQL; carries none out and judges none."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Literal

from godwit.state.stores import Store
from godwit.verdict import Access

_READ = re.compile(r"(SCAN|SEARCH) (?!CONSTANT|\()(\S+)(?:.* USING (AUTOMATIC )?(.+))?")
_TABLES = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan", "Sample Scan"}


def explain(url: str, sql: str) -> tuple[Access, ...]:
    """Which tables the database would read for a query and how, in its plan's order; HarnessError if it does not say.

    PostgreSQL is told to avoid reading tables whole and sorting, so that a small table shows whether an index could be
    used at all.
    """
    with closing(Store(url)) as store, store.reading() as connection:
        said = {"no_parameters": True}
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", execution_options=said).all()
            return tuple(access for row in rows if (access := _of_sqlite(str(row[-1]))))
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_sort = off")
        (plans,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", execution_options=said).one()
        return tuple(_of_postgresql(plans[0]["Plan"]))


def _of_sqlite(detail: str) -> Access | None:
    if detail.startswith("USE TEMP B-TREE"):
        return Access("", "sort", detail)
    match = _READ.match(detail)
    if match is None:
        return None
    verb, table, automatic, index = match.groups()
    # An automatic index is made for one query, out of the whole table: what SQLite does where an index is missing.
    if automatic or index is None:
        return Access(table, "scan", detail)
    return Access(table, "search" if verb == "SEARCH" else "walk", detail)


def _of_postgresql(node: Mapping[str, Any]) -> Iterator[Access]:
    kind = str(node["Node Type"])
    if kind in ("Sort", "Incremental Sort"):
        yield Access("", "sort", f"{kind} by {', '.join(map(str, node.get('Sort Key', ())))}")
    elif kind in _TABLES:
        table = str(node.get("Relation Name", "?"))
        how, index = _way(kind, node), node.get("Index Name")
        yield Access(table, how, f"{kind} on {table}" + (f" using {index}" if index else ""))
    for inner in node.get("Plans", ()):
        yield from _of_postgresql(inner)


def _way(kind: str, node: Mapping[str, Any]) -> Literal["search", "walk", "scan"]:
    if kind in ("Index Scan", "Index Only Scan"):
        return "search" if "Index Cond" in node else "walk"
    return "search" if kind in ("Bitmap Heap Scan", "Tid Scan") else "scan"
