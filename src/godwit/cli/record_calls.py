"""`godwit record-calls`: runs a user's program and keeps the calls that it makes of a library, to be repeated on both sides."""

import sys
from pathlib import Path

import click

from godwit.surfaces import record_calls


@click.command("record-calls", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option(
    "--python", default=sys.executable, metavar="PATH", help="The Python that runs it [default: godwit's own]."
)
@click.option(
    "--call",
    "names",
    multiple=True,
    required=True,
    metavar="MODULE:NAME",
    help="What to record: a function or a class.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the calls go (JSON Lines).")
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED)
def record_calls_command(python: str, names: tuple[str, ...], out: Path, program: tuple[str, ...]) -> None:
    """Run PROGRAM (a Python file and its arguments) and record the calls that it makes.

    Name the file in surfaces.python.recordings, and both sides are given the same calls.
    """
    code = record_calls(python, names, program, out)
    click.echo(f"{len(out.read_text(encoding='utf-8').splitlines())} calls recorded in {out}")
    sys.exit(code)
