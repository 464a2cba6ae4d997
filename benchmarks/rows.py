"""What it costs to find the differing rows of two tables, as ratios within one run; it judges nothing.

`python benchmarks/rows.py --rows 10000000 --postgresql postgresql://USER@HOST/` makes two tables of six columns that differ in 34
rows missing, 33 extra and 33 changed, and compares them in each engine with the scan that any comparison has to make. Each
figure is taken in a process of its own: the least wall time of some rounds, and the most memory.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COLUMNS = ("id", "a", "b", "s", "w", "d")
MAKE = """create table t as select i::bigint id, (i % 97)::int a, (i * 7919)::bigint b,
 'text-' || lpad((i * 31)::varchar, 16, '0') s, timestamp '2024-01-01' + to_seconds(i) w,
 (i % 100000 / 100.0)::decimal(12, 2) d from range({rows}) x(i)"""
SPOIL = (
    "delete from t where id % {step} = 17 and id < {step} * 34",
    "update t set d = d + 1 where id % {step} = 23 and id < {step} * 33",
    "insert into t select id + {rows}, a, b, s, w, d from t where id % {step} = 29 and id < {step} * 33",
)
FLOOR = "select sum(id), sum(a), sum(b), sum(hash(s)), sum(epoch_us(w)), sum(d) from {}"
FLOOR_PG = "select sum(id), sum(a), sum(b), sum(hashtextextended(s, 0)), sum(extract(epoch from w)), sum(d) from t"
BY_HAND = """with one as (select id >> {shift} k, count(*) n, sum(hash(id, a, b, s, w, d)) h from {one} group by 1),
 other as (select id >> {shift} k, count(*) n, sum(hash(id, a, b, s, w, d)) h from {other} group by 1),
 bad as (select coalesce(one.k, other.k) k from one full join other on one.k = other.k
  where one.n is distinct from other.n or one.h is distinct from other.h),
 x as (select * from {one} where id >> {shift} in (from bad)), y as (select * from {other} where id >> {shift} in (from bad))
 select count(*) from x full join y on x.id = y.id
 where x.id is null or y.id is null or (x.a, x.b, x.s, x.w, x.d) is distinct from (y.a, y.b, y.s, y.w, y.d)"""


def main() -> None:
    """Make the tables that are not there yet, measure, and print the figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--memory", default="1GiB", help="the embedded engine's limit")
    words.add_argument("--folder", type=Path, default=Path("rows-benchmark"))
    words.add_argument(
        "--postgresql", default="", help="URL of a server on which databases may be made, without a name"
    )
    words.add_argument("--reladiff", default="", help="a Python that has reladiff and psycopg2, for its figure")
    words.add_argument("--measure", default="", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.measure:
        print(json.dumps(_measured(MEASURES[asked.measure], asked)))
        return
    _make(asked)
    names = [name for name in MEASURES if asked.postgresql or not name.startswith("postgresql")]
    best: dict[str, dict[str, Any]] = {}
    for _ in range(asked.rounds):
        for name in names:
            seen = _in_a_process(name)
            best[name] = min(best.get(name, seen), seen, key=lambda each: each["wall_s"])
    if asked.reladiff and asked.postgresql:
        best["reladiff over PostgreSQL"] = _reladiff(asked)
    _print(asked, best)


def _floor(asked: argparse.Namespace, kind: str) -> str:
    import duckdb

    with duckdb.connect() as store:
        store.execute(f"set memory_limit = '{asked.memory}'")
        one, other = _attached(store, asked, kind)
        store.execute(FLOOR.format(one)).fetchall()
        store.execute(FLOOR.format(other)).fetchall()
    return "scanned"


def _by_hand(asked: argparse.Namespace, kind: str) -> str:
    import duckdb

    with duckdb.connect() as store:
        store.execute(f"set memory_limit = '{asked.memory}'")
        one, other = _attached(store, asked, kind)
        shift = max(11, (2 * asked.rows >> 15).bit_length())
        found = store.execute(BY_HAND.format(one=one, other=other, shift=shift)).fetchall()
    return str(found[0][0])


def _attached(store: Any, asked: argparse.Namespace, kind: str) -> tuple[str, str]:
    if kind == "parquet":
        return f"'{asked.folder}/a.parquet'", f"'{asked.folder}/b.parquet'"
    for side in "ab":
        store.execute(f"attach '{asked.folder}/{side}.duckdb' as {side} (read_only)")
    return "a.t", "b.t"


def _godwit(asked: argparse.Namespace, *sources: tuple[str, str | None]) -> str:
    from godwit.plan import Comparison, RowSource
    from godwit.state.rows import compare_tables

    one, other = (RowSource(store=store, table=table) for store, table in sources)
    comparison = Comparison(id="t", sentence="t", baseline=one, candidate=other, key=("id",), memory=asked.memory)
    listing = asked.folder / "differences.csv"
    found = compare_tables(comparison, (one, other), asked.folder / "work", listing, lambda _: None, time.sleep)
    return f"{found.missing.count}/{found.extra.count}/{found.changed_rows}"


def _databases(asked: argparse.Namespace) -> list[str]:
    return [f"{asked.postgresql.rstrip('/')}/godwit_rows_{side}" for side in "ab"]


def _floor_of_databases(asked: argparse.Namespace) -> str:
    from concurrent.futures import ThreadPoolExecutor

    import psycopg

    def scan(url: str) -> None:
        with psycopg.connect(url) as store:
            store.execute(FLOOR_PG).fetchall()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(scan, _databases(asked)))
    return "scanned"


def _files(asked: argparse.Namespace, kind: str) -> list[tuple[str, str | None]]:
    if kind == "duckdb":
        return [(f"duckdb:///{asked.folder.resolve()}/{side}.duckdb", "t") for side in "ab"]
    return [(f"{asked.folder}/{side}.parquet", None) for side in "ab"]


MEASURES: dict[str, Callable[[argparse.Namespace], str]] = {
    "duckdb: floor": lambda asked: _floor(asked, "duckdb"),
    "duckdb: by hand": lambda asked: _by_hand(asked, "duckdb"),
    "duckdb: godwit": lambda asked: _godwit(asked, *_files(asked, "duckdb")),
    "parquet: floor": lambda asked: _floor(asked, "parquet"),
    "parquet: by hand": lambda asked: _by_hand(asked, "parquet"),
    "parquet: godwit": lambda asked: _godwit(asked, *_files(asked, "parquet")),
    "postgresql: floor": _floor_of_databases,
    "postgresql: godwit": lambda asked: _godwit(asked, *((url, "t") for url in _databases(asked))),
    "postgresql and parquet: godwit": lambda asked: _godwit(
        asked, (_databases(asked)[0], "t"), (f"{asked.folder}/b.parquet", None)
    ),
}


def _measured(measure: Callable[[argparse.Namespace], str], asked: argparse.Namespace) -> dict[str, Any]:
    if "godwit" in asked.measure:  # starting is not comparing: all libraries are loaded before the clock runs
        import ibis

        import godwit.state.rows  # noqa: F401

        ibis.duckdb.connect().disconnect()
        if "postgresql" in asked.measure:
            import duckdb_extension_postgres_scanner  # noqa: F401
            import psycopg  # noqa: F401
    began, used = time.perf_counter(), time.process_time()
    found = measure(asked)
    spent = {"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - used}
    return {**spent, "peak_mb": _peak_mb(), "found": found}


def _peak_mb() -> float:
    """The most memory of this program; what `getrusage` gives includes what started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


def _in_a_process(name: str) -> dict[str, Any]:
    words = [sys.executable, *sys.argv, "--measure", name]
    seen: dict[str, Any] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return seen


def _reladiff(asked: argparse.Namespace) -> dict[str, Any]:
    one, other = _databases(asked)
    words = [asked.reladiff, "-m", "reladiff", one, "t", other, "t", "-k", "id", "-c", "%"]
    began = time.perf_counter()
    lines = subprocess.run(words, check=False, capture_output=True, text=True).stdout.splitlines()
    return {"wall_s": time.perf_counter() - began, "cpu_s": 0, "peak_mb": 0, "found": f"{len(lines)} lines"}


def _make(asked: argparse.Namespace) -> None:
    import duckdb

    asked.folder.mkdir(exist_ok=True)
    for side in "ab":
        file = asked.folder / f"{side}.duckdb"
        with duckdb.connect(str(file)) as store:
            if not store.execute("from duckdb_tables()").fetchall():
                store.execute(MAKE.format(rows=asked.rows))
                for sql in SPOIL if side == "b" else ():
                    store.execute(sql.format(rows=asked.rows, step=asked.rows // 40))
                store.execute(f"copy t to '{asked.folder}/{side}.parquet' (compression zstd)")
    if asked.postgresql:
        _fill(asked)


def _fill(asked: argparse.Namespace) -> None:
    import duckdb
    import psycopg

    for side, url in zip("ab", _databases(asked), strict=True):
        with psycopg.connect(asked.postgresql.rstrip("/") + "/postgres", autocommit=True) as server:
            if server.execute("select 1 from pg_database where datname = %s", [url.rpartition("/")[2]]).fetchone():
                continue
            server.execute(f"create database godwit_rows_{side}")
        csv = asked.folder / "copied.csv"
        with duckdb.connect(f"{asked.folder}/{side}.duckdb", read_only=True) as store:
            store.execute(f"copy t to '{csv}' (header false)")
        with psycopg.connect(url, autocommit=True) as store:
            store.execute(
                "create table t (id bigint primary key, a int, b bigint, s text, w timestamp, d decimal(12, 2))"
            )
            with store.cursor().copy("copy t from stdin (format csv)") as copied, csv.open("rb") as file:
                while block := file.read(1 << 20):
                    copied.write(block)
            store.execute("vacuum analyze t")
        csv.unlink()


def _print(asked: argparse.Namespace, best: dict[str, dict[str, Any]]) -> None:
    print(f"{asked.rows:,} rows of {len(COLUMNS)} columns, least of {asked.rounds} rounds, memory limit {asked.memory}")
    for name, seen in best.items():
        kind = name.partition(":")[0]
        floor = best.get(f"{kind}: floor", {}).get("wall_s")
        hand = best.get(f"{kind}: by hand", {}).get("wall_s")
        ratios = [f"{seen['wall_s'] / floor:.2f} x floor"] if floor else []
        ratios += [f"{seen['wall_s'] / hand:.2f} x by hand"] if hand and "godwit" in name else []
        figures = f"{seen['wall_s']:7.2f} s {seen['cpu_s']:7.2f} s CPU {seen['peak_mb']:6.0f} MB"
        print(f"{name:32} {figures}  {seen['found']:10} {', '.join(ratios)}")
    ours = best.get("postgresql: godwit")
    if ours and "reladiff over PostgreSQL" in best:
        print(f"reladiff takes {best['reladiff over PostgreSQL']['wall_s'] / ours['wall_s']:.1f} times as long")


if __name__ == "__main__":
    main()
