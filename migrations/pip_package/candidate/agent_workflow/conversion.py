"""Converts settings and projects of the clone into the home's two files; drops nothing that it has no place for."""

import os.path
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from . import VERSION, clock, documents
from .places import Home
from .refusals import RefusedError

GLOBAL = {
    "default_mode": ("default_mode", "blocking"),
    "log_level": ("log_level", "INFO"),
    "max_projects": ("max_concurrent_projects", 5),
}
AI = {
    "provider": "name",
    "model": "model",
    "max_tokens": "max_tokens",
    "temperature": "temperature",
    "base_url": "base_url",
    "api_key_env": "credential",
}
DISCORD = {
    "enabled": "enabled",
    "guild_id": "guild_id",
    "command_prefix": "command_prefix",
    "api_base": "api_base",
    "bot_token_env": "credential",
}
PROJECT = {"path": "path", "mode": "default_mode", "branch": "branch", "agents": "agents", "priority": "priority"}
CHANNEL = {"channel_id": "id", "channel_name": "name"}


class ConfigurationConverter:
    """One conversion; `installation_id` and `created` are kept by a migration that is resumed."""

    def __init__(
        self, home: Home | None = None, installation_id: str | None = None, created: datetime | None = None
    ) -> None:
        self._home = home
        self._id = installation_id
        self._created = created

    def convert_global_config(self, old_config: dict[str, Any]) -> dict[str, Any]:
        """config.yaml of orchestrator.yaml; keys without a place of their own go to `legacy_extra`."""
        new: dict[str, Any] = {
            "version": "1.0",
            "created": self._now(),
            "installation": {"id": self._id or str(uuid.uuid4()), "method": "migration", "package_version": VERSION},
        }
        extra: dict[str, Any] = {
            name: value for name, value in old_config.items() if name not in {"orchestrator", "ai", "discord"}
        }
        if "orchestrator" in old_config:
            old = _mapping(old_config["orchestrator"], "orchestrator")
            new["global"] = {"user_profile": self._infer_user_profile(old_config)}
            new["global"] |= {name: old.get(key, default) for key, (name, default) in GLOBAL.items()}
            _put_extra(extra, "orchestrator", {key: value for key, value in old.items() if key not in GLOBAL})
        if "ai" in old_config:
            new["ai_provider"] = self._convert_part(old_config, "ai", AI, extra)
        if "discord" in old_config:
            new["discord"] = self._convert_part(old_config, "discord", DISCORD, extra)
        if extra:
            new["legacy_extra"] = {"orchestrator.yaml": extra}
        return new

    def convert_installation(
        self, settings: dict[str, dict[str, Any]], agents: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        """config.yaml of all settings: besides orchestrator.yaml also Discord's file, agents, and every other file as it is."""
        new = self.convert_global_config(settings.get("orchestrator.yaml", {}))
        kept: dict[str, Any] = new.pop("legacy_extra", {})
        for name, file in settings.items():
            if name == "discord-config.yaml":
                new["discord"] = {**new.get("discord", {}), "channels": file.get("channels", {})}
                rest = {key: value for key, value in file.items() if key != "channels"}
                _put_extra(kept, name, rest)
            elif name != "orchestrator.yaml":
                _put_extra(kept, name, file)
        new["agents"] = agents
        return {**new, "legacy_extra": kept} if kept else new

    def convert_project_registry(self, projects_dir: Path) -> dict[str, Any]:
        """registry.yaml of projects/*.yaml: one entry for each file, by the file's name."""
        projects = {path.stem: self.convert_project(path) for path in sorted(projects_dir.glob("*.yaml"))}
        return {**self.empty_registry(), "projects": projects}

    def empty_registry(self) -> dict[str, Any]:
        """A registry without projects."""
        return {"version": "1.0", "created": self._now(), "projects": {}}

    def convert_project(self, path: Path, clone: Path | None = None) -> dict[str, Any]:
        """The registry's entry of one project file; `clone` is what its path starts from, else the clone it lies in."""
        old = documents.read(path)
        if not isinstance(old.get("path"), str):
            raise RefusedError("bad-project", f"{path}:1: names no path; write the folder of the project and repeat")
        return self._convert_project_config(old, clone or path.parent.parent)

    def _convert_project_config(self, old: dict[str, Any], clone: Path) -> dict[str, Any]:
        new = {name: old[key] for key, name in PROJECT.items() if key in old}
        folder = Path(os.path.normpath(clone / Path(old["path"]).expanduser()))
        new["path"] = self._home.shorten(folder) if self._home else str(folder)
        channel = _mapping(old.get("discord", {}), "discord")
        if channel:
            new["discord_channel"] = {name: channel[key] for key, name in CHANNEL.items() if key in channel}
        extra = {key: value for key, value in old.items() if key not in {*PROJECT, "discord"}}
        _put_extra(extra, "discord", {key: value for key, value in channel.items() if key not in CHANNEL})
        return {**new, "legacy_extra": extra} if extra else new

    def _convert_part(
        self, old: dict[str, Any], part: str, names: dict[str, str], extra: dict[str, Any]
    ) -> dict[str, Any]:
        found = _mapping(old[part], part)
        _put_extra(extra, part, {key: value for key, value in found.items() if key not in names})
        return {name: found[key] for key, name in names.items() if key in found}

    def _infer_user_profile(self, old_config: dict[str, Any]) -> str:
        """Whoever names no team works alone."""
        team = _mapping(old_config.get("orchestrator"), "orchestrator").get("team") or []
        return "team-engineer" if len(team) > 1 else "solo-engineer"

    def _now(self) -> str:
        return (self._created or clock.now()).isoformat()


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RefusedError("bad-config", f"{name}: holds no settings by name but {value!r}; correct it and repeat")
    return value


def _put_extra(extra: dict[str, Any], name: str, rest: dict[str, Any]) -> None:
    if rest:
        extra[name] = rest
