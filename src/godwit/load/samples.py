"""Reads the exact samples that a load left behind, from their summary and the file of records beside it; judges nothing."""

import json
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from godwit.verdict import HarnessError, LoadRun, Series, Turns

RECORD = np.dtype(
    [("turn", "<u4"), ("due_us", "<u8"), ("latency_us", "<u4"), ("operation", "<u2"), ("side", "u1"), ("kind", "u1")]
)
"""One measured request; `kind` is 0 good, 1 failed, 2 without an answer in time, 3 not sent by the generator's own fault."""

_NOT_SENT = 3


def read_run(summary: Path, last_words: Callable[[], str]) -> LoadRun:
    """The run that a summary (`samples.json`) tells of. Raises HarnessError for one that is not whole."""
    found = json.loads(summary.read_text(encoding="utf-8"))
    if not found["complete"]:
        raise HarnessError(f"the load was stopped before its end: {found['trouble']}\n  {last_words()}")
    return _read(summary, found)


def read_part(summary: Path) -> LoadRun | None:
    """What there is of a run that was stopped, which is no run to judge a budget on; None where it left nothing."""
    return _read(summary, json.loads(summary.read_text(encoding="utf-8"))) if summary.exists() else None


def _read(summary: Path, found: Mapping[str, Any]) -> LoadRun:
    if found["layout"] != [list(each) for each in RECORD.descr]:
        raise HarnessError(f"{summary}: its records are laid out as {found['layout']}; run the load again")
    records = np.fromfile(summary.with_name(found["records"]), RECORD)
    _must_be_whole(summary, records, found)
    names, requests = tuple(found["operations"]), found["requests"]
    asked, parts = records[records["operation"] < requests], records[records["operation"] >= requests]
    return LoadRun(
        profile=found["profile"],
        seconds=found["seconds"],
        asked=found["asked"],
        generator_cpu=found["generator_cpu"],
        late_share=found["late_share"],
        sides={
            side: _series(asked[asked["side"] == place], names[:requests], each)
            for place, (side, each) in _numbered(found["sides"])
        },
        source=str(summary),
        turns={side: _turns(asked[asked["side"] == place], names) for place, side in enumerate(found["sides"])},
        parts={side: _turns(parts[parts["side"] == place], names) for place, side in enumerate(found["sides"])},
        loop=found["loop"],
        workers=found["workers"],
        faults=found["faults"],
        late_p99_ms=found["late_p99_ms"],
    )


def _must_be_whole(summary: Path, records: Any, found: Mapping[str, Any]) -> None:
    """Refuse records that were cut: the summary knows how many there were."""
    told = sum(each["n"] for operations in found["sides"].values() for each in operations.values())
    there = int(np.count_nonzero(records["kind"] != _NOT_SENT))
    if there != told:
        raise HarnessError(f"{summary}: {found['records']} holds {there} of its {told} records; run the load again")


def _numbered(sides: Mapping[str, Any]) -> Any:
    return enumerate(sides.items())


def _series(records: Any, names: tuple[str, ...], told: Mapping[str, Any]) -> dict[str, Series]:
    return {name: _one(records[records["operation"] == place], told[name]) for place, name in enumerate(names)}


def _one(records: Any, told: Mapping[str, Any]) -> Series:
    good = records["latency_us"][records["kind"] == 0]
    failed = np.count_nonzero((records["kind"] != 0) & (records["kind"] != _NOT_SENT))
    return Series(_column(good), int(failed), tuple(told["errors"]))


def _turns(records: Any, names: tuple[str, ...]) -> Turns:
    sent = records[records["kind"] != _NOT_SENT]
    ordered = sent[np.argsort(sent["turn"], kind="stable")]
    numbers, due_us, operations, latencies_us = (
        _column(ordered[name]) for name in ("turn", "due_us", "operation", "latency_us")
    )
    return Turns(numbers, due_us, operations, latencies_us, names)


def _column(values: Any) -> "array[int]":
    return array("Q", values.astype(np.uint64).tobytes())
