"""Reads the configuration file of the legacy orchestrators: a JSON object of known keys; refuses anything else."""

import json
from pathlib import Path
from typing import Any

DEFAULTS: dict[str, Any] = {
    "mode": "production",
    "max_agents": 100,
    "max_tasks": 1000,
    "tasks_per_agent": 5,
    "log_level": "INFO",
    "history": 200,
    "sla_percent": 95.0,
    "heartbeat_s": 15,
    "legacy_timeout": 30,
}
MODES = ("production", "development", "testing")


class BadConfigError(ValueError):
    """A configuration that cannot be used; the message says where and why."""


def read_config(path: Path) -> dict[str, Any]:
    """All settings, with defaults for those that the file leaves out."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadConfigError(f"{path.name}: {type(error).__name__}: cannot be read as JSON") from error
    if not isinstance(found, dict):
        raise BadConfigError(f"{path.name}: not a JSON object")
    if unknown := sorted(set(found) - set(DEFAULTS)):
        raise BadConfigError(f"{path.name}: unknown setting {', '.join(unknown)}; known are {', '.join(DEFAULTS)}")
    for name, value in found.items():
        if type(value) is not type(DEFAULTS[name]) and not (name == "sla_percent" and type(value) is int):
            raise BadConfigError(f"{path.name}: {name}: {value!r} is not of type {type(DEFAULTS[name]).__name__}")
    settings = {**DEFAULTS, **found}
    if settings["mode"] not in MODES:
        raise BadConfigError(f"{path.name}: mode: {settings['mode']!r} is none of {', '.join(MODES)}")
    return settings
