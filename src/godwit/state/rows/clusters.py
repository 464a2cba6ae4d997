"""Tables read by Spark, here or on a cluster, under the same expressions as everywhere; it starts no cluster."""

from pathlib import Path
from typing import Any

import ibis

from godwit.plan import RowSource
from godwit.state.rows.sources import Opened
from godwit.verdict import HarnessError

_FORMATS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json", ".ndjson": "json"}


def open_both(sources: tuple[RowSource, RowSource]) -> list[Opened]:
    """Both tables in one session: that of `SPARK_REMOTE`, of a submitted job, or one in this process.

    `table` names a table of the session's catalog; otherwise `store` is a file or folder that Spark can reach.
    """
    backend = ibis.pyspark.connect(_session())
    return [Opened("spark", backend, _table(backend, source)) for source in sources]


def _session() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise HarnessError("engine: spark needs pyspark; pip install 'pytest-godwit[rows,spark]'") from None
    session = SparkSession.builder.appName("godwit").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def _table(backend: Any, source: RowSource) -> Any:
    if source.query:
        return backend.sql(source.query)
    if source.table:
        return backend.table(source.table)
    kind = _FORMATS.get(Path(source.store).suffix)
    if kind is None:
        raise HarnessError(f"{source.store}: Spark reads {', '.join(_FORMATS)} files here, or a table of its catalog")
    reader = backend._session.read.format(kind)  # noqa: SLF001 - ibis has no reader that takes texts as texts
    frame = reader.option("header", "true").load(source.store)
    name = f"godwit_{abs(hash(source.store))}"
    frame.createOrReplaceTempView(name)
    return backend.table(name)
