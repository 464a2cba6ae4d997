"""Defects of taking over the memory store: what is wrong in the copy that 1.0.5 opens, each as a patch at start."""

import sqlite3
from contextlib import closing
from pathlib import Path

from plumbing.defects import DefectTable

DEFECTS = DefectTable()


def _spoil(script: str) -> None:
    """Carry out a script of SQL on every copy that 1.0.5 is to open."""
    from fleet_1_0_5.tools import seeding

    copy = seeding.copy_database  # type: ignore[attr-defined]  # what the seeding calls is what is patched

    def spoiled(source: Path, target: Path) -> int:
        rows = copy(source, target)
        with closing(sqlite3.connect(target)) as store:
            store.executescript(script)
        return rows

    seeding.copy_database = spoiled  # type: ignore[attr-defined]


@DEFECTS.defect("memory-opened", part="tools", sentence="Every entry of the memory may be read by all.")
def _memory_opened() -> None:
    _spoil("update memory_entries set access_level = 'system'")


@DEFECTS.defect("memory-disowned", part="tools", sentence="Every entry of the memory belongs to one agent.")
def _memory_disowned() -> None:
    _spoil("update memory_entries set owner = 'fleet'")


@DEFECTS.defect("failed-tasks-dropped", part="tools", sentence="Failed tasks are not taken over.")
def _failed_tasks_dropped() -> None:
    _spoil("delete from tasks where status = 'failed'")


@DEFECTS.defect("results-through-doubles", part="tools", sentence="Numbers inside results go through a double.")
def _results_through_doubles() -> None:
    _spoil("update tasks set result = replace(result, '9007199254740995', '9007199254740996')")


@DEFECTS.defect("milliseconds-lost", part="tools", sentence="Times of tasks lose their milliseconds.")
def _milliseconds_lost() -> None:
    _spoil("update tasks set created_at = substr(created_at, 1, 19) || substr(created_at, -6)")


@DEFECTS.defect("labels-filled", part="tools", sentence="A task without a label gets an empty one.")
def _labels_filled() -> None:
    _spoil("update tasks set label = '' where label is null")


@DEFECTS.defect("tokens-in-thousandths", part="tools", sentence="Input tokens are counted in another unit.")
def _tokens_in_thousandths() -> None:
    _spoil("update tasks set input_tokens = input_tokens * 1000")


@DEFECTS.defect(
    "memory-loosened", part="tools", sentence="The table of the memory is made anew without its constraints."
)
def _memory_loosened() -> None:
    _spoil(
        "create table anew as select * from memory_entries; drop table memory_entries;"
        "alter table anew rename to memory_entries"
    )
