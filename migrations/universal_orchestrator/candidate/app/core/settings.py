"""Reads configuration files, legacy and new, and files of plugin flags; refuses what it does not understand."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from .orchestrator_config import DROPPED, RENAMED, OrchestratorConfig, migrate_config

OLD_NAMES = {new: old for old, new in RENAMED.items()}
FLAGS = tuple(f"enable_{name}_plugin" for name in ("performance", "security", "context", "automation", "production"))


class BadConfigError(ValueError):
    """A configuration that cannot be used; the message says where and why."""


def read_config(path: Path) -> OrchestratorConfig:
    """The configuration that a file stands for, in its legacy or in its new form."""
    found = _object(path)
    plain = asdict(OrchestratorConfig())
    for name, value in found.items():
        known = plain.get(RENAMED.get(name, name))
        if name not in DROPPED and known is not None and not _fits(value, known):
            raise BadConfigError(f"{path.name}: {name}: {value!r} is not of type {_type_of(known)}")
    try:
        return migrate_config(found)
    except (ValueError, TypeError) as error:
        raise BadConfigError(f"{path.name}: {error}") from error


def with_flags(config: OrchestratorConfig, path: Path) -> OrchestratorConfig:
    """The configuration with the plugin flags of a file; a flag that no plugin has is refused."""
    found = _object(path)
    if unknown := sorted(set(found) - set(FLAGS)):
        raise BadConfigError(f"{path.name}: unknown flag {', '.join(unknown)}; known are {', '.join(FLAGS)}")
    if wrong := sorted(name for name, value in found.items() if not isinstance(value, bool)):
        raise BadConfigError(f"{path.name}: {', '.join(wrong)}: a flag is true or false")
    return replace(config, **found)


def as_json(config: OrchestratorConfig) -> dict[str, Any]:
    """A configuration as plain values, under its new names."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(config).items()}


def in_old_words(config: OrchestratorConfig) -> dict[str, Any]:
    """The legacy settings that a configuration stands for."""
    values = asdict(config)
    old = ("mode", "max_agents", "max_concurrent_tasks", "max_tasks_per_agent", "log_level", "history", "sla_percent",
           "heartbeat_s", "call_timeout_s")  # fmt: skip
    return {OLD_NAMES.get(name, name): values[name] for name in old}


def _object(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadConfigError(f"{path.name}: {type(error).__name__}: cannot be read as JSON") from error
    if not isinstance(found, dict):
        raise BadConfigError(f"{path.name}: not a JSON object")
    return found


def _fits(value: Any, known: Any) -> bool:
    if isinstance(value, bool) != isinstance(known, bool):
        return False  # true is an int to Python, and not to whoever writes a configuration
    if isinstance(known, float):
        return isinstance(value, int | float)
    return isinstance(value, list if isinstance(known, tuple) else str if isinstance(known, str) else type(known))


def _type_of(known: Any) -> str:
    return "str" if isinstance(known, str) else type(known).__name__
