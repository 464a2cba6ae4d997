"""`surfaces.cli` and `surfaces.config`: command lines and configuration files; says nothing about how they are compared."""

from pydantic import Field

from godwit.plan.sections.words import Command, Duration, Id, Section, Text


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


class CliSurface(Section):
    """Command line tools."""

    tools: tuple[Tool, ...] = ()


class ConfigFile(Section):
    """A configuration file of the baseline and the command that converts it."""

    id: Id
    file: Text
    convert: Command | None = None
    dropped: dict[str, Text] = Field(default_factory=dict)


class ConfigSurface(Section):
    """Configuration files."""

    files: tuple[ConfigFile, ...] = ()
