"""`surfaces.cli` and `surfaces.config`: command lines and configuration files; says nothing about how they are compared."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from godwit.plan.sections.words import Command, Duration, Id, Section, Text


def _inside(text: str) -> str:
    if text.startswith(("/", "~")) or ".." in text.split("/"):
        raise ValueError(f"{text!r} points outside; write a path below the folder, without '..'")
    return text


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


Inside = Annotated[Text, AfterValidator(_inside)]
"""A path or a pattern (`*`, `**`) below a folder; it never leads out of it."""

Expression = Annotated[Text, AfterValidator(_expression)]
"""A regular expression."""

TextRule = Literal["durations", "paths", "ports", "timestamps", "uuids", "versions"]
"""What may differ in a text: it is compared by its form (a timestamp's format, a path's last part), and counted."""


class Tool(Section):
    """A command and what it must do: exit code and, if stated, a part of its output."""

    id: Id
    sentence: Text
    run: Command
    exit: int = 0
    stdout_has: tuple[Text, ...] = ()
    stderr_has: tuple[Text, ...] = ()
    timeout_s: Duration = 60.0
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()


class Intended(Section):
    """An intended difference: at `exit`, `stdout`, `stderr` or a file, in lines that `like` finds if it is given."""

    at: Text
    like: Expression | None = None
    reason: Text


class CommandLine(Section):
    """A command line that users of both sides type; it must end, say and write the same on either side.

    It runs in a fresh folder of its own, which holds a copy of `given`. Places are filled for each side: `{url}`,
    `{store}`, `{python}`, `{role}`, `{dir}` (the folder), `{side}` (the version that stands there: `baseline` in both
    roles of an A/A run). The baseline must end with `exit`. `files` are patterns of what it writes. With `help` the
    output is read as a help text: options, subcommands and choices must still be there, its layout is free. `once` is
    for a command that changes what the next run of it says: it is not repeated to tell noise from difference.
    """

    id: Id
    run: Command
    exit: int = 0
    stdin: str | None = None
    env: dict[str, str] = Field(default_factory=dict)
    given: tuple[Inside, ...] = ()
    files: tuple[Inside, ...] = ()
    normalise: tuple[TextRule, ...] = ()
    allowed: tuple[Intended, ...] = ()
    help: bool = False
    once: bool = False
    writes: bool = True
    timeout_s: Duration = 60.0
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()


class CliSurface(Section):
    """Command line tools: those of the migration, and the command lines that both sides must answer alike."""

    tools: tuple[Tool, ...] = ()
    commands: tuple[CommandLine, ...] = ()


class ConfigFile(Section):
    """A configuration file of the baseline and the command that converts it."""

    id: Id
    file: Text
    convert: Command | None = None
    dropped: dict[str, Text] = Field(default_factory=dict)


class ConfigSurface(Section):
    """Configuration files."""

    files: tuple[ConfigFile, ...] = ()
