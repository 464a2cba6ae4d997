"""Reads fleet.yaml of version 1.0.4; knows its own keys and leaves the others alone."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class SettingsError(ValueError):
    """A configuration that cannot be used; one line."""


class Part(BaseModel):
    """A part of the configuration."""

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


class DatabasePart(Part):
    """Where the memory is kept; a file, unless --store says otherwise."""

    filename: str = "data/fleet.db"


class ApiPart(Part):
    """Where the fleet listens, and where its models are."""

    port: int = 3000
    modelsUrl: str | None = None


class AiPart(Part):
    """The model's name, of no effect in this version, and the key."""

    model: str | None = None
    apiKey: str | None = Field(default=None, repr=False)


class Settings(Part):
    """The whole of fleet.yaml."""

    fleet: FleetPart
    agents: tuple[AgentPart, ...] = ()
    tools: tuple[ToolPart, ...] = ()
    database: DatabasePart = DatabasePart()
    api: ApiPart = ApiPart()
    ai: AiPart = AiPart()


def settings_of(document: Any) -> Settings:
    """The settings in a document; raises SettingsError."""
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(step) for step in problem["loc"]) or "the file"
        raise SettingsError(f"{where}: {problem['msg']}") from None


def read_settings(path: Path) -> Settings:
    """The settings in a file; raises SettingsError."""
    try:
        return settings_of(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None
