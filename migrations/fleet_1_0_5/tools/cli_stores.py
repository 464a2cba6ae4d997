"""Commands that make and move what a fleet stands on: its data, its store, the configuration that it watches."""

from pathlib import Path

import click

from fleet_1_0_5.tools.cli import tools
from fleet_1_0_5.tools.refusals import RefusedError

FILE = click.Path(path_type=Path, dir_okay=False)
HOME = Path(__file__).parents[1]


@tools.command("seed")
@click.option("--store", required=True)
@click.option("--tasks", "count", type=click.IntRange(1), required=True)
@click.option("--seed", "number", type=int, required=True)
def seed(store: str, count: int, number: int) -> None:
    """Fill an empty store of 1.0.4 with tasks made from a seed."""
    from fleet_1_0_5.tools.seeding import fill

    click.echo(f"{fill(store, count, number)} tasks")


@tools.command("adopt")
@click.option("--from", "source", required=True, help="A store of 1.0.4; it is only read.")
@click.option("--to", "target", required=True, help="Its copy, opened by 1.0.5.")
@click.option("--only-copy", is_flag=True, help="Leave the copy to 1.0.4.")
def adopt(source: str, target: str, only_copy: bool) -> None:
    """Copy a store and have 1.0.5 open it, which makes the tables that it adds and changes nothing else."""
    from fleet_1_0_5.tools.seeding import adopt as have_adopted

    click.echo(f"{have_adopted(source, target, only_copy=only_copy)} rows")


@tools.command("share")
@click.option("--from", "source", required=True, help="The store that both sides are to have.")
@click.option("--to", "target", required=True, help="The other side's; where it is the same file nothing is done.")
def share(source: str, target: str) -> None:
    """Have the other side begin on the same rows: by the same file, or by a copy where it has one of its own."""
    from fleet_1_0_5.tools.backup import copy_database, file_of

    if file_of(source).resolve() == file_of(target).resolve():
        click.echo("both are one file")
        return
    click.echo(f"{copy_database(file_of(source), file_of(target))} rows")


@tools.command("use-config")
@click.argument("name")
@click.option("--to", "target", type=FILE, required=True)
def use_config(name: str, target: Path) -> None:
    """Put one of the configurations of config/ in the place of the one that a fleet watches."""
    source = HOME / "config" / name
    if not source.is_file():
        raise RefusedError(f"there is no configuration {name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(source.read_bytes())
    partial.replace(target)
    click.echo(f"{name} -> {target.name}")


@tools.command("override")
@click.option("--config", type=FILE, required=True)
@click.option("--agent-type", required=True)
def override(config: Path, agent_type: str) -> None:
    """Switch both features off for one agent type in the configuration that a fleet watches."""
    from fleet_1_0_5.tools.rollback import Incident, take

    take("partial", config, [Incident(agent_type, critical=True)])
    click.echo(f"features of {agent_type} are off")
