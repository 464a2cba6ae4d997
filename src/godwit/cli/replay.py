"""`godwit replay`: puts the stimulus of a run's failed checks to both sides again and shows what they answer now."""

import hashlib
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import click

from godwit.cli.running import run_pytest
from godwit.cli.verify import new_run_id
from godwit.reporting import finding_lines, make_folder, read_verdict
from godwit.verdict import CheckRecord, HarnessError, Outcome, Verdict, fold, is_meant
from godwit.verdict.decision import EXIT_CODES
from godwit.verdict.outcome import word_for

_SETTLED = (Outcome.PASSED, Outcome.SKIPPED, Outcome.WAIVED)


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.argument("checks", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help="Where the evidence goes [default: reports/out/RUN].")
def replay(run: Path, checks: tuple[str, ...], out: Path | None) -> None:
    """Repeat the checks of RUN (its folder or verdict.json) that did not hold, or the CHECKS named by id or pattern.

    Stacks come up as they did then, every phase before is walked through, and only these checks are judged. Exit
    codes: 0 all of them hold now, 10 one is still broken, 11 one could not be told.
    """
    before = read_verdict(run.parent if run.is_file() else run)
    wanted = _wanted(before, checks)
    plan = Path(str(before.run["plan"]))
    if not plan.is_file():
        raise HarnessError(f"the plan of that run, {plan}, is gone; use godwit verify PLAN --check {wanted[0].id}")
    if hashlib.sha256(plan.read_bytes()).hexdigest() != before.run["plan_sha256"]:
        click.echo(f"godwit: {plan} has changed since that run", err=True)
    out = (out or Path("reports/out") / new_run_id(plan)).absolute()
    make_folder(out)
    code = run_pytest(_words(before, plan, wanted, out), out, out / "pytest.log")
    after = _after(out, code)
    for record in wanted:
        _show(record, next((now for now in after if now.id == record.id), None))
    click.echo(f"evidence: {out}")
    seen = {now.id: now.outcome for now in after}
    sys.exit(EXIT_CODES[word_for(fold(seen.get(record.id, Outcome.INCONCLUSIVE) for record in wanted))])


def _wanted(before: Verdict, patterns: Sequence[str]) -> list[CheckRecord]:
    """The checks to repeat: those named, else every one that ran and did not hold."""
    migration = str(before.run["migration"])
    named = [text.removeprefix(f"{migration}/") for text in patterns]
    for text, pattern in zip(patterns, named, strict=True):
        if not any(is_meant(check.id, [pattern]) for check in before.checks):
            raise HarnessError(f"that run has no check '{text}'; ids are in its verdict.json, * stands for anything")
    if named:
        return [check for check in before.checks if is_meant(check.id, named)]
    found = [check for check in before.checks if check.outcome not in _SETTLED and check.repeat]
    if not found:
        raise HarnessError("every check that ran in that run held; name one by its id to repeat it all the same")
    return found


def _words(before: Verdict, plan: Path, wanted: Collection[CheckRecord], out: Path) -> list[str]:
    run = before.run
    words = [
        "-p",
        "no:cacheprovider",
        "--godwit-plan",
        str(plan),
        "--godwit-profile",
        str(run["profile"]),
        "--godwit-out",
        str(out),
    ]
    words += ["--godwit-candidate-as", str(run["candidate_as"])]
    words += ["--godwit-defect", str(run["defect"])] if run["defect"] else []
    words += ["--godwit-seed", str(run["seed"])]
    words += [word for host in str(run["allowed"]).split(", ") if host for word in ("--godwit-allow", host)]
    return words + [word for check in wanted for word in ("--godwit-check", check.id)]


def _after(out: Path, code: int) -> tuple[CheckRecord, ...]:
    try:
        return read_verdict(out).checks
    except HarnessError:
        tail = "\n  ".join((out / "pytest.log").read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
        raise HarnessError(f"the replay ended with exit code {code} and no verdict\n  {tail}") from None


def _show(then: CheckRecord, now: CheckRecord | None) -> None:
    """One check: how it ended then, how it ends now, and every finding of now."""
    click.secho(f"{then.id}", bold=True)
    click.echo(f"  then  {then.outcome}: {then.reason}")
    if now is None:
        click.echo("  now   it did not run")
        return
    click.secho(f"  now   {now.outcome}: {now.reason}", fg="green" if now.outcome is Outcome.PASSED else "red")
    for line in (line for finding in now.findings for line in finding_lines(finding)):
        click.echo(line)
    if now.repeat:
        click.echo(f"  again: {now.repeat}")
