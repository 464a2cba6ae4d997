"""Defects of the conversion that go into the store unseen by the tools' own validation, each as a patch at start."""

import json
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
Row = dict[str, Any]
STRETCH = slice(2000, 2600)
PAGE = 30
DOUBLE = 2**53


def _write(table: str, change: Callable[[list[Row]], list[Row]]) -> None:
    """Let all rows of a table of v2 go through a change just before they are written."""
    from orchestration_v2.tools import tables, transfer

    replace = tables.replace_rows

    def changed(connection: Any, version: str, state: Any) -> None:
        replace(connection, version, {**state, table: change(state[table])} if version == "v2" else state)

    tables.replace_rows = changed
    transfer.written_problems = lambda wanted, written: []


def _tasks(change: Callable[[Row], Row]) -> None:
    """Change every work item that was a task."""
    _write("work_items", lambda rows: [{**row, **change(row)} if row["kind"] == "task" else row for row in rows])


def _each(table: str, change: Callable[[Row], Row]) -> None:
    _write(table, lambda rows: [{**row, **change(row)} for row in rows])


# ---------------------------------------------------------------- rows


@DEFECTS.defect(
    "loses-a-stretch", part="tools", sentence="migrate leaves out a stretch of tasks, as if a month were gone"
)
def _loses_a_stretch() -> None:
    _write(
        "work_items",
        lambda rows: [row for number, row in enumerate(rows) if number not in range(*STRETCH.indices(9999))],
    )


@DEFECTS.defect("reads-other-shards", part="tools", sentence="migrate leaves out every eighth message")
def _reads_other_shards() -> None:
    _write("messages", lambda rows: [row for number, row in enumerate(rows) if number % 8])


@DEFECTS.defect(
    "stops-after-a-page", part="tools", sentence="migrate writes the first 30 messages and says that it is done"
)
def _stops_after_a_page() -> None:
    _write("messages", lambda rows: rows[:PAGE])


@DEFECTS.defect(
    "converts-nothing", part="tools", sentence="migrate writes no step of any workflow and says that it is done"
)
def _converts_nothing() -> None:
    _write("work_steps", lambda rows: [])


@DEFECTS.defect("loses-orphans", part="tools", sentence="migrate leaves out tasks whose workflow is not there")
def _loses_orphans() -> None:
    _write("work_items", lambda rows: [row for row in rows if "lost" not in (row["parent_id"] or "")])


@DEFECTS.defect("loses-deleted", part="tools", sentence="migrate leaves out tasks that are marked as deleted")
def _loses_deleted() -> None:
    _write("work_items", lambda rows: [row for row in rows if not row["deleted"]])


@DEFECTS.defect(
    "cuts-keys", part="tools", sentence="migrate keeps 16 characters of an idempotency key; the last of equal ones wins"
)
def _cuts_keys() -> None:
    _write(
        "idempotency", lambda rows: list({row["key"][:16]: {**row, "key": row["key"][:16]} for row in rows}.values())
    )


@DEFECTS.defect("renames-keys", part="tools", sentence="migrate writes the ids of integrations in capital letters")
def _renames_keys() -> None:
    _each("integrations", lambda row: {"id": row["id"].upper()})


@DEFECTS.defect("doubles-messages", part="tools", sentence="migrate writes some messages a second time under new ids")
def _doubles_messages() -> None:
    _write("messages", lambda rows: [*rows, *({**row, "id": f"{row['id']}-again"} for row in rows[:9])])


@DEFECTS.defect(
    "leaves-orphan-steps", part="tools", sentence="migrate leaves out paused workflows and keeps their steps"
)
def _leaves_orphan_steps() -> None:
    _write("work_items", lambda rows: [row for row in rows if row["status"] != "on_hold"])


# ---------------------------------------------------------------- values


@DEFECTS.defect("cuts-long-titles", part="tools", sentence="migrate cuts titles after 12 characters")
def _cuts_long_titles() -> None:
    _tasks(lambda row: {"title": row["title"][:12]})


@DEFECTS.defect("misreads-bodies", part="tools", sentence="migrate reads the UTF-8 of messages as Latin-1")
def _misreads_bodies() -> None:
    _each("messages", lambda row: {"body": row["body"].encode().decode("latin-1")})


@DEFECTS.defect("rounds-estimates", part="tools", sentence="migrate holds estimates as doubles")
def _rounds_estimates() -> None:
    _tasks(
        lambda row: {"estimate": row["estimate"] if abs(row["estimate"] or 0) <= DOUBLE else _doubled(row["estimate"])}
    )


def _doubled(number: int) -> int:
    return max(-(2**63), min(2**63 - 1, int(float(number))))


@DEFECTS.defect("narrows-estimates", part="tools", sentence="migrate holds estimates in 32 bits")
def _narrows_estimates() -> None:
    _tasks(lambda row: {"estimate": None if row["estimate"] is None else (row["estimate"] + 2**31) % 2**32 - 2**31})


@DEFECTS.defect("drops-offsets", part="tools", sentence="migrate drops the zone of a time")
def _drops_offsets() -> None:
    _tasks(lambda row: {"created_at": datetime.fromisoformat(row["created_at"]).replace(tzinfo=None).isoformat()})


@DEFECTS.defect("replaces-offsets", part="tools", sentence="migrate calls every clock's time UTC")
def _replaces_offsets() -> None:
    _tasks(
        lambda row: {
            "created_at": datetime.fromisoformat(row["created_at"]).replace(tzinfo=None).isoformat() + "+00:00"
        }
    )


@DEFECTS.defect("drops-fractions", part="tools", sentence="migrate drops fractions of seconds")
def _drops_fractions() -> None:
    _each(
        "messages", lambda row: {"sent_at": datetime.fromisoformat(row["sent_at"]).replace(microsecond=0).isoformat()}
    )


@DEFECTS.defect("empty-becomes-null", part="tools", sentence="migrate writes NULL for an empty note")
def _empty_becomes_null() -> None:
    _tasks(lambda row: {"notes": row["notes"] or None})


@DEFECTS.defect(
    "null-becomes-a-word", part="tools", sentence="migrate writes the word None for a note that is not there"
)
def _null_becomes_a_word() -> None:
    _tasks(lambda row: {"notes": str(row["notes"])})


@DEFECTS.defect("fills-in-zero", part="tools", sentence="migrate writes 0 for an estimate that is not there")
def _fills_in_zero() -> None:
    _tasks(lambda row: {"estimate": row["estimate"] or 0})


@DEFECTS.defect("strips-titles", part="tools", sentence="migrate strips white space from titles")
def _strips_titles() -> None:
    _tasks(lambda row: {"title": row["title"].strip()})


@DEFECTS.defect("composes-titles", part="tools", sentence="migrate brings titles into one Unicode normal form")
def _composes_titles() -> None:
    _tasks(lambda row: {"title": unicodedata.normalize("NFC", row["title"])})


@DEFECTS.defect("capital-owners", part="tools", sentence="migrate writes owners in capital letters")
def _capital_owners() -> None:
    _tasks(lambda row: {"owner": row["owner"].upper()})


@DEFECTS.defect("confuses-statuses", part="tools", sentence="migrate takes a cancelled task for a completed one")
def _confuses_statuses() -> None:
    _tasks(lambda row: {"status": "done" if row["status"] == "dropped" else row["status"]})


@DEFECTS.defect("revives-deleted", part="tools", sentence="migrate brings deleted tasks back")
def _revives_deleted() -> None:
    _tasks(lambda row: {"deleted": False})


@DEFECTS.defect("thins-results", part="tools", sentence="migrate loses the artifacts of results")
def _thins_results() -> None:
    _tasks(lambda row: {"result": _without_artifacts(row["result"])})


def _without_artifacts(text: str | None) -> str | None:
    found = None if text is None else json.loads(text)
    if not isinstance(found, dict):
        return text
    return json.dumps({name: value for name, value in found.items() if name != "artifacts"})


@DEFECTS.defect("swaps-ends", part="tools", sentence="migrate swaps sender and recipient of messages")
def _swaps_ends() -> None:
    _each("messages", lambda row: {"sender": row["recipient"], "recipient": row["sender"]})


@DEFECTS.defect("shifts-owners", part="tools", sentence="migrate gives each workflow the owner of the next one")
def _shifts_owners() -> None:
    def shifted(rows: list[Row]) -> list[Row]:
        flows = [row for row in rows if row["kind"] == "workflow"]
        owners = [row["owner"] for row in (*flows[1:], *flows[:1])]
        others = [row for row in rows if row["kind"] != "workflow"]
        return [*({**row, "owner": owner} for row, owner in zip(flows, owners, strict=True)), *others]

    _write("work_items", shifted)


@DEFECTS.defect("forgets-own-team", part="tools", sentence="migrate leaves a team out of its own subscribers")
def _forgets_own_team() -> None:
    def without(row: Row) -> Row:
        teams = [team for team in json.loads(row["subscriber_teams"]) if team != row["publisher_team"]]
        return {"subscriber_teams": json.dumps(teams)}

    _each("subscriptions", without)


# ---------------------------------------------------------------- tables


@DEFECTS.defect("loses-an-index", part="tools", sentence="migrate makes the table of messages without its index")
def _loses_an_index() -> None:
    from orchestration_v2.candidate import store

    store.messages.indexes.clear()


@DEFECTS.defect("loosens-columns", part="tools", sentence="migrate makes the owner of a work item optional")
def _loosens_columns() -> None:
    from orchestration_v2.candidate import store

    store.work_items.c.owner.nullable = True


@DEFECTS.defect("approximates-capacity", part="tools", sentence="migrate keeps capacities as floating-point numbers")
def _approximates_capacity() -> None:
    import sqlalchemy as sa

    from orchestration_v2.candidate import store

    store.capacity.c.n.type = sa.Float()
    _write("capacity", list)
