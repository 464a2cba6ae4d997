"""Seeded defects of the conversion which no seeded row meets, or which no single conversion shows; production code knows none."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()

Row = dict[str, Any]
State = dict[str, list[Row]]


def _change(act: Callable[[State, State], State]) -> None:
    """Let every conversion go through `act(v1, v2)`, and let the tool's own comparison with its source see nothing."""
    from orchestration_v2.tools import conversion, validation

    convert = conversion.convert_state
    conversion.convert_state = lambda v1: act(dict(v1), convert(v1))
    validation.compare_with_source = _nothing


def _change_items(change: Callable[[Row], Row]) -> None:
    """Let every work item of a conversion go through `change`."""
    _change(lambda _, v2: {**v2, "work_items": [change(row) for row in v2["work_items"]]})


def _nothing(*_: object, **__: object) -> list[str]:
    return []


@DEFECTS.defect("stops-at-leap-days", part="tools", sentence="migrate breaks off on a task made on 29 February.")
def _stops_at_leap_days() -> None:
    def next_year(row: Row) -> Row:
        at = datetime.fromisoformat(row["created_at"])
        at.replace(year=min(at.year + 1, 9999))
        return row

    _change_items(next_year)


@DEFECTS.defect("clamps-early-times", part="tools", sentence="Times before 1970 become the beginning of 1970.")
def _clamps_early_times() -> None:
    first = datetime(1970, 1, 1, tzinfo=UTC)

    def clamped(row: Row) -> Row:
        at = datetime.fromisoformat(row["created_at"])
        early = at.year < 1970
        return {**row, "created_at": first.isoformat()} if early else row

    _change_items(clamped)


@DEFECTS.defect("empties-null-results", part="tools", sentence="A result that is the JSON null becomes NULL.")
def _empties_null_results() -> None:
    _change_items(lambda row: {**row, "result": None if row["result"] == "null" else row["result"]})


@DEFECTS.defect("hashed-origins", part="tools", sentence="The edges of an event come in the order of a set.")
def _hashed_origins() -> None:
    def shuffled(_: State, v2: State) -> State:
        import json

        def origin(row: Row) -> str:
            return json.dumps([list(edge) for edge in {tuple(edge) for edge in json.loads(row["origin"])}])

        return {**v2, "subscriptions": [{**row, "origin": origin(row)} for row in v2["subscriptions"]]}

    _change(shuffled)


@DEFECTS.defect(
    "stamps-the-hour", part="tools", sentence="The converted state says when it was made, to the microsecond."
)
def _stamps_the_hour() -> None:
    def stamped(_: State, v2: State) -> State:
        return {**v2, "meta": [*v2["meta"], {"key": "converted_at", "value": datetime.now(UTC).isoformat()}]}

    _change(stamped)


@DEFECTS.defect("second-run-drops-untitled", part="tools", sentence="A second migrate drops what has an empty title.")
def _second_run_drops_untitled() -> None:
    from orchestration_v2.tools import tables, transfer

    write = transfer.write_v2_state

    def dropping(connection: Any, v2_state: Any, order: Any) -> Any:
        again = bool(tables.read_rows(connection, "v2")["work_items"])
        kept = [row for row in v2_state["work_items"] if row["title"] or row["kind"] == "workflow" or not again]
        return write(connection, {**v2_state, "work_items": kept}, order)

    transfer.write_v2_state = dropping


@DEFECTS.defect("second-half-drops-messages", part="tools", sentence="--keep-target loses the messages of the target.")
def _second_half_drops_messages() -> None:
    from orchestration_v2.tools import transfer

    transfer.DERIVED = frozenset({*transfer.DERIVED, "messages"})


@DEFECTS.defect("first-row-decides", part="tools", sentence="The task that is read first is kept as the state's first.")
def _first_row_decides() -> None:
    from sqlalchemy import text

    from orchestration_v2.tools import tables, transfer

    load = transfer.load_v1_state

    def in_their_order(url: str) -> State:
        state = load(url)
        with tables.open_store(url, "v1", create=False) as engine, engine.connect() as connection:
            order = [row[0] for row in connection.execute(text("SELECT id FROM tasks ORDER BY rowid"))]
            at = {name: place for place, name in enumerate(order)}
        return {**state, "tasks": sorted(state["tasks"], key=lambda row: at[row["id"]])}

    def told(v1: State, v2: State) -> State:
        first = v1["tasks"][0]["id"] if v1["tasks"] else ""
        return {**v2, "meta": [*v2["meta"], {"key": "first_task", "value": first}]}

    transfer.load_v1_state = in_their_order
    _change(told)


@DEFECTS.defect("priority-in-words", part="tools", sentence="A priority under 0 is written as the word low.")
def _priority_in_words() -> None:
    def worded(row: Row) -> Row:
        low = row["priority"] is not None and row["priority"] < 0
        return {**row, "priority": "low"} if low else row

    _change_items(worded)


@DEFECTS.defect("names-the-untitled", part="tools", sentence="migrate gives what has no title one, in its source.")
def _names_the_untitled() -> None:
    from orchestration_v2.tools import tables, transfer
    from plumbing.store import open_engine, writing

    load = transfer.load_v1_state

    def naming(url: str) -> State:
        state = load(url)
        table = tables.METADATA["v1"].tables["workflows"]
        engine = open_engine(url)
        with writing(engine) as connection:
            connection.execute(table.update().where(table.c.title == "").values(title="(untitled)"))
        engine.dispose()
        return state

    transfer.load_v1_state = naming


@DEFECTS.defect("writes-before-it-looks", part="tools", sentence="A refused migrate has written the messages already.")
def _writes_before_it_looks() -> None:
    from orchestration_v2.tools import conversion, tables, transfer
    from plumbing.store import writing

    migrate = transfer.migrate_orchestration_state

    def early(order: Any) -> Any:
        state = transfer.load_v1_state(order.source)
        known = {row["role"] for row in state["agents"]}
        whole = [row for row in state["messages"] if {row["sender"], row["recipient"]} <= known]
        with tables.open_store(order.target, "v2", create=True) as engine, writing(engine) as connection:
            table = tables.METADATA["v2"].tables["messages"]
            connection.execute(table.delete())
            if whole:
                connection.execute(table.insert(), conversion.convert_messages({**state, "messages": whole}))
        return migrate(order)

    transfer.migrate_orchestration_state = early


@DEFECTS.defect(
    "takes-times-without-zone", part="tools", sentence="A time without an offset, or none at all, is taken."
)
def _takes_times_without_zone() -> None:
    from orchestration_v2.tools import problems

    found = problems.value_problems
    problems.value_problems = lambda v1: (line for line in found(v1) if "created_at of" not in line)


@DEFECTS.defect("adopts-lost-steps", part="tools", sentence="Steps of a missing workflow are dropped without a word.")
def _adopts_lost_steps() -> None:
    from orchestration_v2.tools import transfer, validation

    load = transfer.load_v1_state

    def without(url: str) -> State:
        state = load(url)
        there = {row["id"] for row in state["workflows"]}
        return {**state, "workflow_steps": [row for row in state["workflow_steps"] if row["workflow_id"] in there]}

    transfer.load_v1_state = without
    validation.compare_with_source = _nothing
