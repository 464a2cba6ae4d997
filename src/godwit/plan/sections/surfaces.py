"""`surfaces`: what users touch, by kind; which differences are noise, and which are intended."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.words import Command, Duration, Id, Path, Pointer, Section, Text


class Request(Section):
    """One HTTP request; `{name}` in path, headers and body is filled from earlier captures of the same side."""

    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: Path
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    capture: dict[Id, Pointer] = Field(default_factory=dict)

    @property
    def writes(self) -> bool:
        """Whether the request may change state."""
        return self.method not in ("GET", "HEAD", "OPTIONS")


class Probe(Section):
    """A stimulus: one request or a sequence. `needs` names capabilities that the stack must have."""

    id: Id
    requests: Annotated[tuple[Request, ...], Field(min_length=1)]
    needs: frozenset[Id] = frozenset()

    @property
    def writes(self) -> bool:
        """Whether the probe may change state."""
        return any(request.writes for request in self.requests)


class Feature(Section):
    """A candidate-only promise: the last request must answer `status` and hold `expect` (a JSON subset).

    With `within_s` it is repeated until it does, or this time is over.
    """

    id: Id
    sentence: Text
    requests: Annotated[tuple[Request, ...], Field(min_length=1)]
    status: int = 200
    expect: Any = None
    within_s: Duration | None = None
    on: Literal["candidate", "router", "baseline"] = "candidate"
    needs: frozenset[Id] = frozenset()
    phases: tuple[Id, ...] = ()


class Normaliser(Section):
    """A typed rule for a place where two right answers differ.

    `id`: made by each side, compared by shape and correlated; `timestamp`: compared by type and format;
    `order`: a list without meaning in its order; `number`: equal within `tolerance`.
    """

    kind: Literal["id", "timestamp", "order", "number"]
    at: Pointer
    tolerance: float | None = None

    @model_validator(mode="after")
    def _number_has_tolerance(self) -> "Normaliser":
        if (self.kind == "number") != (self.tolerance is not None):
            raise ValueError("tolerance belongs to kind number, and only to it")
        return self


class Allowance(Section):
    """A difference that is intended, with its reason."""

    probe: Id
    at: Pointer
    reason: Text


class OpenApi(Section):
    """Where a stack serves its OpenAPI document."""

    path: Path = "/openapi.json"


class HttpSurface(Section):
    """HTTP: probes, features of the candidate, and the contract document."""

    probes: tuple[Probe, ...] = ()
    features: tuple[Feature, ...] = ()
    recordings: tuple[Text, ...] = ()
    openapi: OpenApi | None = None
    headers: tuple[Text, ...] = ("content-type",)


class PythonName(Section):
    """A Python name that users import, and where it lives now if it moved."""

    id: Id
    baseline: Text
    candidate: Text
    call: str | None = None


class PythonSurface(Section):
    """Python: modules and callables."""

    modules: tuple[Text, ...] = ()
    callables: tuple[PythonName, ...] = ()


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


class EventStream(Section):
    """A stream of events."""

    id: Id
    path: Path
    protocol: Literal["sse", "redis-stream"] = "sse"


class EventSurface(Section):
    """Event streams."""

    streams: tuple[EventStream, ...] = ()


class Surfaces(Section):
    """Everything a user of the baseline may rely on."""

    http: HttpSurface = HttpSurface()
    python: PythonSurface = PythonSurface()
    cli: CliSurface = CliSurface()
    config: ConfigSurface = ConfigSurface()
    events: EventSurface = EventSurface()
    normalisers: tuple[Normaliser, ...] = ()
    allowances: tuple[Allowance, ...] = ()
