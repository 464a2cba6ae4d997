"""Writes what a migrated home says as plain JSON without what differs from run to run; shows no secret but its digest."""

import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from ruamel.yaml import YAML


def write(home: Path, target: Path) -> None:
    """config.json, registry.json, credentials.json and migration.json, as far as there are the files."""
    target.mkdir(parents=True, exist_ok=True)
    for name, value in view(home).items():
        (target / f"{name}.json").write_text(
            json.dumps(value, indent=2, sort_keys=True, default=str) + "\n", encoding="utf-8"
        )


def view(home: Path) -> dict[str, Any]:
    """The same as values."""
    config = _yaml(home / "config.yaml")
    config.pop("created", None)
    config.get("installation", {}).pop("id", None)
    registry = _yaml(home / "registry.yaml")
    registry.pop("created", None)
    for project in registry.get("projects", {}).values():
        path = home.parent / project["path"][2:] if project["path"].startswith("~/") else Path(project["path"])
        project["path"] = path.name
    return {"config": config, "registry": registry, "credentials": _credentials(home), "migration": _journal(home)}


def _journal(home: Path) -> dict[str, Any]:
    path = home / "migration.json"
    said = json.loads(path.read_bytes()) if path.is_file() else {}
    return {name: said[name] for name in ("stages", "complete", "pending", "method") if name in said}


def _credentials(home: Path) -> dict[str, str]:
    path = home / "credentials.enc"
    if not path.is_file():
        return {}
    key = home.with_name(f"{home.name}-keep") / "credentials.key"
    secrets = json.loads(Fernet(key.read_bytes()).decrypt(path.read_bytes()))
    return {name: hashlib.sha256(secret.encode()).hexdigest() for name, secret in secrets.items()}


def _yaml(path: Path) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(path) or {}) if path.is_file() else {}
