"""Defects of the conversion and of backups that can be seeded, each as a patch of the tools at start."""

import importlib
from collections.abc import Callable
from typing import Any

from plumbing.defects import DefectTable, Patch

DEFECTS = DefectTable()


def _module(name: str) -> Any:
    """A module of the stores' room, to be patched."""
    return importlib.import_module(f"v3_roadmap.stores.{name}")


def _defect(name: str, sentence: str) -> Callable[[Patch], Patch]:
    return DEFECTS.defect(name, part="tools", sentence=sentence)


def _change_rows(maker: str, change: Callable[[Any], Any]) -> None:
    """What the conversion makes of a table goes through `change` before it is written."""
    conversion = _module("conversion")
    whole = getattr(conversion, maker)
    setattr(conversion, maker, lambda held: change(whole(held)))


@_defect("claims-forgotten", "Agents lose their claims, which another application counted.")
def _claims_forgotten() -> None:
    _change_rows("agents_of", lambda rows: [row | {"claims": 0, "status": "idle"} for row in rows])


@_defect("specialization-filled", "An agent without a specialization gets an empty one.")
def _specialization_filled() -> None:
    _change_rows("agents_of", lambda rows: [row | {"specialization": row["specialization"] or ""} for row in rows])


@_defect("progress-forgotten", "All work begins at 0 % again.")
def _progress_forgotten() -> None:
    _change_rows("work_of", lambda rows: [row | {"percent": 0} for row in rows])


@_defect("texts-trimmed", "Descriptions lose the blanks around them.")
def _texts_trimmed() -> None:
    _change_rows("work_of", lambda rows: [row | {"description": row["description"].strip()} for row in rows])


@_defect("failed-work-dropped", "Work that failed is not taken over.")
def _failed_work_dropped() -> None:
    _change_rows("work_of", lambda rows: [row for row in rows if row["status"] != "failed"])


@_defect("work-disowned", "Work that has ended belongs to nobody.")
def _work_disowned() -> None:
    _change_rows(
        "work_of",
        lambda rows: [row | {"agent_id": row["agent_id"] if row["status"] == "claimed" else None} for row in rows],
    )


@_defect("log-cut-off", "Only the last 200 entries of the log are taken over.")
def _log_cut_off() -> None:
    _change_rows("events_of", lambda rows: rows[-200:])


@_defect("log-appended-again", "A second conversion appends the log again.")
def _log_appended_again() -> None:
    conversion = _module("conversion")
    whole = conversion._write  # noqa: SLF001

    def write(connection: Any, table: Any, rows: Any) -> None:
        if table.name == "events" and connection.exec_driver_sql("select count(*) from events").scalar():
            first = 1 + max(row["seq"] for row in rows)
            rows = [row | {"seq": first + place} for place, row in enumerate(rows)]
        whole(connection, table, rows)

    conversion._write = write  # noqa: SLF001


@_defect("source-touched", "The conversion notes in V2's log that it was there.")
def _source_touched() -> None:
    conversion, opening = _module("conversion"), _module("opening")
    whole = opening.read_tables

    def read(engine: Any, *names: Any) -> Any:
        held = whole(engine, *names)
        with engine.begin() as connection:
            connection.exec_driver_sql("insert into xavos_log (at, what, who) values ('2026', 'converted', null)")
        return held

    conversion.read_tables = read


@_defect("contradictions-accepted", "State of V2 that contradicts itself is converted.")
def _contradictions_accepted() -> None:
    _module("conversion")._faults = lambda held: iter(())  # noqa: SLF001


@_defect("version-unstated", "The converted state says that it is V2's.")
def _version_unstated() -> None:
    _module("conversion").VERSION = "2.0.0"


@_defect("indexes-forgotten", "The converted store has no index.")
def _indexes_forgotten() -> None:
    conversion = _module("conversion")
    whole = conversion.statements
    conversion.statements = lambda phase, **more: [one for one in whole(phase, **more) if "INDEX" not in one]


@_defect("log-not-backed-up", "The log is left out of the backup.")
def _log_not_backed_up() -> None:
    backup = _module("backup")
    whole = backup.read_tables
    backup.read_tables = lambda engine: {name: rows for name, rows in whole(engine).items() if name != "xavos_log"}


@_defect("half-restored", "Every second piece of work is restored, and all is said to be well.")
def _half_restored() -> None:
    backup = _module("backup")
    whole = backup._read  # noqa: SLF001

    def read(folder: Any) -> Any:
        held = whole(folder)
        return held | {"coordination_work": held["coordination_work"][::2]}

    backup._read = read  # noqa: SLF001
