"""`godwit verdict`, `page`, `migrations`, `defects`: looks at runs and at what there is to run."""

import difflib
import os
import sys
from pathlib import Path

import click

from godwit.cli.find import read_plan
from godwit.reporting import MOST, VERDICT, is_run, markdown, read_verdict, seal_again, summary_lines, write_page
from godwit.session.shipped import migrations as shipped_migrations
from godwit.verdict import HarnessError, Verdict

RUNS = Path("reports/out")
"""Where runs lie unless somebody says otherwise."""


@click.command()
@click.option(
    "--of", "run", type=click.Path(path_type=Path), help="The run's folder [default: the newest in reports/out]."
)
@click.option("--markdown", "as_markdown", is_flag=True, help="As Markdown.")
@click.option("--at-most", type=click.IntRange(1_000), default=MOST, show_default=True, help="Bytes of the Markdown.")
def verdict(run: Path | None, as_markdown: bool, at_most: int) -> None:
    """Print the verdict of a run, and end with its exit code; a run without a verdict is INCONCLUSIVE."""
    run = run or newest(RUNS)
    try:
        found = read_verdict(run)
    except HarnessError as error:
        click.echo(f"godwit: {error}", err=True)
        sys.exit(11)
    if as_markdown:
        click.echo(markdown(found, at_most), nl=False)
    else:
        show_summary(found, run)
    sys.exit(found.exit_code)


@click.command()
@click.argument("run", required=False, type=click.Path(path_type=Path))
def page(run: Path | None) -> None:
    """Make verdict.html of a RUN again: its folder, or the verdict.json in it [default: the newest in reports/out]."""
    run = run or newest(RUNS)
    run = run.parent if run.name == VERDICT else run
    found = read_verdict(run)
    try:
        written = write_page(found, run)
        seal_again(run, written)
    except OSError as error:
        raise HarnessError(f"the page cannot be written into {run}: {error.strerror}; copy the run elsewhere") from None
    click.echo(written)


def show_summary(found: Verdict, run: Path) -> None:
    """Print the verdict on a screen; `run` is the folder in which it lies."""
    for line, markup in summary_lines(found, run):
        colour = next((name for name in ("green", "red", "yellow") if markup.get(name)), None)
        say(line, colour, bold=bool(markup.get("bold")))


def say(line: str, colour: str | None = None, *, bold: bool = False) -> None:
    """Print a line, in colour only where nobody asked for none."""
    click.echo(line if "NO_COLOR" in os.environ else click.style(line, fg=colour, bold=bold or None))


def find_run(name: str) -> Path:
    """A run's folder by its path, or by its name in reports/out; HarnessError with the nearest names otherwise."""
    for path in (Path(name), RUNS / name):
        if path.is_dir():
            return path
    known = sorted(path.name for path in RUNS.glob("*") if is_run(path))
    near = difflib.get_close_matches(name, known, 2, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"name a folder, or a run in {RUNS}"
    raise HarnessError(f"there is no run {name}; {hint}")


def newest(folder: Path) -> Path:
    """The run of a folder that ended last, whatever was made of another one since; HarnessError where there is none."""
    runs = sorted(path for path in folder.glob("*") if path.is_dir() and not path.name.startswith("."))
    runs = [path for path in runs if is_run(path) or not (path / "parameters.json").exists()]  # that is a load alone
    if not runs:
        raise HarnessError(f"there is no run under {folder}; name one with --of")
    return max(runs, key=_ended)


def _ended(run: Path) -> float:
    """When a run ended, by what nobody writes afterwards; one that left neither is as old as its folder."""
    kept = (path for path in (run / VERDICT, run / "events.ndjson", run) if path.exists())
    return next(kept).stat().st_mtime


@click.command()
def migrations() -> None:
    """List the reference migrations that come with godwit."""
    for name, path in shipped_migrations().items():
        found = read_plan(str(path))
        click.echo(
            f"{name:<24} {found.migration.title}  ({len(found.phases)} phases, {len(found.defects)} seeded defects)"
        )


@click.command()
@click.argument("migration")
def defects(migration: str) -> None:
    """List the seeded defects of MIGRATION, each with the promise that must notice it."""
    for defect in read_plan(migration).defects:
        click.echo(f"{defect.id:<24} {defect.promise}\n{'':<24} {defect.sentence}")
