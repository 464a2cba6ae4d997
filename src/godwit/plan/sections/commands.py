"""`surfaces.cli` and `surfaces.config`: command lines and configuration files; says nothing about how they are compared."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

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

ConfigFormat = Literal["env", "ini", "json", "toml", "yaml"]
"""How a configuration file is written; without it the end of its name tells."""


class Tool(Section):
    """A command and what it must do: exit code and, if stated, a part of its output.

    With the exit code `not_tried` it says that it could not try, as where a program is not installed: then nothing is
    known, and the check is inconclusive.
    """

    id: Id
    sentence: Text
    run: Command
    exit: int = 0
    not_tried: int | None = None
    stdout_has: tuple[Text, ...] = ()
    stderr_has: tuple[Text, ...] = ()
    timeout_s: Duration = 60.0
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()

    @model_validator(mode="after")
    def _two_exits(self) -> "Tool":
        if self.not_tried == self.exit:
            raise ValueError(f"{self.exit} is the exit code of success; not_tried is another one")
        return self


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
    """A configuration file of the baseline, and how the candidate honours it: converted, or (`accepts`) as it is.

    `convert` makes `{target}` (a file named `target`) of `{file}`, a copy of the old file; without `target` it rewrites
    `{file}`. `reads` has the candidate read `{target}` (or `{file}` as it is) and may print what it understood as JSON,
    which is then what keys are looked up in. Keys are dotted; a table's name stands for all keys in it. `mapped` names
    the new key, `changed` and `defaulted` the value that it has now, `dropped` why it is gone; every other key keeps its
    name, value and type. `bad` are files that must be refused; without them, spoiled copies of the old one are.
    """

    id: Id
    file: Inside
    format: ConfigFormat | None = None
    convert: Command | None = None
    target: Inside | None = None
    target_format: ConfigFormat | None = None
    accepts: bool = False
    reads: Command | None = None
    mapped: dict[str, Text] = Field(default_factory=dict)
    changed: dict[str, Any] = Field(default_factory=dict)
    defaulted: dict[str, Any] = Field(default_factory=dict)
    dropped: dict[str, Text] = Field(default_factory=dict)
    bad: tuple[Inside, ...] = ()
    timeout_s: Duration = 60.0
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()

    @model_validator(mode="after")
    def _one_way(self) -> "ConfigFile":
        if self.accepts == (self.convert is not None):
            raise ValueError("an old file is either converted or accepted as it is; write convert or accepts: true")
        if self.accepts and self.reads is None:
            raise ValueError("accepts needs reads, the command that has the candidate read the old file")
        return self


class ConfigSurface(Section):
    """Configuration files."""

    files: tuple[ConfigFile, ...] = ()
