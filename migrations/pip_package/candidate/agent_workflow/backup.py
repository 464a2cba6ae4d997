"""Makes and verifies backups of a clone: six categories, secrets encrypted, a manifest, a script that restores alone."""

import io
import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from . import VERSION, clock, credentials, durable, restoration
from .legacy import FROM_ENVIRONMENT, Item, LegacyInstallation
from .places import Home
from .refusals import RefusedError

Progress = Callable[[int, int], None]
ID = re.compile(r"migration-backup-\d{8}-\d{6}")
ENVIRONMENT = "credentials/environment.json"
SHORTEST = 8  # shorter secrets cannot be told from other words


@dataclass
class BackupManifest:
    """What a backup holds, where it lies and what it is of."""

    backup_id: str
    created: datetime
    source_path: str
    backup_path: str
    files: list[dict[str, Any]] = field(default_factory=list)
    exact: list[dict[str, str]] = field(default_factory=list)
    key_path: str = ""
    home: str = ""
    tool_version: str = VERSION

    def to_dict(self) -> dict[str, Any]:
        """As manifest.json has it."""
        return {**self.__dict__, "created": self.created.isoformat()}

    @classmethod
    def load(cls, folder: Path) -> "BackupManifest":
        """Of a backup, wherever it lies now; RefusedError when it is none or was changed."""
        try:
            said = restoration.load(folder)
            return cls(**{**said, "created": datetime.fromisoformat(said["created"]), "backup_path": str(folder)})
        except (restoration.BackupError, TypeError, KeyError, ValueError) as error:
            raise RefusedError("bad-backup", str(error)) from None

    def count(self, category: str) -> int:
        """How many files and links a category has."""
        return sum(1 for entry in self.files if entry["category"] == category and entry["kind"] != "folder")


class MigrationBackup:
    """Backups of one clone; `folder` names the place where other than backup_dir/ID is wanted."""

    def __init__(
        self, source_path: Path, backup_dir: Path, home: Home | None = None, progress: Progress | None = None
    ) -> None:
        self._progress = progress or (lambda done, of: None)
        self.source_path = source_path
        self.backup_dir = backup_dir
        self._home = home or Home(backup_dir / ".agent-workflow")

    def create_comprehensive_backup(self, moment: datetime | None = None, folder: Path | None = None) -> BackupManifest:
        """A complete backup; until it is complete it has another name."""
        made = moment or clock.now()
        while folder is None and (self.backup_dir / backup_id(made)).exists():
            made += timedelta(seconds=1)
        final = folder or self.backup_dir / backup_id(made)
        partial = final.with_name(f"{final.name}.unfinished")
        durable.remove_tree(partial)
        durable.make_folder(partial)
        found = LegacyInstallation(self.source_path)
        manifest = BackupManifest(
            backup_id(made),
            made,
            str(found.folder),
            str(final),
            key_path=str(self._home.key),
            home=str(self._home.folder),
        )
        self._fill(partial, found, manifest)
        durable.sync_tree(partial)
        durable.move(partial, final)
        return manifest

    def verify_backup_integrity(self, manifest: BackupManifest) -> bool:
        """Whether all four checks find nothing."""
        return not any(self.damages(manifest).values())

    def damages(self, manifest: BackupManifest) -> dict[str, list[str]]:
        """What each of the four checks finds."""
        folder = Path(manifest.backup_path)
        said = manifest.to_dict()
        checks = {
            "checksums": lambda: [*_manifest_damages(folder, said), *restoration.checksum_damages(folder, said)],
            "required files": lambda: restoration.required_damages(folder, said),
            "project states": lambda: self._state_damages(folder, said),
            "credential encryption": lambda: self._encryption_damages(folder, said),
        }
        return {name: _attempted(check) for name, check in checks.items()}

    def _fill(self, folder: Path, found: LegacyInstallation, manifest: BackupManifest) -> None:
        key = credentials.make_key(self._home)
        secrets = [secret.encode() for secret in found.credentials().values() if len(secret) >= SHORTEST]
        items = found.inventory()
        for number, item in enumerate(items, 1):
            manifest.files.append(_keep(folder, item, key, secrets, found))
            self._progress(number, len(items))
        for name in ("config", "projects", "logs"):
            manifest.exact.append({"category": name, "path": str(found.folder / name)})
        manifest.exact += [{"category": "state", "path": str(p / ".orch-state")} for p in found.projects().values()]
        extra = found.environment_credentials()
        if extra:
            sealed = credentials.seal(key, json.dumps(extra, sort_keys=True).encode())
            durable.write(folder / ENVIRONMENT, sealed)
            plain = durable.digest(json.dumps(extra, sort_keys=True).encode())
            entry = _entry("credentials", ENVIRONMENT, FROM_ENVIRONMENT, plain, sealed)
            manifest.files.append({**entry, "kind": "environment"})
        for name in restoration.ORDER:
            durable.make_folder(folder / name)
        durable.write(folder / "restore.py", Path(restoration.__file__).read_bytes(), 0o700)
        content = json.dumps(manifest.to_dict(), indent=2).encode()
        durable.write(folder / "manifest.sha256", durable.digest(content).encode())
        durable.write(folder / "manifest.json", content)

    def _state_damages(self, folder: Path, manifest: Mapping[str, Any]) -> list[str]:
        """Tasks that a state names and does not have."""
        states = [e for e in manifest["files"] if e["category"] == "state" and e["path"].endswith("/state.json")]
        found = []
        for entry in states:
            path = folder / entry["path"]
            named = set(json.loads(path.read_bytes()).get("tasks", []))
            there = {each.stem for each in (path.parent / "tasks").glob("*.json")}
            found += [f"{entry['path']}: names task {task}, which is missing" for task in sorted(named - there)]
            found += [f"{entry['path']}: does not name task {task}" for task in sorted(there - named)]
        return found

    def _encryption_damages(self, folder: Path, manifest: Mapping[str, Any]) -> list[str]:
        """Credentials that are stored open, or that the key does not open, and secrets that stand elsewhere."""
        key = credentials.read_key(Home(Path(manifest["home"])))
        found, secrets = [], []
        for entry in (each for each in manifest["files"] if each["category"] == "credentials"):
            content = (folder / entry["path"]).read_bytes()
            try:
                plain = credentials.unseal(key, content, entry["path"])
            except RefusedError:
                found.append(f"{entry['path']}: is not encrypted with the key")
                continue
            secrets += _secrets_in(entry["kind"], plain)
        for path in (each for each in folder.rglob("*") if each.is_file()):
            content = path.read_bytes()
            if any(secret in content for secret in secrets):
                found.append(f"{path.relative_to(folder).as_posix()}: holds a secret that anybody can read")
        return found


def backup_id(moment: datetime) -> str:
    """migration-backup-YYYYMMDD-HHMMSS."""
    return f"migration-backup-{clock.stamp(moment)}"


def find_backup(home: Home, wanted: str | None) -> Path:
    """A backup by path, id or stamp, else the newest beside the home; RefusedError when there is none."""
    if wanted and (Path(wanted) / "manifest.json").is_file():
        return Path(wanted).absolute()
    found = home.backups()
    if wanted:
        found = [path for path in found if path.name.endswith(wanted[-15:]) and len(wanted) >= 15]
    if not found:
        named = f"named {wanted} " if wanted else ""
        raise RefusedError("no-backup", f"{home.folder.parent}: there is no backup {named}here; name its folder")
    return found[0]


def _keep(folder: Path, item: Item, key: bytes, secrets: list[bytes], found: LegacyInstallation) -> dict[str, Any]:
    name = f"{item.category}/{item.name}"
    entry = _entry(item.category, name, str(item.path), "", b"")
    entry |= {"kind": item.kind, "mode": stat.S_IMODE(item.path.lstat().st_mode)}
    entry["mtime_ns"] = item.path.lstat().st_mtime_ns
    if item.kind == "link":
        return {**entry, "link": os.readlink(item.path)}  # noqa: PTH115  # as it is written
    if item.kind == "folder":
        return entry
    content = item.path.read_bytes()
    is_secret = item.category == "credentials" or any(secret in content for secret in secrets)
    stored = credentials.seal(key, content) if is_secret else content
    durable.write_unnamed(folder / name, stored)
    entry |= {"size": len(content), "sha256": durable.digest(content), "stored_sha256": durable.digest(stored)}
    is_modified = item.category != "state" and found.is_modified(item.path)
    return {**entry, "encrypted": is_secret, "modified": is_modified}


def _secrets_in(kind: str, plain: bytes) -> list[bytes]:
    text = plain.decode("utf-8", "replace")
    found = json.loads(text) if kind == "environment" else dotenv_values(stream=io.StringIO(text), interpolate=False)
    return [secret.encode() for secret in found.values() if secret and len(secret) >= SHORTEST]


def _entry(category: str, name: str, original: str, plain: str, stored: bytes) -> dict[str, Any]:
    return {
        "category": category,
        "path": name,
        "original_path": original,
        "kind": "file",
        "size": 0,
        "sha256": plain,
        "stored_sha256": durable.digest(stored),
        "mode": 0o600,
        "mtime_ns": 0,
        "encrypted": bool(plain),
        "modified": False,
    }


def _manifest_damages(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    written = restoration.load(folder)
    same = [name for name in ("backup_id", "created", "source_path", "files") if written.get(name) != manifest[name]]
    return [f"manifest.json: has other {name}" for name in same]


def _attempted(check: Any) -> list[str]:
    try:
        return list(check())
    except (OSError, ValueError, restoration.BackupError, RefusedError) as error:
        return [str(error)]
