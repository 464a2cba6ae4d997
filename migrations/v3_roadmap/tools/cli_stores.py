"""Commands that make, convert, copy and keep state."""

from datetime import UTC, datetime
from pathlib import Path

import click

from v3_roadmap.tools.cli import tools

FOLDER = click.Path(path_type=Path, file_okay=False)


@tools.command("seed")
@click.option("--store", required=True, help="An empty store of V2.")
@click.option("--tasks", "count", type=click.IntRange(1), required=True, help="How many pieces of work.")
@click.option("--seed", "number", type=int, required=True)
def seed(store: str, count: int, number: int) -> None:
    """Fill an empty store of V2 with agents and work made from a seed."""
    from v3_roadmap.stores.seeding import fill

    _say(fill(store, count, number))


@tools.command("convert")
@click.option("--from", "source", required=True, help="A store of V2; it is only read.")
@click.option("--to", "target", required=True, help="The store of V3; it may hold an earlier conversion.")
def convert(source: str, target: str) -> None:
    """Make V3's state of V2's."""
    from v3_roadmap.stores.conversion import convert as have_converted

    _say(have_converted(source, target))


@tools.command("copy")
@click.option("--from", "source", required=True, help="A store of V2; it is only read.")
@click.option("--to", "target", required=True, help="Another one; what it holds is replaced.")
def copy(source: str, target: str) -> None:
    """Copy a store of V2."""
    from v3_roadmap.stores.backup import copy as have_copied

    _say(have_copied(source, target))


@tools.command("backup")
@click.option("--store", required=True, help="A store of V2.")
@click.option("--output", type=FOLDER, required=True, help="A new folder below it holds the backup.")
def back_up(store: str, output: Path) -> None:
    """Keep every row of a store of V2."""
    from v3_roadmap.stores.backup import back_up as have_kept

    click.echo(have_kept(store, output, datetime.now(UTC)))


@tools.command("restore")
@click.option("--store", required=True, help="A store of V2; what it holds is replaced.")
@click.option("--latest-backup", type=FOLDER, required=True, help="The folder of backups; the newest is taken.")
def restore(store: str, latest_backup: Path) -> None:
    """Bring the newest backup back, if it is whole."""
    from v3_roadmap.stores.backup import newest
    from v3_roadmap.stores.backup import restore as have_restored

    _say(have_restored(newest(latest_backup), store))


def _say(counts: dict[str, int]) -> None:
    click.echo(", ".join(f"{count} {name}" for name, count in counts.items()))
