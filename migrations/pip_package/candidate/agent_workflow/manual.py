"""The manual way: export a clone's settings, set up an empty home, import the export; secrets are encrypted throughout."""

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import VERSION, clock, credentials, documents, durable
from .backup import BackupManifest
from .conversion import ConfigurationConverter
from .credentials import CredentialStore
from .journal import STAGES, Journal
from .legacy import Item, LegacyInstallation
from .migration import demand_new, demand_readable, locked
from .places import Home
from .refusals import RefusedError
from .validation import MigrationValidator, ValidationReport

FOLDERS = ("old-config", "projects", "integrations", "credentials", "state")
PARTS = ("settings", "projects", "credentials", "integrations", "validation")
SECRETS = "credentials/credentials.enc"


def export(source: Path, target: Path, home: Home) -> dict[str, int]:
    """Five folders and a list of what they hold; all of it or nothing."""
    found = LegacyInstallation(source)
    found.demand()
    demand_readable(found)
    if target.exists() and any(target.iterdir()):
        raise RefusedError("target-taken", f"{target}: is not empty; name another folder")
    partial = target.with_name(f"{target.name}.unfinished")
    with locked(home):
        durable.remove_tree(partial)
        for name in FOLDERS:
            durable.make_folder(partial / name)
        counts = dict.fromkeys(FOLDERS, 0)
        state: list[dict[str, Any]] = []
        for item in found.inventory():
            place = _place(item)
            if place is None:
                continue
            counts[place.split("/")[0]] += item.kind != "folder"
            _copy(item, partial / place)
            if item.category == "state":
                whole = durable.digest(item.path.read_bytes()) if item.kind == "file" else ""
                state.append({"category": "state", "original_path": str(item.path), "kind": item.kind, "sha256": whole})
        secrets = found.credentials()
        durable.write(partial / SECRETS, credentials.seal(credentials.make_key(home), json.dumps(secrets).encode()))
        counts["credentials"] = 1
        about = {
            "source_path": str(found.folder),
            "created": clock.now().isoformat(),
            "version": found.version,
            "state": state,
        }
        durable.write_json(partial / "export.json", about)
        if target.exists():
            target.rmdir()
        durable.move(partial, target)
    return counts


def init(home: Home) -> None:
    """A home with the defaults and no project."""
    with locked(home):
        demand_new(home)
        documents.write(home.registry, ConfigurationConverter(home).empty_registry())
        CredentialStore(home).replace({})
        durable.make_folder(home.logs)
        documents.write(home.config, defaults("init"))


def defaults(method: str) -> dict[str, Any]:
    """A configuration that says nothing of its own."""
    new = ConfigurationConverter().convert_global_config({"orchestrator": {}})
    new["installation"] = {"id": str(uuid.uuid4()), "method": method, "package_version": VERSION}
    return new


class Import:
    """The import of one export, part by part; RefusedError when it is no export or the home is not a fresh one."""

    def __init__(self, folder: Path, home: Home, *, offline: bool) -> None:
        self._folder, self._home, self._offline = folder, home, offline
        try:
            self._about = json.loads((folder / "export.json").read_bytes())
        except (OSError, ValueError) as error:
            raise RefusedError(
                "no-export", f"{folder}: is no export ({error}); make one with agent-orch export-config"
            ) from None
        if home.journal.exists():
            raise RefusedError("home-taken", f"{home.folder}: was migrated already; name another home with --home")
        self._created = clock.now()

    def take(self, part: str) -> str:
        """One of PARTS; what it brought, in a few words."""
        with locked(self._home), self._clone() as clone:
            return str(getattr(self, f"_{part}")(clone))

    def _settings(self, clone: LegacyInstallation) -> str:
        settings = clone.settings()
        settings.pop("discord-config.yaml", None)
        documents.write(self._home.config, self._converter().convert_installation(settings, clone.agents()))
        return f"{len(settings)} files"

    def _projects(self, clone: LegacyInstallation) -> str:
        converter = self._converter()
        registry = converter.empty_registry()
        base = Path(self._about["source_path"])
        registry["projects"] = {path.stem: converter.convert_project(path, base) for path in clone.project_files}
        documents.write(self._home.registry, registry)
        return f"{len(registry['projects'])} projects"

    def _credentials(self, clone: LegacyInstallation) -> str:
        secrets = self._secrets()
        CredentialStore(self._home).replace(secrets)
        return f"{len(secrets)} credentials"

    def _integrations(self, clone: LegacyInstallation) -> str:
        documents.write(self._home.config, self._converter().convert_installation(clone.settings(), clone.agents()))
        return "channels mapped"

    def _validation(self, clone: LegacyInstallation) -> str:
        report = self.report()
        wrong = report.failures(but=("integration_connectivity",))
        if wrong:
            raise RefusedError("not-valid", "; ".join(f"{name}: {said}" for name, said in wrong.items()))
        source, backup = Path(self._about["source_path"]), self._folder
        journal = Journal(str(source), "manual", self._created.isoformat(), str(backup), str(uuid.uuid4()))
        journal.stages = dict.fromkeys(STAGES, "done")
        journal.complete = True
        journal.write(self._home)
        return f"{sum(each.passed for each in report.checks.values())} of {len(report.checks)} checks passed"

    def report(self) -> ValidationReport:
        """The eight checks against the clone, if it is there still."""
        source = Path(self._about["source_path"])
        manifest = BackupManifest("", self._created, str(source), str(self._folder), files=self._about["state"])
        return MigrationValidator(manifest, offline=self._offline).validate_migration(source, self._home.config)

    def _secrets(self) -> dict[str, str]:
        sealed = (self._folder / SECRETS).read_bytes()
        return dict(json.loads(credentials.unseal(credentials.read_key(self._home), sealed, SECRETS)))

    def _converter(self) -> ConfigurationConverter:
        return ConfigurationConverter(self._home, created=self._created)

    @contextmanager
    def _clone(self) -> Iterator[LegacyInstallation]:
        """The export, laid out as the clone was."""
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder) / "clone"
            shutil.copytree(self._folder / "old-config", clone)
            shutil.copytree(self._folder / "projects", clone / "projects", dirs_exist_ok=True)
            for path in (self._folder / "integrations").iterdir():
                shutil.copy(path, clone / path.name)
            yield LegacyInstallation(clone, {})


def _place(item: Item) -> str | None:
    """Where in the export something goes; secrets go their own way, logs stay."""
    if item.category in {"credentials", "logs"}:
        return None
    if item.category in {"projects", "state"}:
        return f"{item.category}/{item.name}"
    return f"integrations/{item.name}" if item.name == "discord-config.yaml" else f"old-config/{item.name}"


def _copy(item: Item, target: Path) -> None:
    if item.kind == "folder":
        durable.make_folder(target)
    elif item.kind == "link":
        durable.make_folder(target.parent)
        target.symlink_to(item.path.readlink())
    else:
        durable.write(target, item.path.read_bytes())
