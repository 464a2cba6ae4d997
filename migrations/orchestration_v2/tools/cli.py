"""The tools' command line: options in, one module called, lines out; exit 0 is done, 1 refused, 2 misused."""

import functools
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, cast

import click

from orchestration_v2.seeded import apply_seeded
from orchestration_v2.tools.audit import append_record
from orchestration_v2.tools.refusals import Refused

P = ParamSpec("P")
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tools() -> None:
    """Tools of the orchestration migration."""


def main() -> None:
    """Apply the defect that the environment names, if it is one of these tools, and run a command."""
    apply_seeded("tools")
    tools(prog_name="python -m orchestration_v2.tools")


def command(name: str) -> Callable[[Callable[P, str]], click.Command]:
    """Register a command whose function returns the detail of its audit record; refusals become lines and exit 1."""

    def register(act: Callable[P, str]) -> click.Command:
        @functools.wraps(act)
        def run(*args: P.args, **options: P.kwargs) -> None:
            audit = cast("Path | None", options.pop("audit"))
            began_s = time.monotonic()
            outcome, detail, code = "ok", "", 0
            try:
                detail = act(*args, **options)
            except Refused as refusal:
                outcome, detail, code = "refused", "; ".join(refusal.lines[:20]), 1
                for line in refusal.lines:
                    click.echo(f"{name}: {line}", err=True)
            except click.UsageError as error:
                _record(audit, name, "misused", error.format_message(), began_s)
                raise
            code = _record(audit, name, outcome, detail, began_s) or code
            sys.exit(code)

        option = click.option("--audit", type=FILE, help="JSON Lines file to which this command appends.")
        return tools.command(name)(option(run))

    return register


def _record(audit: Path | None, name: str, outcome: str, detail: str, began_s: float) -> int:
    if audit is None:
        return 0
    record = {"command": name, "outcome": outcome, "detail": detail, "seconds": round(time.monotonic() - began_s, 3)}
    try:
        append_record(audit, record)
    except Refused as refusal:
        click.echo(f"{name}: done, but not recorded: {refusal}", err=True)
        return 1
    return 0


def rows_line(rows: dict[str, int]) -> str:
    """Return counts by table as one line."""
    return ", ".join(f"{count} {name}" for name, count in sorted(rows.items()))


@command("seed")
@click.option("--store", required=True)
@click.option("--tasks", "count", type=int, required=True)
@click.option("--seed", "number", type=int, required=True)
def seed(store: str, count: int, number: int) -> str:
    """Replace a v1 store's content by data made from a seed."""
    from orchestration_v2.tools.seed import seed as make

    detail = rows_line(make(store, count, number))
    click.echo(f"seeded {detail}")
    return detail


@command("backup")
@click.option("--version", type=click.Choice(["v1", "v2"]), required=True)
@click.option("--store", required=True)
@click.option("--output", type=FOLDER, required=True)
def backup(version: str, store: str, output: Path) -> str:
    """Write a backup with a manifest and print its folder."""
    from orchestration_v2.tools.backup import back_up

    folder = back_up(version, store, output, datetime.now(UTC))
    click.echo(str(folder))
    return str(folder)


@command("restore")
@click.option("--store", required=True)
@click.option("--latest-backup", "folder", type=FOLDER, help="Folder of backups; its newest is taken.")
@click.option("--backup", "path", type=FOLDER, help="One backup.")
def restore(store: str, folder: Path | None, path: Path | None) -> str:
    """Verify a backup and bring it back."""
    from orchestration_v2.tools import restore as restoring

    if (folder is None) == (path is None):
        raise click.UsageError("name one of --latest-backup and --backup")
    chosen = path or restoring.latest_backup(folder or Path())
    rows = restoring.restore(store, chosen)
    click.echo(f"restored {chosen.name}: {rows_line(rows)}")
    return str(chosen)


@command("migrate")
@click.option("--from", "source", required=True, help="v1 store; it is only read.")
@click.option("--to", "target", required=True, help="v2 store; its content is replaced.")
@click.option("--validate", is_flag=True, help="Read back what was written before it counts.")
@click.option("--backup", "backups", type=FOLDER, help="Back the source up into this folder first.")
@click.option("--keep-target", is_flag=True, help="Keep rows that only the target has.")
@click.option("--allow-active", is_flag=True, help="Convert although workflows are active.")
def migrate(
    source: str, target: str, validate: bool, backups: Path | None, keep_target: bool, allow_active: bool
) -> str:
    """Convert v1 state to v2."""
    from orchestration_v2.tools import transfer
    from orchestration_v2.tools.backup import back_up

    if backups is not None:
        click.echo(f"backup {back_up('v1', source, backups, datetime.now(UTC))}")
    order = transfer.Migration(source, target, validate, keep_target, allow_active)
    state = transfer.migrate_orchestration_state(order)
    detail = rows_line({name: len(rows) for name, rows in state.items()})
    click.echo(f"migrated {detail}{'; validated' if validate else ''}")
    return detail


@command("copy")
@click.option("--from", "source", required=True)
@click.option("--to", "target", required=True)
def copy(source: str, target: str) -> str:
    """Copy v1 state to another v1 store as it is."""
    from orchestration_v2.tools.transfer import copy_state

    detail = rows_line(copy_state(source, target))
    click.echo(f"copied {detail}")
    return detail


@command("validate")
@click.option("--store", help="v2 store.")
@click.option("--document", type=FILE, help="Exported document instead of a store.")
def validate(store: str | None, document: Path | None) -> str:
    """Say whether v2 state is valid."""
    from orchestration_v2.tools import transfer

    if (store is None) == (document is None):
        raise click.UsageError("name one of --store and --document")
    transfer.refuse_when(transfer.validate_store(store) if store else document_file_problems(document or Path()))
    click.echo("valid")
    return "valid"


def document_file_problems(path: Path) -> list[str]:
    """Return the faults of a document in a file."""
    from orchestration_v2.tools.validation import document_problems

    try:
        return document_problems(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        return [f"{path}: {error}"]


@command("assign")
@click.option("--percentage", type=click.FloatRange(0, 100), required=True)
def assign(percentage: float) -> str:
    """Read a user a line, as a JSON array that begins with the id, and print the side that the published rule gives."""
    from orchestration_v2.tools.assignments import assigned

    count = 0
    for count, side in enumerate(assigned(sys.stdin, percentage), 1):  # noqa: B007 - the last one is told
        sys.stdout.write(side + "\n")
    return f"{count} users at {percentage:g} %"


@command("export")
@click.option("--store", required=True)
@click.option("--output", type=FILE, required=True)
def export(store: str, output: Path) -> str:
    """Write the v2 state as one document of five keys."""
    from orchestration_v2.tools.transfer import write_document

    count = write_document(store, output)
    click.echo(f"{output}: {count} work items")
    return str(output)


def register_operations() -> None:
    """Add the commands that talk to running services; their module registers them when it is loaded."""
    import orchestration_v2.tools.cli_operations  # noqa: F401 - imported for what it registers


register_operations()
