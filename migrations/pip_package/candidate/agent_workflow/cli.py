"""`agent-orch`: the group of commands and how they end: 0 done, 1 refused in one line, 2 misused."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from . import VERSION
from .places import home_at
from .refusals import RefusedError

HELP = "https://agent-workflow.readthedocs.io/migration"
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"Configuration, registry, credentials and logs live in ~/.agent-workflow. Moving from a clone: {HELP}",
)
@click.version_option(VERSION, message="agent-orch %(version)s")
def group() -> None:
    """Orchestrates agents over several projects."""


def home_option(act: Callable[..., Any]) -> Callable[..., Any]:
    """--home, else AGENT_WORKFLOW_HOME, else ~/.agent-workflow; the command gets a Home."""
    return click.option(
        "--home",
        type=FOLDER,
        callback=lambda context, option, value: home_at(value),
        help="Folder of the installation; AGENT_WORKFLOW_HOME, else ~/.agent-workflow.",
    )(act)


def main(words: list[str] | None = None) -> None:
    """Runs a command and ends the process."""
    load()
    try:
        code = group.main(words, prog_name="agent-orch", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("agent-orch: stopped; the same command goes on from here", err=True)
        code = 1
    except RefusedError as refusal:
        click.echo(f"agent-orch: {refusal.code}: {refusal}", err=True)
        code = 1
    except OSError as error:
        where = error.filename or "a file"
        click.echo(
            f"agent-orch: disk: {where}: {error.strerror or error}; put that right and repeat the command", err=True
        )
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def load() -> None:
    """The commands are known once this was called."""
    from . import cli_migration, cli_operation, cli_ways_back

    for module in (cli_migration, cli_operation, cli_ways_back):
        for command in module.COMMANDS:
            group.add_command(command)


def command_names() -> list[str]:
    """Every command, groups of commands by their parts."""
    load()
    return [name for name, _ in _commands(group, "")]


def broken_commands() -> list[str]:
    """Commands that have nothing to do or cannot explain themselves."""
    load()
    return [name for name, command in _commands(group, "") if not _works(name, command)]


def _works(name: str, command: click.Command) -> bool:
    try:
        explained = command.get_help(click.Context(command, info_name=name))
    except Exception:  # noqa: BLE001  # whatever it is, the command does not work
        return False
    return callable(command.callback) and bool(command.help) and "Usage:" in explained


def _commands(inside: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(inside.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command
