"""Commands on the scripts of V2: make a sample tree, group, consolidate, restore; and deploying what came of them; reports."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from v3_roadmap.portability.deploying import deployed
from v3_roadmap.portability.layouts import LAYOUTS
from v3_roadmap.reporting.reports import cards, dashboard, read_results, review
from v3_roadmap.scripts import backup, consolidation, tree
from v3_roadmap.scripts.grouping import baked_paths, grouped
from v3_roadmap.tools.cli import tools

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path, resolve_path=True)
NEW = click.Path(path_type=Path, resolve_path=True)


@tools.group()
def scripts() -> None:
    """The scripts of V2, and what is made of them."""


@scripts.command()
@click.argument("tree_folder", metavar="TREE", type=NEW)
@click.option("--seed", default=1, show_default=True, help="what its data is drawn from")
def make(tree_folder: Path, seed: int) -> None:
    """Write a sample tree of V2: 164 scripts of 45 contents, in three applications."""
    if tree_folder.exists():
        raise click.UsageError(f"{tree_folder} is there already; name a new folder")
    click.echo(json.dumps({"scripts": len(tree.make_tree(tree_folder, seed))}))


@scripts.command()
@click.argument("tree_folder", metavar="TREE", type=FOLDER)
def inventory(tree_folder: Path) -> None:
    """Print how many scripts there are, of how many contents, and how many have absolute paths in them."""
    groups = grouped(tree_folder, tree_folder)
    places = sum(len(group.places) for group in groups)
    baked = len(baked_paths(tree_folder))
    click.echo(json.dumps({"scripts": places, "unique": len(groups), "with_absolute_paths": baked}))


@scripts.command()
@click.argument("tree_folder", metavar="TREE", type=FOLDER)
@click.option("--backup", "backup_folder", type=NEW, required=True, help="a new folder for the scripts as they are now")
@click.option(
    "--batch", type=click.IntRange(1), default=consolidation.BATCH, show_default=True, help="scripts at a time"
)
def consolidate(tree_folder: Path, backup_folder: Path, batch: int) -> None:
    """Put one script in the place of all that are alike, batch by batch; a batch that acts differently ends it."""
    done = consolidation.consolidate(tree_folder, backup_folder, tree.cases(), batch)
    click.echo(json.dumps(asdict(done)))


@scripts.command()
@click.argument("tree_folder", metavar="TREE", type=FOLDER)
@click.option("--backup", "backup_folder", type=FOLDER, required=True, help="the folder that consolidate wrote")
def restore(tree_folder: Path, backup_folder: Path) -> None:
    """Put every script back where it lay."""
    click.echo(json.dumps({"digest": backup.restore(tree_folder, backup_folder)}))


@tools.command()
@click.argument("tree_folder", metavar="TREE", type=FOLDER)
@click.option("--into", type=NEW, required=True, help="the folder to deploy into")
@click.option("--layout", type=click.Choice(list(LAYOUTS)), default="flat", show_default=True, help="how to lay it out")
@click.option("--journal", type=NEW, required=True, help="where deployments are written down")
@click.option("--real", is_flag=True, help="no isolated environment; one of the same scripts must be on record")
def deploy(tree_folder: Path, into: Path, layout: str, journal: Path, *, real: bool) -> None:
    """Install, configure and start a consolidated tree, and see it answer; it is stopped again."""
    with deployed(tree_folder, into, layout, journal, real=real) as done:
        click.echo(json.dumps(asdict(done)))


@tools.command()
@click.argument("kind", type=click.Choice(["weekly", "monthly", "dashboard", "cards"]))
@click.option(
    "--results",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="a JSON file: outcomes, figures, signed, texts",
)
def report(kind: str, path: Path) -> None:
    """Print a report: Markdown of a review, or JSON of the figures or of the report cards."""
    results = read_results(path)
    if kind in {"weekly", "monthly"}:
        click.echo(review(kind, results))
    else:
        click.echo(json.dumps(dashboard(results) if kind == "dashboard" else cards(results), indent=1))
