"""Which switch is on, and who said so: override, then environment, then flag file, then configuration, then off."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fleet_1_0_5.candidate.settings import Read


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch: its variable, its place in fleet.yaml, and whether an agent type may have its own."""

    variable: str
    path: tuple[str, ...]
    by_agent_type: bool = False


SWITCHES = {
    "multiModelRouter": Switch("FEATURE_MULTI_MODEL_ROUTER", ("features", "multiModelRouter"), by_agent_type=True),
    "streaming": Switch("FEATURE_STREAMING", ("features", "streaming"), by_agent_type=True),
    "routingEnabled": Switch("ROUTING_ENABLED", ("routing", "enabled")),
    "streamingEnabled": Switch("STREAMING_ENABLED", ("streaming", "enabled")),
    "costTracking": Switch("COST_TRACKING_ENABLED", ("routing", "costTracking", "enabled")),
}
INNER = {"multiModelRouter": "routingEnabled", "streaming": "streamingEnabled"}
WORDS = {"true": True, "1": True, "false": False, "0": False}


class Source(Protocol):
    """Where the configuration comes from."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it."""
        ...

    def now(self) -> Read:
        """What is in force."""
        ...


class FlagdFile:
    """The flags of a flagd document, as far as they have no targeting; a file that cannot be read leaves the last in force."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._values: dict[str, Any] = {}
        self.problems: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """The default variant of each enabled flag."""
        if self._path is None:
            return {}
        try:
            found = self._path.stat()
            seen = found.st_mtime_ns, found.st_size
            if seen != self._seen:
                self._values = _variants(json.loads(self._path.read_text(encoding="utf-8")))
                self._seen, self.problems = seen, ()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.problems = (f"{self._path} cannot be used: {type(error).__name__}; the last good one stays in force",)
        return self._values


class FeatureFlags:
    """The switches of a fleet; set_now stands for variables that are set after the start."""

    def __init__(self, source: Source, flagd: Path | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._source = source
        self._environ = environ
        self._flagd = FlagdFile(flagd)
        self._runtime: dict[str, bool] = {}

    def set_now(self, changes: Mapping[str, bool | None]) -> None:
        """What counts as the environment from now on; None withdraws a value."""
        merged = {**self._runtime, **changes}
        self._runtime = {name: value for name, value in merged.items() if value is not None}

    def look_up(self, name: str, agent_type: str | None = None) -> tuple[bool, str]:
        """The value of one switch and the source that said so; malformed values say nothing."""
        for source, value in self._said(name, agent_type):
            if isinstance(value, bool):
                return value, source
        return False, "default"

    def is_on(self, name: str, agent_type: str | None = None) -> bool:
        """Whether a switch is on; a feature needs its inner switch as well."""
        inner = INNER.get(name)
        return self.look_up(name, agent_type)[0] and (inner is None or self.look_up(inner)[0])

    def tracks_costs(self, agent_type: str | None = None) -> bool:
        """Whether costs are recorded: their switch, and the router's."""
        return self.look_up("costTracking")[0] and self.is_on("multiModelRouter", agent_type)

    def features(self, agent_type: str | None = None) -> dict[str, bool]:
        """The features that are in effect."""
        return {name: self.is_on(name, agent_type) for name in INNER}

    def sources(self, agent_type: str | None = None) -> dict[str, dict[str, object]]:
        """Value and source of every switch."""
        found = {name: self.look_up(name, agent_type) for name in SWITCHES}
        return {name: {"value": value, "source": source} for name, (value, source) in found.items()}

    def problems(self) -> list[str]:
        """Values that say nothing, and files that cannot be used."""
        found = [
            f"{source} {name}={value!r} is no switch's value; write true or false"
            for name in SWITCHES
            for source, value in self._said(name, None)
            if value is not None and not isinstance(value, bool)
        ]
        return [*self._source.problems, *self._flagd.problems, *found]

    def _said(self, name: str, agent_type: str | None) -> list[tuple[str, Any]]:
        switch, document = SWITCHES[name], self._source.now().document
        said: list[tuple[str, Any]] = []
        if switch.by_agent_type and agent_type is not None:
            said.append(("override", _at(document, ("featureOverrides", "agentType", agent_type, name))))
        said.append(("admin", self._runtime.get(name)))
        said.append(("env", from_text(self._environ.get(switch.variable))))
        said.append(("flagd", self._flagd.values().get(name)))
        said.append(("file", _at(document, switch.path)))
        return said


def from_text(text: str | None) -> bool | str | None:
    """What a variable says: a switch's value, the text itself if it is none, None without a text."""
    return text if text is None else WORDS.get(text.strip().lower(), text)


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(document, dict):
            return None
        document = document.get(step)
    return document


def _variants(document: dict[str, Any]) -> dict[str, Any]:
    flags = document["flags"].items()
    return {name: flag["variants"][flag["defaultVariant"]] for name, flag in flags if flag.get("state") == "ENABLED"}
