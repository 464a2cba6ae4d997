"""The same expressions on Spark, in this process: it finds what the embedded engine finds."""

import time

import duckdb
import pytest

from godwit.plan import Comparison, RowSource
from godwit.state.rows import compare_tables

# Spark leaves sockets to the collector, and calls pandas by names that are to go.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", autouse=True)
def spark():
    """One session for all tests: it takes seconds to start."""
    sql = pytest.importorskip("pyspark.sql")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield session
    session.stop()


def _written(folder, name, *changes):
    with duckdb.connect() as store:
        store.execute(
            "create table t as select i::bigint id, 'name ' || i as name, (i / 4.0)::decimal(12, 2) amount,"
            " nullif(i % 10, 0) seen, timestamp '2024-01-01' + to_seconds(i) moment from range(3000) x(i)"
        )
        for change in changes:
            store.execute(change)
        store.execute(f"copy t to '{folder / name}.parquet'")
    return RowSource(store=f"{folder / name}.parquet")


@pytest.mark.parametrize("key", [("id",), (), ("name", "id")], ids=["number", "none", "composite"])
def test_spark_finds_what_the_embedded_engine_finds(tmp_path, key):
    one = _written(tmp_path, "one")
    other = _written(
        tmp_path,
        "other",
        "delete from t where id in (7, 2950)",
        "insert into t select * from t where id = 9",
        "update t set name = case id when 100 then 'name 101' else 'name 100' end where id in (100, 101)",
        "update t set seen = 1 where id = 20",
    )
    found = {}
    for engine in ("spark", "auto"):
        asked = Comparison(id="t", sentence="t", baseline=one, candidate=other, key=key, engine=engine)
        places = tmp_path / "work", tmp_path / f"{engine}.csv"
        seen = compare_tables(asked, (one, other), *places, lambda _: None, time.sleep)
        found[engine] = (seen.baseline_rows, seen.missing, seen.extra, seen.changed)
    assert found["spark"] == found["auto"]
    assert (found["spark"][1].count, found["spark"][2].count) != (0, 0)
