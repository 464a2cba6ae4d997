"""Carries state from store to store, converted or as it is; never writes the source, nor half of a target."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from orchestration_v2.tools import conversion, problems, tables, validation
from orchestration_v2.tools.conversion import Row, State
from orchestration_v2.tools.refusals import Refused
from plumbing.store import writing

# What follows from the source alone is replaced even where the target's own rows are kept.
DERIVED = frozenset({"meta", "teams", "capacity", "subscriptions"})


@dataclass(frozen=True, slots=True)
class Migration:
    """What a conversion is asked to do; `keep_target` keeps rows that only the target has."""

    source: str
    target: str
    validate: bool
    keep_target: bool
    allow_active: bool


def load_v1_state(url: str) -> dict[str, list[Row]]:
    """Return all v1 tables of the source."""
    return tables.read_state(url, "v1")


def migrate_orchestration_state(order: Migration) -> dict[str, list[Row]]:
    """Convert the source into the target and return the v2 tables; refuses with all problems, nothing changed."""
    if order.source == order.target:
        raise Refused("--from and --to name the same store; the source is never written")
    v1_state = load_v1_state(order.source)
    refuse_when(problems.source_problems(v1_state, allow_active=order.allow_active))
    v2_state = conversion.convert_state(v1_state)
    refuse_when([*validation.validate_v2_state(v2_state), *validation.compare_with_source(v1_state, v2_state)])
    with tables.open_store(order.target, "v2", create=True) as engine, writing(engine) as connection:
        return write_v2_state(connection, v2_state, order)


def write_v2_state(connection: Connection, v2_state: State, order: Migration) -> dict[str, list[Row]]:
    """Replace the target's content; with `validate` it is read back and compared before it is committed."""
    wanted = dict(v2_state)
    if order.keep_target:
        wanted = merge_states(tables.read_rows(connection, "v2"), wanted)
    tables.replace_rows(connection, "v2", wanted)
    if order.validate:
        refuse_when(written_problems(wanted, tables.read_rows(connection, "v2")))
    return wanted


def merge_states(own: State, converted: State) -> dict[str, list[Row]]:
    """Return the converted rows and, behind them, those rows of the target that the source does not have."""
    merged = {}
    for table in tables.tables_of("v2"):
        key = [column.name for column in table.primary_key]
        taken = {tuple(row[name] for name in key) for row in converted[table.name]}
        kept = [] if table.name in DERIVED else own[table.name]
        more = [row for row in kept if tuple(row[name] for name in key) not in taken]
        merged[table.name] = [*converted[table.name], *more]
    return merged


def written_problems(wanted: State, written: State) -> list[str]:
    """Return what differs between the rows that were to be written and those that were read back."""
    found = [
        f"{name}: what was read back differs from what was written"
        for name in sorted(wanted)
        if sorted(map(conversion.compact, wanted[name])) != sorted(map(conversion.compact, written[name]))
    ]
    return [*found, *validation.validate_v2_state(written)]


def copy_state(source: str, target: str) -> dict[str, int]:
    """Bring all v1 tables to another v1 store as they are; returns the rows of each table."""
    if source == target:
        raise Refused("--from and --to name the same store")
    state = load_v1_state(source)
    tables.write_state(target, "v1", state)
    return {name: len(rows) for name, rows in state.items()}


def validate_store(url: str) -> list[str]:
    """Return the faults of the v2 state in a store."""
    return validation.validate_v2_state(tables.read_state(url, "v2"))


def export_document(url: str) -> dict[str, Any]:
    """Return the five-key document of a v2 store; refuses to make one of a state that is not valid."""
    state = tables.read_state(url, "v2")
    refuse_when(validation.validate_v2_state(state))
    return validation.state_document(state)


def write_document(url: str, output: Path) -> int:
    """Write the document of a store as JSON and return how many work items it has."""
    document = export_document(url)
    output.write_text(conversion.compact(document) + "\n", encoding="utf-8")
    return len(document["workflows"])


def refuse_when(found: list[str]) -> None:
    """Raise `Refused` with all lines when there is one."""
    if found:
        raise Refused(*found)
