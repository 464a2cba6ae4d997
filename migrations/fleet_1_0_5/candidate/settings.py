"""fleet.yaml of version 1.0.5, read anew as soon as the file changes; a file that cannot be used leaves the last one in force."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Share = Annotated[float, Field(ge=0, le=1)]
Usd = Annotated[float, Field(ge=0)]
Percent = Annotated[float, Field(gt=0, le=100)]


class SettingsError(ValueError):
    """A configuration that cannot be used; one line."""


class Part(BaseModel):
    """A part of the configuration; switches are read elsewhere, so that a malformed one spoils nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class FleetPart(Part):
    """Who the fleet is."""

    id: str
    name: str


class AgentPart(Part):
    """An agent that is spawned at the start; `class` names one of the user's own as module:Class."""

    type: str
    class_: str | None = Field(default=None, alias="class")


class ToolPart(Part):
    """A tool of the user's own."""

    class_: str = Field(alias="class")


class Database(Part):
    """Where the memory is kept; a file, unless --store says otherwise."""

    filename: str = "data/fleet.db"


class Api(Part):
    """Where the models are."""

    modelsUrl: str | None = None


class Key(Part):
    """An API key."""

    apiKey: str | None = Field(default=None, repr=False)


class Price(Part):
    """USD for `costUnitTokens` tokens in and out."""

    input: Usd
    output: Usd


class Capabilities(Part):
    """What a model can do and costs."""

    maxTokens: Annotated[int, Field(gt=0)] = 200_000
    supportsStreaming: bool = True
    costPer1kTokens: Price


class Range(Part):
    """The complexities that a model is for, both ends included."""

    min: Share
    max: Share


class ModelPart(Part):
    """One model that the router may choose."""

    name: str
    provider: str = "anthropic"
    model: str
    capabilities: Capabilities
    complexityRange: Range
    enabled: bool = True


class Weights(Part):
    """What the complexity of a task is made of."""

    tokenWeighting: Share = 0.4
    structureWeighting: Share = 0.3
    contextWeighting: Share = 0.3


class Budgets(Part):
    """USD that may be spent."""

    daily: Usd = 100.0
    monthly: Usd = 2000.0


class Alerts(Part):
    """Percent of a budget at which somebody is told."""

    dailyPercent: Percent = 80.0
    monthlyPercent: Percent = 90.0


class CostTracking(Part):
    """What happens to money: alerts, and at 100 % every task is refused or done by the cheapest model."""

    budgetLimits: Budgets = Budgets()
    alertThresholds: Alerts = Alerts()
    enforcement: Literal["refuse", "downgrade"] = "refuse"


def _model(name: str, model: str, price: tuple[float, float], span: tuple[float, float]) -> ModelPart:
    cost = Price(input=price[0], output=price[1])
    return ModelPart(
        name=name,
        model=model,
        capabilities=Capabilities(costPer1kTokens=cost),
        complexityRange=Range(min=span[0], max=span[1]),
    )


MODELS = (
    _model("claude-opus-4", "claude-opus-4-20250514", (15.0, 75.0), (0.7, 1.0)),
    _model("claude-sonnet-4.5", "claude-sonnet-4-5-20250929", (3.0, 15.0), (0.3, 0.8)),
    _model("claude-haiku-4", "claude-haiku-4-20250110", (0.8, 4.0), (0.0, 0.4)),
)


class Routing(Part):
    """The router's models; prices are for a million tokens, whatever their key says, unless `costUnitTokens` differs."""

    defaultModel: str = "claude-sonnet-4.5"
    models: Annotated[tuple[ModelPart, ...], Field(min_length=1)] = MODELS
    complexity: Weights = Weights()
    costTracking: CostTracking = CostTracking()
    costUnitTokens: Annotated[int, Field(gt=0)] = 1_000_000

    @model_validator(mode="after")
    def _default_is_listed(self) -> "Routing":
        names = [model.name for model in self.models]
        if self.defaultModel not in names:
            raise ValueError(f"defaultModel {self.defaultModel!r} is none of the models {', '.join(names)}")
        return self


class Retry(Part):
    """How often a stream is begun again, and how long it waits: backoffMs, then times the multiplier."""

    maxRetries: Annotated[int, Field(ge=0, le=10)] = 3
    backoffMs: Annotated[float, Field(ge=0, le=60_000)] = 1000.0
    backoffMultiplier: Annotated[float, Field(ge=1, le=10)] = 2.0


class Streaming(Part):
    """Buffers hold `bufferSize` chunks; at the threshold the model waits, and without a chunk for timeoutMs it is given up."""

    bufferSize: Annotated[int, Field(ge=1, le=1_000_000)] = 1024
    backpressureThreshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    timeoutMs: Annotated[float, Field(gt=0, le=600_000)] = 30_000.0
    retryConfig: Retry = Retry()


class Settings(Part):
    """The whole of fleet.yaml; a file of version 1.0.4 is one, too."""

    fleet: FleetPart
    agents: tuple[AgentPart, ...] = ()
    tools: tuple[ToolPart, ...] = ()
    database: Database = Database()
    api: Api = Api()
    ai: Key = Key()
    providers: dict[str, Key] = {}
    routing: Routing = Routing()
    streaming: Streaming = Streaming()

    @property
    def api_key(self) -> str | None:
        """The provider's key, else that of a file of version 1.0.4."""
        return self.providers.get("anthropic", Key()).apiKey or self.ai.apiKey


ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "ROUTING_DEFAULT_MODEL": ("routing", "defaultModel"),
    "BUDGET_LIMIT_DAILY": ("routing", "costTracking", "budgetLimits", "daily"),
    "BUDGET_LIMIT_MONTHLY": ("routing", "costTracking", "budgetLimits", "monthly"),
    "STREAMING_BUFFER_SIZE": ("streaming", "bufferSize"),
    "STREAMING_BACKPRESSURE_THRESHOLD": ("streaming", "backpressureThreshold"),
    "STREAMING_TIMEOUT_MS": ("streaming", "timeoutMs"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """A document, the settings in it, and what was wrong with variables of the environment."""

    document: dict[str, Any]
    settings: Settings
    problems: tuple[str, ...] = ()


def read_document(document: Any, environ: Mapping[str, str]) -> Read:
    """The settings in a document under an environment; raises SettingsError. Malformed variables are left out and told."""
    if not isinstance(document, dict):
        raise SettingsError("the file: no mapping of keys to values")
    settings, problems = _validated(document), []
    for variable, path in ENVIRONMENT.items():
        if variable not in environ:
            continue
        try:
            changed = _with(settings.model_dump(by_alias=True), path, environ[variable])
            settings = _validated(changed)
        except SettingsError as error:
            problems.append(f"{variable}={environ[variable]!r} is left out: {error}")
    return Read(document, settings, tuple(problems))


class WatchedSettings:
    """The settings of a file as it is now; raises SettingsError only if the first reading fails."""

    def __init__(self, path: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._path = path
        self._environ = environ
        self._seen = _signature(path)
        self._last = self._read()
        self._trouble: tuple[str, ...] = ()

    def now(self) -> Read:
        """What is in force; the file is read only when it has changed."""
        seen = _signature(self._path)
        if seen != self._seen:
            self._seen = seen
            try:
                self._last, self._trouble = self._read(), ()
            except SettingsError as error:
                self._trouble = (f"{error}; the last good file stays in force",)
        return self._last

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file and with the environment."""
        return (*self._trouble, *self._last.problems)

    def _read(self) -> Read:
        try:
            document = YAML(typ="safe", pure=True).load(self._path.read_text(encoding="utf-8"))
            return read_document(document, self._environ)
        except (OSError, UnicodeDecodeError, YAMLError) as error:
            raise SettingsError(f"{self._path} cannot be read: {str(error).splitlines()[0]}") from None
        except SettingsError as error:
            raise SettingsError(f"{self._path}: {error}") from None


class GivenSettings:
    """Settings that a program hands over; they stay as they are."""

    def __init__(self, document: Any, environ: Mapping[str, str] = os.environ) -> None:
        self._read = read_document(document, environ)
        self.problems = self._read.problems

    def now(self) -> Read:
        """What is in force."""
        return self._read


def _validated(document: Any) -> Settings:
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(step) for step in problem["loc"]) or "the file"
        raise SettingsError(f"{where}: {problem['msg']}") from None


def _with(document: dict[str, Any], path: tuple[str, ...], value: str) -> dict[str, Any]:
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return document


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
