"""Writes what a migrated home says as plain JSON without what differs from run to run; shows no secret but its digest."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from ruamel.yaml import YAML


def write(home: Path, target: Path) -> None:
    """A JSON file for each part of the view."""
    shown = view(home)
    shown["beside"] = [name for name in shown["beside"] if name != target.name]
    target.mkdir(parents=True, exist_ok=True)
    for name, value in shown.items():
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
    said = {"config": config, "registry": registry, "credentials": _credentials(home), "migration": _journal(home)}
    return {
        **said,
        "backups": _backups(home),
        "beside": sorted(_without_stamp(path.name) for path in home.parent.iterdir()),
    }


def _backups(home: Path) -> list[Any]:
    """What each backup holds, by its place in the backup; stored bytes differ where they are encrypted."""
    found = []
    for path in sorted(home.parent.glob(f"{home.name}.*backup-*/manifest.json")):
        kept = ("path", "kind", "size", "sha256", "mode", "encrypted", "modified")
        found.append([{name: entry[name] for name in kept} for entry in json.loads(path.read_bytes())["files"]])
    return found


def _without_stamp(name: str) -> str:
    return re.sub(r"[0-9]{8}-[0-9]{6}", "STAMP", name)


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
