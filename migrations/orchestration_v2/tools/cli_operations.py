"""The commands that talk to running services: health, status, phases, monitor, rollback, notify, compatibility."""

import dataclasses
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from orchestration_v2.tools.cli import FILE, FOLDER, command
from orchestration_v2.tools.refusals import Refused
from orchestration_v2.tools.runbooks import Step, run_steps


def run_printing(steps: Sequence[Step], *, dry_run: bool = False) -> str:
    """Run steps with a line for each, or only list them."""
    for number, step in enumerate(steps, 1) if dry_run else ():
        click.echo(f"step {number}/{len(steps)} {step.title}")
    for line in () if dry_run else run_steps(steps):
        click.echo(line)
    return f"{len(steps)} steps{' listed' if dry_run else ''}"


@command("verify-health")
@click.option("--url", required=True, help="Address of a service, or of its health page.")
@click.option("--version", help="The version it must have.")
def verify_health(url: str, version: str | None) -> str:
    """Say whether a service is healthy."""
    from orchestration_v2.tools.answers import health_problem

    problem = health_problem(url, version)
    if problem is not None:
        raise Refused(problem)
    click.echo(f"{url}: healthy")
    return "healthy"


@command("status")
@click.option("--gateway", required=True)
@click.option("--log", type=FILE, help="Audit log to read; else the one of --audit.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def status(context: click.Context, gateway: str, log: Path | None, as_json: bool) -> str:
    """Say where the migration stands."""
    from orchestration_v2.tools.status import read_status, status_lines

    audit = log or context.params.get("audit")
    if audit is None:
        raise click.UsageError("name the audit log with --audit")
    found = read_status(gateway, audit)
    click.echo(json.dumps(found, indent=1) if as_json else "\n".join(status_lines(found)))
    return f"phase {found['phase']}"


@command("execute")
@click.option("--phase", type=click.Choice(["1", "2", "3"]), required=True)
@click.option("--gateway")
@click.option("--baseline")
@click.option("--candidate")
@click.option("--baseline-store")
@click.option("--candidate-store")
@click.option("--backups", type=FOLDER)
@click.option("--notify-file", type=FILE)
@click.option("--stop-baseline", help="Command that stops v1.")
@click.option("--start-candidate", help="Command that starts v2.")
@click.option("--soak-s", type=float, default=0.0, help="How long each step of the rollout is watched.")
@click.option("--dry-run", is_flag=True, help="List the steps and do none.")
def execute(phase: str, dry_run: bool, **places: Any) -> str:
    """Do the steps of one phase."""
    from orchestration_v2.tools.execute import Site, phase_steps

    return f"phase {phase}: {run_printing(phase_steps(int(phase), Site(**places)), dry_run=dry_run)}"


@command("monitor")
@click.option("--gateway")
@click.option("--baseline")
@click.option("--candidate")
@click.option("--real-time", is_flag=True, help="Go on until it is stopped; else one line.")
@click.option("--lines", type=click.IntRange(min=1), help="End after so many lines.")
def monitor(real_time: bool, lines: int | None, **services: str | None) -> str:
    """Print a line of figures a second."""
    from orchestration_v2.tools.monitor import stream

    named = {name: url for name, url in services.items() if url is not None}
    if not named:
        raise click.UsageError("name at least one of --gateway, --baseline and --candidate")
    count = 0
    try:
        for line in stream(named, lines if lines or real_time else 1, time.sleep):
            print(line, flush=True)
            count += 1
    except KeyboardInterrupt:
        pass
    return f"{count} lines"


@command("rollback")
@click.option("--confirm", is_flag=True, help="Without it nothing is done.")
@click.option("--gateway", help="Its flags are put back to v1.")
@click.option("--stop-candidate", help="Command that stops v2.")
@click.option("--candidate-store", help="v2 store of which a snapshot is kept (with --keep).")
@click.option("--keep", type=FOLDER, help="Folder for that snapshot.")
@click.option("--store", help="v1 store to restore (with --backups).")
@click.option("--backups", type=FOLDER, help="Folder of backups; the newest is restored.")
@click.option("--start-baseline", help="Command that starts v1.")
@click.option("--baseline", help="Address of v1, whose health is verified.")
@click.option("--notify-file", type=FILE)
def rollback(confirm: bool, **parts: Any) -> str:
    """Roll back to v1 at once."""
    from orchestration_v2.tools import rollback as rolling

    if not rolling.is_confirmed(confirm):
        raise click.UsageError("nothing was done; an emergency rollback needs --confirm")
    order = rolling.Rollback(**{field.name: parts[field.name] for field in dataclasses.fields(rolling.Rollback)})
    for one, other in (("candidate_store", "keep"), ("store", "backups")):
        if (parts[one] is None) != (parts[other] is None):
            raise click.UsageError(f"--{one.replace('_', '-')} and --{other} go together")
    steps = rolling.rollback_steps(order)
    if not steps:
        raise click.UsageError("nothing to roll back; name at least --gateway, or --store with --backups")
    return run_printing(steps)


@command("notify")
@click.option("--file", "path", type=FILE, required=True)
@click.option("--message", required=True)
def notify(path: Path, message: str) -> str:
    """Append a message to the file of notifications."""
    from orchestration_v2.tools.notify import notify as tell

    tell(path, message)
    click.echo(f"notified through {path}")
    return message


@command("compatibility")
@click.option("--baseline", required=True)
@click.option("--candidate", required=True)
def compatibility(baseline: str, candidate: str) -> str:
    """Run the pre-migration tests on two running services."""
    from orchestration_v2.tools.compatibility import compatibility_lines

    failed = 0
    for line in compatibility_lines(baseline, candidate):
        click.echo(f"{'FAIL' if line.problems else 'ok  '} {line.name}")
        for problem in line.problems:
            click.echo(f"     {problem}")
        failed += bool(line.problems)
    if failed:
        raise Refused(f"{failed} of the pre-migration tests failed")
    return "compatible"


@command("drain")
@click.option("--url", required=True, help="Address of the service.")
def drain(url: str) -> str:
    """Pause every active workflow."""
    from orchestration_v2.tools.archive import drain as pause_all

    count = pause_all(url)
    click.echo(f"{count} workflows paused")
    return f"{count} paused"


@command("archive")
@click.option("--gateway", required=True)
@click.option("--candidate", required=True)
@click.option("--store", required=True, help="The candidate's store.")
@click.option("--output", type=FOLDER, required=True)
def archive(gateway: str, candidate: str, store: str, output: Path) -> str:
    """Keep state, feedback, flags and metrics of the candidate."""
    from orchestration_v2.tools.archive import archive as keep

    names = keep(gateway, candidate, store, output)
    click.echo(f"{output}: {', '.join(names)}")
    return ", ".join(names)
