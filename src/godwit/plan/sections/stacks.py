"""`stacks`: how each version is brought up under each profile, how its health is told, and what it can do."""

from typing import Annotated, Any, Literal

from pydantic import Field

from godwit.plan.sections.words import Command, Duration, Id, Path, Section, Text

Profile = Literal["process", "container", "endpoint"]
Role = Literal["baseline", "candidate", "router"]


class Health(Section):
    """How a stack says that it is ready: a path that answers 200 and holds `expect` (a JSON subset)."""

    path: Path
    expect: dict[str, Any] = Field(default_factory=dict)
    version_at: str = "/version"
    timeout_s: Duration = 30.0


class Metrics(Section):
    """Where a stack exposes metrics in Prometheus' text format, and which of its series stands for which metric."""

    path: Path
    series: dict[Id, Text] = Field(default_factory=dict)


class Dependency(Section):
    """A server that a stack needs in the container profile."""

    kind: Literal["postgresql", "redis"]
    image: str | None = None


class Interpreter(Section):
    """Which Python runs a process: a path, or a virtual environment made from requirements; neither is godwit's own."""

    path: str | None = None
    requirements: tuple[Text, ...] = ()


class ProcessDriver(Section):
    """A local process in its own process group."""

    command: Command
    cwd: str = "."
    env: dict[str, str] = Field(default_factory=dict)
    python: Interpreter = Interpreter()
    store: str | None = None


class Build(Section):
    """A Dockerfile and its context, relative to the plan."""

    context: str = "."
    dockerfile: str = "Dockerfile"
    args: dict[str, str] = Field(default_factory=dict)


class ContainerDriver(Section):
    """A container built from the migration's own Dockerfile, or an image that is already there."""

    build: Build | None = None
    image: str | None = None
    command: tuple[Text, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    port: Annotated[int, Field(gt=0, lt=65536)]
    dependencies: dict[Id, Dependency] = Field(default_factory=dict)
    store: str | None = None


class EndpointDriver(Section):
    """A URL that answers already; loopback unless allowed, never written to unless allowed."""

    url: Text
    store: str | None = None


class ComposeDriver(Section):
    """A service of a compose file."""

    file: Text
    service: Text
    port: Annotated[int, Field(gt=0, lt=65536)]
    env: dict[str, str] = Field(default_factory=dict)


class LibraryDriver(Section):
    """A Python distribution in a virtual environment of its own; the first requirement is the one that has the version.

    A requirement may also be a list (`requirements.txt`), the folder of a project (`./baseline`), or a folder of modules
    that is put on the path as it is. `python` is the interpreter: a path or a name on PATH.
    """

    requirements: Annotated[tuple[Text, ...], Field(min_length=1)]
    python: str | None = None


class InstallationDriver(Section):
    """A file tree, of which each run gets a copy (`{tree}`), and its command line, whose `--version` tells its version."""

    tree: Text
    command: Command
    env: dict[str, str] = Field(default_factory=dict)


class Drivers(Section):
    """One driver for each profile that the stack supports.

    The profile `process` means what runs on this machine: `process`, else `library`, else `installation`.
    """

    process: ProcessDriver | None = None
    container: ContainerDriver | None = None
    endpoint: EndpointDriver | None = None
    compose: ComposeDriver | None = None
    library: LibraryDriver | None = None
    installation: InstallationDriver | None = None

    def under(self, profile: str) -> str | None:
        """The driver that a profile uses, or None.

        What runs on this machine is chosen under `process`: a process, else a library, else an installation.
        """
        stands_for = ("process", "library", "installation") if profile == "process" else (profile,)
        return next((name for name in stands_for if getattr(self, name, None) is not None), None)


class StackSpec(Section):
    """One version as something that can be brought up.

    `capabilities` are words that probes and promises may need; `faults` is the path that takes injected faults. `writes_to`
    are files and folders that the stack writes to, as patterns (`{work}/orders.db*`): their size is its disk space.
    """

    version: Text
    drivers: Drivers
    health: Health | None = None
    metrics: Metrics | None = None
    capabilities: frozenset[Id] = frozenset()
    faults: Path | None = None
    writes_to: tuple[Text, ...] = ()


class Stacks(Section):
    """The two roles, and the router before them if there is one."""

    baseline: StackSpec
    candidate: StackSpec
    router: StackSpec | None = None
