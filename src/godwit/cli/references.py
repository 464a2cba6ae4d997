"""`godwit reference`: keeps the figures of a run under a name, and looks at later runs beside them."""

import math
import sys
from pathlib import Path

import click

from godwit.checks import Figure, compare_figures, trend
from godwit.cli.runs import newest
from godwit.reporting import Reference, keep, read_reference, read_verdict, reference_of, references
from godwit.verdict import GodwitError, Judgement, Outcome

_EXIT = {Outcome.PASSED: 0, Outcome.FAILED: 10, Outcome.INCONCLUSIVE: 11}
_FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("references"),
    show_default=True,
    help="Where references are kept.",
)
_RUN = click.option(
    "--of", "run", type=click.Path(path_type=Path), help="The run's folder [default: the newest in reports/out]."
)


@click.group()
def reference() -> None:
    """Keep the figures of a run under a name, and compare later runs with them."""


@reference.command()
@click.argument("name")
@_RUN
@_FOLDER
@click.option("--replace", is_flag=True, help="Where the name is taken, take it.")
def save(name: str, run: Path | None, folder: Path, replace: bool) -> None:
    """Keep what a run measured under NAME."""
    kept = reference_of(read_verdict(run or newest(Path("reports/out"))), name)
    path = keep(kept, folder, replace=replace)
    click.echo(f"{path}: {len(kept.figures)} figures of run {kept.run_id}")


@reference.command("list")
@_FOLDER
def list_all(folder: Path) -> None:
    """List what is kept, oldest run first."""
    for each in references(folder):
        told = f"{each.run['migration']} {each.run['baseline']} to {each.run['candidate']}"
        click.echo(
            f"{each.name:<24} {each.run['started']:<26} {told}, {len(each.figures)} figures, {each.run['machine']}"
        )


@reference.command()
@click.argument("name")
@_RUN
@_FOLDER
@click.option("--allow", type=float, required=True, help="By how many percent a figure may be worse than NAME's.")
def compare(name: str, run: Path | None, folder: Path, allow: float) -> None:
    """Compare a run with the reference NAME; exit code 0, 10 (worse) or 11 (inconclusive)."""
    if not math.isfinite(allow):
        raise GodwitError(f"--allow {allow:g} is no number of percent; write one such as 10")
    kept = read_reference(folder / f"{name}.json")
    now = reference_of(read_verdict(run or newest(Path("reports/out"))), "now")
    outcomes = []
    for check, was in kept.figures.items():
        judgement = _judged(was, now.figures.get(check), kept, now, allow)
        outcomes.append(judgement.outcome)
        click.echo(f"{judgement.outcome:<13} {check}\n{'':<13} {judgement.reason}")
    for check in sorted(set(now.figures) - set(kept.figures)):
        click.echo(f"{'new':<13} {check}")
    sys.exit(max((_EXIT[each] for each in outcomes), key=(0, 11, 10).index))


def _judged(was: Figure, now: Figure | None, kept: Reference, run: Reference, allow: float) -> Judgement:
    if now is None:
        return Judgement(Outcome.INCONCLUSIVE, "this run did not measure it")
    return compare_figures(was, now, allow, same_machine=kept.run["machine"] == run.run["machine"])


@reference.command("trend")
@click.argument("check", required=False)
@_FOLDER
def trend_command(check: str | None, folder: Path) -> None:
    """Show each figure (or that of CHECK alone) over all that is kept, oldest run first, and whether it rises or falls."""
    kept = references(folder)
    checks = sorted({name for each in kept for name in each.figures if check in (None, name)})
    if not checks:
        click.echo(f"godwit: nothing is kept of {check or 'any run'} in {folder}", err=True)
        sys.exit(11)
    for name in checks:
        found = [(each, each.figures[name]) for each in kept if name in each.figures]
        click.echo(f"{name}: {_direction(trend([figure for _, figure in found]))}")
        for each, figure in found:
            beside = f", {figure.ratio:.3f} times its baseline" if figure.is_relative else ""
            click.echo(
                f"  {each.run['started']:<26} {figure.actual.value:10.4g} {figure.actual.unit}{beside}  {each.name}"
            )


def _direction(percent: float | None) -> str:
    if percent is None:
        return "too few runs for a trend"
    return f"{'rose' if percent > 0 else 'fell'} by {abs(percent):.3g} %" if percent else "no trend"
