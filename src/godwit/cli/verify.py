"""`godwit verify`: runs pytest on the shipped suites in a process of its own, and believes only the verdict file."""

import datetime as dt
import hashlib
import secrets
import signal
import sys
from pathlib import Path

import click

from godwit.cli.find import find_plan, read_plan
from godwit.cli.running import run_pytest
from godwit.reporting import read_verdict, refuse_used
from godwit.stacks import cache_dir
from godwit.verdict import HarnessError

_INCONCLUSIVE = 11
_PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": True}


@click.command(context_settings=_PASS_ON)
@click.argument("migration")
@click.option("--phase", "phases", multiple=True, metavar="PHASE", help="Verify this phase only (may be repeated).")
@click.option("--check", "checks", multiple=True, metavar="ID", help="Run this check only; * stands for anything.")
@click.option(
    "--profile", type=click.Choice(["process", "container", "endpoint"]), default="process", show_default=True
)
@click.option(
    "--candidate-as", type=click.Choice(["candidate", "baseline"]), default="candidate", help="baseline: A/A."
)
@click.option("--defect", metavar="NAME", help="Seed one defect into the candidate's side (see godwit defects).")
@click.option("--seed", type=int, help="Make data and draws from this seed [default: the plan's].")
@click.option("--out", type=click.Path(path_type=Path), help="Where the evidence goes [default: reports/out/RUN].")
@click.option("--allow", "allowed", multiple=True, metavar="HOST", help="A host other than loopback that may be used.")
@click.option("--attestations", type=click.Path(path_type=Path), help="Where signed attestations lie.")
@click.option("--dry-run", is_flag=True, help="Print what would happen; touch nothing.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def verify(
    migration: str, phases: tuple[str, ...], checks: tuple[str, ...],
    profile: str, candidate_as: str, defect: str | None, seed: int | None, out: Path | None,
    allowed: tuple[str, ...], attestations: Path | None, dry_run: bool, pytest_args: tuple[str, ...],
) -> None:  # fmt: skip
    """Verify MIGRATION (a reference migration's id, a plan file, or its folder).

    Options that godwit does not know go to pytest: -n 2, -k, -x, --lf, --alluredir DIR, --junitxml FILE.
    """
    if dry_run:
        from godwit.plan import tree

        click.echo(tree(read_plan(migration), profile))
        return
    path = find_plan(migration)
    run_id = new_run_id(path)
    out = (out or Path("reports/out") / run_id).absolute()
    refuse_used(out)
    words = ["-o", f"cache_dir={_last_failed(path)}"]
    words += ["--godwit-plan", str(path), "--godwit-profile", profile, "--godwit-candidate-as", candidate_as]
    words += ["--godwit-run-id", run_id, "--godwit-out", str(out)]
    words += [word for phase in phases for word in ("--godwit-phase", phase)]
    words += [word for check in checks for word in ("--godwit-check", check)]
    words += [word for host in allowed for word in ("--godwit-allow", host)]
    words += ["--godwit-defect", defect] if defect else []
    words += [] if seed is None else ["--godwit-seed", str(seed)]
    words += ["--godwit-attestations", str(attestations)] if attestations else []
    sys.exit(_judge(run_pytest([*words, *pytest_args], out), out, run_id, pytest_args))


def _last_failed(plan: Path) -> Path:
    """Where pytest keeps what failed last, for --lf: one folder for each plan, and none beside the installed suites."""
    return cache_dir() / "pytest" / hashlib.sha256(str(plan.resolve()).encode()).hexdigest()[:16]


def new_run_id(plan: Path) -> str:
    """A new id for a run of a plan: folder, time and chance."""
    now = dt.datetime.now(dt.UTC)
    return f"{plan.resolve().parent.name.replace('_', '-')}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _judge(code: int, out: Path, run_id: str, pytest_args: tuple[str, ...]) -> int:
    """Believe the exit code only if this run's verdict says the same; a GO without a verdict is none."""
    if "--collect-only" in pytest_args or "--co" in pytest_args or code in (2, 3, 4):
        return code
    if code < 0:
        click.echo(f"godwit: pytest was ended by {signal.Signals(-code).name}: the run is INCONCLUSIVE", err=True)
        return _INCONCLUSIVE
    try:
        verdict = read_verdict(out)
    except HarnessError as error:
        click.echo(f"godwit: {error}", err=True)
        return code or _INCONCLUSIVE
    if verdict.run_id != run_id:
        click.echo(f"godwit: {out} holds the verdict of another run ({verdict.run_id})", err=True)
        return code or _INCONCLUSIVE
    return code if code else verdict.exit_code
