"""The `godwit` command and the one place where its errors become a line and an exit code."""

import sys

import click

from godwit import __version__
from godwit.cli.inspect import clean, defects, doctor, migrations, verdict
from godwit.cli.plans import plan
from godwit.cli.verify import verify
from godwit.verdict import GodwitError

_WRONG_USE = 4
"""pytest's code for a usage error: trouble outside any criterion."""


class _Worded(click.Group):
    """A group whose errors are already worded for people: no traceback."""

    def invoke(self, context: click.Context) -> object:
        """Run a command; a GodwitError ends it with its text."""
        try:
            return super().invoke(context)
        except GodwitError as error:
            click.echo(f"godwit: {error}", err=True)
            sys.exit(_WRONG_USE)


@click.group(cls=_Worded, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="godwit")
def main() -> None:
    """Verify a migration: a baseline, a candidate, phase by phase, to GO, NO-GO or INCONCLUSIVE.

    Exit codes: 0 GO, 10 NO-GO, 11 INCONCLUSIVE, 12 NO-GO that calls for a rollback; 1 to 5 are pytest's own.
    """


for command in (verify, plan, verdict, doctor, migrations, defects, clean):
    main.add_command(command)
