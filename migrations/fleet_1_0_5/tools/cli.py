"""The tools' command line: one group that the `cli_` modules register on; exit 0 is done, 1 refused, 2 misused."""

import importlib
import sys

import click

from fleet_1_0_5.seeded import apply_seeded
from fleet_1_0_5.tools.refusals import RefusedError

COMMANDS = ("cli_configuration", "cli_operations", "cli_stores", "cli_drills")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tools() -> None:
    """Tools of the migration to fleet 1.0.5."""


def main() -> None:
    """Apply the defect that the environment names, if it is one of these tools, and run a command."""
    register()
    apply_seeded("tools")
    try:
        tools(prog_name="python -m fleet_1_0_5.tools")
    except RefusedError as refusal:
        for line in refusal.lines:
            click.echo(line, err=True)
        sys.exit(1)


def register() -> None:
    """Load the modules whose commands belong to the group; their import registers them."""
    for name in COMMANDS:
        importlib.import_module(f"fleet_1_0_5.tools.{name}")
