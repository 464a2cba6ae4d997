"""Moves a clone into a home, stage by stage; killed at any moment it is resumed by running it again; the clone stays as it is."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from . import clock, documents, durable, integrations
from .assessment import MigrationAssessment, demand_compatible
from .backup import BackupManifest, MigrationBackup
from .conversion import ConfigurationConverter
from .credentials import CredentialStore
from .journal import STAGES, Journal
from .legacy import LegacyInstallation
from .metrics import MigrationMetrics
from .places import Home
from .refusals import RefusedError
from .validation import MigrationValidator, ValidationReport

Tell = Callable[[str, str], None]
BACKUP_NAMES = {"automated": "backup", "guided": "migration-backup", "manual": "migration-backup"}
OFFLINE = ("integration_connectivity",)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be moved where, and how."""

    source: Path
    home: Home
    method: str
    offline: bool = False
    progress: Callable[[int, int], None] | None = None


class Migration:
    """One migration, begun or resumed; `tell` hears each stage and what became of it."""

    def __init__(self, wish: Wish, tell: Tell) -> None:
        self._wish, self._tell = wish, tell
        self._home = wish.home
        self._found = LegacyInstallation(wish.source)
        self.journal: Journal | None = None
        self.report: ValidationReport | None = None

    def run(self) -> Journal:
        """All stages that are not done yet; RefusedError tells where it stopped and what to do."""
        with locked(self._home):
            journal = self._begun()
            if journal.complete:
                return journal
            started = time.monotonic()
            metrics = MigrationMetrics.load(self._home)
            metrics.track_migration_attempt(MigrationAssessment(self._found.folder).segment(), self._wish.method)
            metrics.save(self._home)
            try:
                self._stages(journal)
            except RefusedError as refusal:
                metrics.record_migration_result(False, int(time.monotonic() - started), refusal.code)
                metrics.save(self._home)
                raise
            metrics.record_migration_result(True, int(time.monotonic() - started))
            metrics.save(self._home)
            self._complete(journal)
            return journal

    def _begun(self) -> Journal:
        """The journal there is, else a new one once it is certain that the clone can be moved."""
        self._found.demand()
        journal = Journal.read(self._home)
        if journal is None:
            demand_new(self._home)
            demand_readable(self._found)
            moment = clock.now()
            backup = backup_place(self._home, self._wish.method, moment)
            journal = Journal.start(self._found.folder, self._wish.method, moment, backup)
            journal.write(self._home)
        elif journal.source != str(self._found.folder):
            raise RefusedError(
                "other-source",
                f"{self._home.folder}: is being made of {journal.source}; name that, or roll it back first",
            )
        self.journal = journal
        return journal

    def _stages(self, journal: Journal) -> None:
        for stage in STAGES:
            if journal.is_done(stage):
                continue
            self._tell(stage, "begun")
            journal.note(self._home, stage, "begun")
            try:
                getattr(self, f"_{stage}")(journal)
            except RefusedError as refusal:
                journal.note(self._home, stage, f"failed: {refusal}")
                raise RefusedError(
                    refusal.code, f"{stage}: {refusal}; next: agent-orch recover --issue partial_migration"
                ) from None
            journal.note(self._home, stage, "done")
            self._tell(stage, "done")

    def _analyze(self, journal: Journal) -> None:
        demand_readable(self._found)

    def _backup(self, journal: Journal) -> None:
        folder = Path(journal.backup_path)
        maker = MigrationBackup(self._found.folder, folder.parent, self._home, self._wish.progress)
        if folder.exists() and maker.verify_backup_integrity(BackupManifest.load(folder)):
            return
        durable.remove_tree(folder)
        manifest = maker.create_comprehensive_backup(datetime.fromisoformat(journal.created), folder)
        wrong = [line for lines in maker.damages(manifest).values() for line in lines]
        if wrong:
            raise RefusedError("bad-backup", f"the backup does not verify: {'; '.join(wrong[:5])}")

    def _convert(self, journal: Journal) -> None:
        new = self._converter(journal).convert_installation(self._found.settings(), self._found.agents())
        documents.write(self._home.config, new)

    def _credentials(self, journal: Journal) -> None:
        CredentialStore(self._home).replace(self._found.credentials())

    def _register(self, journal: Journal) -> None:
        """One by one, so that a look at the registry tells how many are done."""
        converter = self._converter(journal)
        registry = converter.empty_registry()
        for path in self._found.project_files:
            registry["projects"][path.stem] = converter.convert_project(path)
            documents.write(self._home.registry, registry)
        if not registry["projects"]:
            documents.write(self._home.registry, registry)

    def _validate(self, journal: Journal) -> None:
        manifest = BackupManifest.load(Path(journal.backup_path))
        validator = MigrationValidator(manifest, offline=self._wish.offline)
        self.report = validator.validate_migration(self._found.folder, self._home.config)
        wrong = self.report.failures(but=OFFLINE)
        if wrong:
            raise RefusedError("not-valid", "; ".join(f"{name}: {said}" for name, said in wrong.items()))
        journal.pending = self._pending() if OFFLINE[0] in self.report.failures() else []

    def _test(self, journal: Journal) -> None:
        """What was written can be used, and the channels know their projects."""
        for endpoint in self._endpoints():
            if endpoint.name == "discord" and "discord" not in journal.pending:
                integrations.synchronise(endpoint, documents.read(self._home.registry))
        folder = self._home.logs
        durable.make_folder(folder)

    def _pending(self) -> list[str]:
        asked = self._endpoints()
        return [each.name for each in asked if self._wish.offline or not integrations.connect(each).works]

    def _endpoints(self) -> list[integrations.Endpoint]:
        return integrations.endpoints(documents.read(self._home.config), CredentialStore(self._home).read())

    def _complete(self, journal: Journal) -> None:
        journal.complete = True
        journal.write(self._home)

    def _converter(self, journal: Journal) -> ConfigurationConverter:
        return ConfigurationConverter(self._home, journal.installation_id, datetime.fromisoformat(journal.created))


def backup_place(home: Home, method: str, moment: datetime) -> Path:
    """Beside the home, under the name that the method gives."""
    return home.folder.with_name(f"{home.folder.name}.{BACKUP_NAMES[method]}-{clock.stamp(moment)}")


def demand_new(home: Home) -> None:
    """RefusedError when there is an installation already that no migration made."""
    if home.config.exists():
        raise RefusedError("home-taken", f"{home.folder}: holds an installation already; name another home with --home")


def demand_readable(found: LegacyInstallation) -> None:
    """RefusedError, before anything is written, when something of the clone cannot be moved."""
    demand_compatible(found)
    pid = found.running()
    if pid is not None:
        raise RefusedError(
            "orchestrator-runs", f"{found.folder}: its orchestrator runs as {pid}; run python orch.py stop"
        )
    ConfigurationConverter().convert_installation(found.settings(), found.agents())
    for path in found.project_files:
        ConfigurationConverter().convert_project(path)
    for name, folder in found.projects().items():
        if not folder.is_dir():
            raise RefusedError(
                "bad-project", f"projects/{name}.yaml: {folder} is missing; bring it back, or remove the file"
            )
    unread = [str(item.path) for item in found.inventory() if item.kind == "file" and not os.access(item.path, os.R_OK)]
    if unread:
        raise RefusedError("no-source", f"{unread[0]}: cannot be read; ask its owner")
    size = sum(item.path.lstat().st_size for item in found.inventory())
    free = shutil.disk_usage(found.folder).free
    if free < 2 * size:
        raise RefusedError(
            "disk-full", f"{found.folder}: {free} bytes are free, {2 * size} needed; make room and repeat"
        )


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Nobody else changes the home meanwhile; RefusedError when somebody does already."""
    durable.make_folder(home.keep)
    with home.lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RefusedError("home-busy", f"{home.folder}: another command is changing it; wait and repeat") from None
        yield
