"""The `godwit` command: finds its commands when they are asked for, and words their errors for people in one place."""

import importlib
import io
import sys

import click

from godwit import __version__
from godwit.verdict import GodwitError

_WRONG_USE = 4
"""pytest's code for a usage error: trouble outside any criterion."""

_COMMANDS = {
    "verify": "godwit.cli.verify:verify",
    "replay": "godwit.cli.replay:replay",
    "record-calls": "godwit.cli.record_calls:record_calls_command",
    "plan": "godwit.cli.plans:plan",
    "record": "godwit.cli.record:record",
    "load": "godwit.cli.load:load",
    "judge": "godwit.cli.judge:judge",
    "verdict": "godwit.cli.runs:verdict",
    "page": "godwit.cli.runs:page",
    "report": "godwit.cli.report:report",
    "explain": "godwit.cli.history:explain",
    "history": "godwit.cli.history:history",
    "compare": "godwit.cli.history:compare",
    "merge": "godwit.cli.merge:merge",
    "reference": "godwit.cli.references:reference",
    "migrations": "godwit.cli.runs:migrations",
    "defects": "godwit.cli.runs:defects",
    "doctor": "godwit.cli.machine:doctor",
    "clean": "godwit.cli.machine:clean",
}
"""Where each command lives. It is imported only when it is called, so that `doctor` can tell what cannot be imported."""


def _write_out_what_nobody_can_show() -> None:
    """Have a sign that the terminal's encoding does not know written out, as Python would; nothing ends for want of it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Commands(click.Group):
    """The commands by name; a GodwitError is already worded for people and ends as a line, not as a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order in which one needs them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        _write_out_what_nobody_can_show()
        try:
            return super().invoke(ctx)
        except GodwitError as error:
            click.echo(f"godwit: {error}", err=True)
            sys.exit(_WRONG_USE)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="godwit")
def main() -> None:
    """Verify a migration: a baseline, a candidate, phase by phase, to GO, NO-GO or INCONCLUSIVE.

    Exit codes: 0 GO, 10 NO-GO, 11 INCONCLUSIVE, 12 NO-GO that calls for a rollback; 1 to 5 are pytest's own.
    """
