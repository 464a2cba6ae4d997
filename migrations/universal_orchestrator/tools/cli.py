"""The tools' command line: options in, one module called, lines out; exit 0 is done, 1 refused, 2 misused."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from plumbing.defects import apply_from_environment
from universal_orchestrator.tools.refusals import RefusedError
from universal_orchestrator.tools.sides import HOME, SIDES, run_python

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
TABLES = ("universal_orchestrator.tools.defects", "universal_orchestrator.defects")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tools() -> None:
    """Tools of the migration to the universal orchestrator."""


def main() -> None:
    """Apply the defect that the environment names, if it is one of these tools, and run a command."""
    apply_from_environment("tools", TABLES)
    try:
        tools(prog_name="python -m universal_orchestrator.tools")
    except RefusedError as refusal:
        for line in refusal.lines:
            click.echo(line, err=True)
        sys.exit(1)


def side_option(act: Callable[..., None]) -> Callable[..., None]:
    """--side, demanded."""
    return click.option("--side", type=click.Choice(SIDES), required=True)(act)


@tools.command("run")
@side_option
@click.option("--fallback", is_flag=True, help="Have old names mean the legacy classes.")
@click.argument("program")
def run(side: str, fallback: bool, program: str) -> None:
    """Run a client (such as legacy/agent_style.py) on one side and pass on what it prints and how it ends."""
    path = HOME / "clients" / program
    if not path.is_file():
        raise RefusedError(f"there is no client {program}")
    ended = run_python(side, [str(path)], extra={"ORCHESTRATOR_FALLBACK": "legacy"} if fallback else None)
    sys.stdout.write(ended.stdout)
    sys.stderr.write(ended.stderr)
    sys.exit(ended.returncode)


@tools.command("benchmark")
@side_option
@click.option("--output", type=FILE, required=True)
@click.option("--limits", type=click.Choice(["documented", "tuned"]), help="Refuse figures beyond these limits.")
def benchmark(side: str, output: Path, limits: str | None) -> None:
    """Measure one side and write the figures as JSON."""
    from universal_orchestrator.tools.benchmark import LIMITS, breaches, measure

    figures = measure(side)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    for name in ("registration_ms", "delegation_ms", "initialization_ms", "memory_mb"):
        click.echo(f"{name}: worst {max(figures[name]):.3f} of {len(figures[name])}")
    click.echo(f"concurrent_agents: {figures['concurrent_agents']}\nlines: {figures['lines']}")
    if limits and (over := breaches(figures, LIMITS[limits])):
        raise RefusedError(*over)


@tools.command("compare-benchmarks")
@click.option("--baseline", type=FILE, required=True)
@click.option("--candidate", type=FILE, required=True)
@click.option("--factor", type=float, default=1.2, show_default=True)
@click.option("--floor-ms", type=float, default=20.0, show_default=True)
def compare_benchmarks(baseline: Path, candidate: Path, factor: float, floor_ms: float) -> None:
    """Refuse durations that became worse by more than the factor and the floor."""
    from universal_orchestrator.tools.benchmark import compare

    if worse := compare(baseline, candidate, factor=factor, floor_ms=floor_ms):
        raise RefusedError(*worse)
    click.echo("not worse")


@tools.command("install")
@side_option
@click.option("--site", type=FOLDER, required=True)
@click.option("--afresh", is_flag=True, help="Throw away a tree that is there already.")
def install(side: str, site: Path, afresh: bool) -> None:
    """Make a deployed tree."""
    from universal_orchestrator.tools import core_tree

    if afresh:
        core_tree.remove(site / "app")
    click.echo(f"{core_tree.install(HOME / side, site)} files")


@tools.command("backup")
@click.option("--site", type=FOLDER, required=True)
def backup(site: Path) -> None:
    """Copy app/core of a deployed tree to app/core_backup and verify the copy."""
    from universal_orchestrator.tools import core_tree

    click.echo(f"{core_tree.back_up(site)} files in core_backup")


@tools.command("verify")
@click.option("--site", type=FOLDER, required=True)
@click.option("--restored", is_flag=True, help="app/core has to equal the backup, too.")
def verify(site: Path, restored: bool) -> None:
    """Verify the backup against its manifest."""
    from universal_orchestrator.tools import core_tree

    count = core_tree.verify(site / "app/core_backup")
    if restored and core_tree.digest(site / "app/core") != core_tree.digest(site / "app/core_backup"):
        raise RefusedError("app/core is not what was backed up")
    click.echo(f"{count} files verified")


@tools.command("swap")
@click.option("--site", type=FOLDER, required=True)
@click.option("--to", type=click.Choice(["backup", "candidate"]), default="backup", show_default=True)
@click.option("--crash-after", default="", help="Kill this process after a step; for drills.")
def swap(site: Path, to: str, crash_after: str) -> None:
    """Put the backup, or the candidate, in the place of app/core."""
    from universal_orchestrator.tools import core_tree

    source = site / "app/core_backup" if to == "backup" else HOME / "candidate/app/core"
    if to == "backup":
        core_tree.verify(source)
    click.echo(f"{core_tree.swap(site, source, crash_after=crash_after)} files in core")


@tools.command("drill")
@click.option("--kind", type=click.Choice(["rollback", "crash"]), required=True)
def drill(kind: str) -> None:
    """Drill the immediate rollback in a folder of its own, and print figures."""
    from universal_orchestrator.tools.drill import roll_back_twice, survive_crashes

    with tempfile.TemporaryDirectory() as folder:
        _print((roll_back_twice if kind == "rollback" else survive_crashes)(Path(folder)))


@tools.command("monitor")
@click.option("--url", required=True)
@click.option("--polls", type=click.IntRange(1), default=1, show_default=True)
@click.option("--alerts", type=FILE, required=True)
@click.option("--simulated", is_flag=True, help="Do not wait between polls, only count the seconds.")
def monitor(url: str, polls: int, alerts: Path, simulated: bool) -> None:
    """Poll the status every 60 seconds, log it, alert when it is not healthy."""
    from universal_orchestrator.tools.monitor import ask, watch

    waited: list[float] = []
    lines = watch(lambda: ask(url), polls, waited.append if simulated else time.sleep, alerts)
    for line in lines:
        click.echo(json.dumps(line))
    click.echo(f"{len(lines)} polls, {sum(waited):g} s between the first and the last")


@tools.command("alert-drill")
@click.option("--alerts", type=FILE, required=True)
def alert_drill(alerts: Path) -> None:
    """Poll each state of health once and print those in which an alert was sent."""
    from universal_orchestrator.tools.monitor import drill as drill_alerts

    click.echo(", ".join(drill_alerts(alerts)))


@tools.command("switch")
@click.option("--url", required=True)
@click.option("--on", "switched_on", multiple=True)
@click.option("--off", "switched_off", multiple=True)
def switch(url: str, switched_on: tuple[str, ...], switched_off: tuple[str, ...]) -> None:
    """Switch plugins of a running service, one after another; after each, the service has to be healthy and to work."""
    from universal_orchestrator.tools.monitor import switch_plugin

    for name, is_on in [*((each, True) for each in switched_on), *((each, False) for each in switched_off)]:
        click.echo(f"{name} {'on' if is_on else 'off'}: {', '.join(switch_plugin(url, name, is_on)) or 'no plugin'}")


@tools.command("migrate-config")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
def migrate_config(old: Path, new: Path) -> None:
    """Write the new form of a legacy configuration; the old file is left alone, a bad one is refused."""
    ended = run_python("candidate", ["-m", "app.core.cli", "show-config", str(old.resolve())])
    if ended.returncode:
        raise RefusedError(*(ended.stderr.strip().splitlines() or ["the configuration could not be read"]))
    partial = new.with_name(f".{new.name}.partial")
    partial.write_text(ended.stdout, encoding="utf-8")
    partial.replace(new)
    click.echo(f"{old.name} -> {new.name}")


def _print(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        click.echo(f"{name}: {value}")
