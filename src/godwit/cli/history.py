"""`godwit history`, `compare`, `explain`: looks at runs that are kept, and judges none of them again."""

from pathlib import Path

import click

from godwit.cli.runs import RUNS, find_run, newest, say
from godwit.reporting import compared, comparison_lines, explanation, history_lines, kept_runs, read_verdict
from godwit.verdict import HarnessError

_COLOURS = {"GO": "green", "NO-GO": "red", "INCONCLUSIVE": "yellow"}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=RUNS)
@click.option("--migration", metavar="ID", help="Runs of this migration only.")
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="So many runs at most.")
def history(folder: Path, migration: str | None, last: int) -> None:
    """List the runs in FOLDER [default: reports/out], oldest first: verdict, what does not hold, what regressed."""
    runs = kept_runs(folder)
    if migration:
        known = {str(run.verdict.run.get("migration", "")) for run in runs if run.verdict}
        if migration not in known:
            raise HarnessError(
                f"no run of '{migration}' in {folder}; there are runs of {', '.join(sorted(known)) or 'none'}"
            )
        runs = [run for run in runs if run.verdict and run.verdict.run.get("migration") == migration]
    if not runs:
        raise HarnessError(f"there is no run in {folder}; name the folder in which runs lie")
    for line, word in history_lines(runs, last):
        say(line, _COLOURS.get(word))


@click.command()
@click.argument("first")
@click.argument("second")
def compare(first: str, second: str) -> None:
    """Compare the run FIRST with the run SECOND (folders, or names in reports/out): outcomes that changed, figures that moved."""
    runs = [read_verdict(find_run(name)) for name in (first, second)]
    migrations = [str(run.run.get("migration", "")) for run in runs]
    if migrations[0] != migrations[1]:
        raise HarnessError(
            f"{first} verified {migrations[0]} and {second} {migrations[1]}; compare runs of one migration"
        )
    for line in comparison_lines(compared(*runs)):
        click.echo(line)


@click.command()
@click.argument("name", metavar="CRITERION")
@click.option("--of", "run", metavar="RUN", help="The run's folder [default: the newest in reports/out].")
def explain(name: str, run: str | None) -> None:
    """Say what CRITERION (or a check, or a row) asked, what was measured, how it was judged, and what would settle it."""
    for line in explanation(read_verdict(find_run(run) if run else newest(RUNS)), name):
        click.echo(line)
