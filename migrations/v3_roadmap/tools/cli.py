"""The tools' command line: one group that the `cli_` modules register on; exit 0 is done, 1 refused, 2 misused, 3 not tried."""

import importlib
import importlib.util
import sys
import tempfile
import traceback
from pathlib import Path

import click

from plumbing.proof import UNTRIED, NotTriedError, Proof
from v3_roadmap.tools.refusals import RefusedError

COMMANDS = ("cli_stores", "cli_operations")
ROOMS = (
    "v3_roadmap.trials.systems",
    "v3_roadmap.trials.cluster",
    "v3_roadmap.trials.databases",
    "v3_roadmap.trials.operations",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tools() -> None:
    """Tools of the migration to v3."""


@tools.command("try")
@click.argument("name")
def try_one(name: str) -> None:
    """Run one trial in a fresh folder and say how much of it holds."""
    known = trials()
    if name not in known:
        raise click.UsageError(f"there is no trial {name!r}; name one of {', '.join(sorted(known))}")
    sys.exit(tried(known[name]))


@tools.command("trials")
def list_trials() -> None:
    """Print the name of every trial."""
    for name in sorted(trials()):
        click.echo(name)


def trials() -> dict[str, str]:
    """Every trial, as module:function."""
    found: dict[str, str] = {}
    for room in ROOMS:
        if importlib.util.find_spec(room):
            found |= importlib.import_module(room).TRIALS
    return found


def tried(where: str) -> int:
    """Runs the trial at module:function; the exit code."""
    module, _, function = where.partition(":")
    proof = Proof()
    with tempfile.TemporaryDirectory(prefix="v3-") as folder:
        try:
            getattr(importlib.import_module(module), function)(proof, Path(folder).resolve())
        except NotTriedError as missing:
            click.echo(f"not tried: {missing}", err=True)
            return UNTRIED
        except Exception as error:  # noqa: BLE001  # what was promised is not even there
            last = traceback.extract_tb(error.__traceback__)[-1]
            at = f"{Path(last.filename).name}:{last.lineno}"
            proof.that(f"the trial goes on: {type(error).__name__}: {str(error)[:500]} ({at})", False)
        return proof.ended()


def main() -> None:
    """Run a command; a refusal is one line for each reason."""
    for name in COMMANDS:
        if importlib.util.find_spec(f"v3_roadmap.tools.{name}"):
            importlib.import_module(f"v3_roadmap.tools.{name}")
    try:
        tools(prog_name="python -m v3_roadmap.tools")
    except RefusedError as refusal:
        for line in refusal.lines:
            click.echo(line, err=True)
        sys.exit(1)
