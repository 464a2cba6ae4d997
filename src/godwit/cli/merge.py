"""`godwit merge`: joins runs that shared the checks of one plan into one verdict; it refuses runs that are no parts of one."""

import hashlib
import shlex
import sys
from pathlib import Path

import click

from godwit.cli.find import read_plan
from godwit.cli.runs import RUNS, find_run, show_summary
from godwit.cli.verify import new_run_id
from godwit.plan import Plan
from godwit.reporting import make_folder, read_verdict, write_verdict
from godwit.session import merged, refuse_strangers
from godwit.verdict import GodwitError, HarnessError, Verdict


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--plan", "named", metavar="PLAN", help="The plan of the runs [default: the file that they name].")
@click.option(
    "--phase", "phases", multiple=True, metavar="PHASE", help="Account for this phase only (may be repeated)."
)
@click.option("--attestations", type=click.Path(path_type=Path), help="Where signed attestations lie.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the verdict goes [default: reports/out/RUN].")
def merge(
    runs: tuple[str, ...], named: str | None, phases: tuple[str, ...], attestations: Path | None, out: Path | None
) -> None:
    """Join each RUN (a folder, or a name in reports/out) of one plan into one verdict, and end with its exit code.

    Every check of the plan is accounted for: one that ran in no run keeps the verdict INCONCLUSIVE.
    """
    verdicts, trouble = _read([find_run(name) for name in runs])
    refuse_strangers(verdicts)
    plan = _plan(named, verdicts[0])
    if unknown := [name for name in phases if name not in {phase.id for phase in plan.phases}]:
        raise GodwitError(f"no phase '{unknown[0]}' in the plan; it has {', '.join(phase.id for phase in plan.phases)}")
    run_id = new_run_id(plan.path)
    out = out or RUNS / run_id
    found = merged(
        plan,
        verdicts,
        run_id=run_id,
        out=out,
        only=phases,
        attestations=attestations or plan.directory / plan.attestations.directory,
        trouble=trouble,
        command=shlex.join(["godwit", "merge", *runs]),
    )
    make_folder(out)
    write_verdict(found, out)
    show_summary(found, out)
    sys.exit(found.exit_code)


def _read(folders: list[Path]) -> tuple[list[Verdict], list[str]]:
    """The verdicts, and what is wrong with the folders that have none: what should have run there did not."""
    verdicts, trouble = [], []
    for folder in folders:
        try:
            verdicts.append(read_verdict(folder))
        except HarnessError as error:
            trouble.append(str(error).splitlines()[0])
    if not verdicts:
        raise HarnessError(f"no run left a verdict that can be read: {'; '.join(trouble)}")
    return verdicts, trouble


def _plan(named: str | None, verdict: Verdict) -> Plan:
    """The plan of the runs, by its hash: another one would ask for other checks."""
    where = named or str(verdict.run.get("plan", ""))
    try:
        plan = read_plan(where)
    except GodwitError as error:
        raise error if named else HarnessError(f"the plan of the runs is not at {where}; name it with --plan") from None
    if hashlib.sha256(plan.path.read_bytes()).hexdigest() != verdict.run["plan_sha256"]:
        raise HarnessError(f"{plan.path} is not the plan of the runs (another hash); name that with --plan")
    return plan
