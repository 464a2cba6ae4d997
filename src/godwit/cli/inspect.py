"""`godwit verdict`, `doctor`, `migrations`, `defects`, `clean`: looks at runs, the machine, and what is left over."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import click

from godwit.cli.find import read_plan
from godwit.reporting import markdown, read_verdict, summary_lines
from godwit.session.shipped import migrations as shipped_migrations
from godwit.stacks import sweep
from godwit.verdict import HarnessError


@click.command()
@click.option(
    "--of", "run", type=click.Path(path_type=Path), help="The run's folder [default: the newest in reports/out]."
)
@click.option("--markdown", "as_markdown", is_flag=True, help="As Markdown.")
def verdict(run: Path | None, as_markdown: bool) -> None:
    """Print the verdict of a run, and end with its exit code; a run without a verdict is INCONCLUSIVE."""
    run = run or _newest(Path("reports/out"))
    try:
        found = read_verdict(run)
    except HarnessError as error:
        click.echo(f"godwit: {error}", err=True)
        sys.exit(11)
    if as_markdown:
        click.echo(markdown(found))
    else:
        for line, markup in summary_lines(found, run):
            colour = next((name for name in ("green", "red", "yellow") if markup.get(name)), None)
            click.secho(line, fg=colour, bold=markup.get("bold"))
    sys.exit(found.exit_code)


def _newest(folder: Path) -> Path:
    runs = sorted(path for path in folder.glob("*") if path.is_dir())
    if not runs:
        raise HarnessError(f"there is no run under {folder}; name one with --of")
    return max(runs, key=lambda path: path.stat().st_mtime)


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


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what belongs to runs that still go on.")
def clean(everything: bool) -> None:
    """End what crashed runs left behind: processes, containers, networks."""
    swept = sweep(everything)
    for line in swept:
        click.echo(line)
    click.echo(f"{len(swept)} left-over(s) ended")


_NEEDS = {
    "the migrations extra": ("fastapi", "uvicorn", "redis", "psycopg"),
    "load": ("locust",),
    "containers": ("testcontainers", "docker"),
}


@click.command()
def doctor() -> None:
    """Say what this machine can run: Python, libraries, Docker, loopback; and what to install for the rest."""
    ok = sys.version_info >= (3, 11)
    _say(ok, f"Python {sys.version.split()[0]}", "godwit needs Python 3.11 or later")
    for what, modules in _NEEDS.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        hint = f"missing {', '.join(missing)}: pip install 'pytest-godwit[migrations]'"
        _say(not missing, f"{what}: {', '.join(modules)}", hint)
        ok = ok and not missing
    socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    answers = _docker_answers()
    hint = (
        f"no Docker Engine at {socket}: install docker.io for the container profile; the process profile works without"
    )
    _say(answers, f"Docker Engine at {socket}", hint)
    for program, use in (("node", "Allure 3 reports"), ("java", "Allure 2 reports")):
        _say(shutil.which(program) is not None, f"{program} (optional)", f"{program} is not there: only {use} need it")
    sys.exit(0 if ok else 1)


def _say(good: bool, what: str, otherwise: str) -> None:
    click.echo(f"{'ok  ' if good else 'no  '} {what if good else otherwise}")


def _docker_answers() -> bool:
    from godwit.stacks import engine_answers

    return engine_answers()
