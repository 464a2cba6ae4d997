"""The tools' command line: options in, one module called, lines out; exit 0 is done, 1 refused, 2 misused."""

import importlib
import json
import os
import sys
from pathlib import Path

import click

from pip_package.tools import canon, sample
from plumbing.defects import apply_from_environment

FOLDER = click.Path(path_type=Path, file_okay=False)
CANDIDATE = Path(__file__).resolve().parents[1] / "candidate"
TABLES = ("pip_package.defects", "pip_package.backup_defects")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tools() -> None:
    """Tools of the migration from a clone to a package."""


def main() -> None:
    """Run a command."""
    tools(prog_name="python -m pip_package.tools")


@tools.command("sample")
@click.argument("folder", type=FOLDER)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--kind", type=click.Choice([*sample.KINDS, "generated"]), default="sample", show_default=True)
def make_sample(folder: Path, seed: int, kind: str) -> None:
    """Write FOLDER/old-agent-workflow and its projects in FOLDER/code."""
    if (folder / "old-agent-workflow").exists():
        click.echo(f"{folder}: has a clone already; name another folder", err=True)
        sys.exit(1)
    click.echo(json.dumps(sample.make(folder, seed, kind)))


@tools.command("canon")
@click.argument("home", type=FOLDER)
@click.option("--to", "target", type=FOLDER, required=True)
def write_canon(home: Path, target: Path) -> None:
    """Write what a home says, without what differs from run to run, into TO as JSON."""
    canon.write(home, target)


@tools.command("integrations")
@click.option("--port", type=int, default=0, help="0 takes any; the first line printed is the address.")
def integrations(port: int) -> None:
    """Stand in for Discord, Claude and GitHub until this is ended."""
    from pip_package.tools.standins import StandIns

    with StandIns(port) as server:
        click.echo(server.url)
        sys.stdout.flush()
        server.serve_forever()


@tools.command("orch", context_settings={"ignore_unknown_options": True})
@click.option("--now", help="Hold the clock at this ISO time.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def orch(now: str | None, words: tuple[str, ...]) -> None:
    """Run agent-orch from its sources, with the defect that the environment names: orch [--now TIME] -- WORDS."""
    if now:
        os.environ["AGENT_WORKFLOW_NOW"] = now
    sys.path.insert(0, str(CANDIDATE))
    apply_from_environment("candidate", TABLES)
    importlib.import_module("agent_workflow.cli").main(list(words))
