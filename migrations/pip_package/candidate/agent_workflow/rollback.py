"""Takes a migration back: seven steps, each of which may be repeated; stops at the first that fails and can be run again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from . import clock, durable, restoration, service
from .backup import BackupManifest, MigrationBackup
from .journal import Journal
from .metrics import MigrationMetrics
from .places import Home
from .refusals import RefusedError

Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class RollbackStep:
    """What became of one step."""

    name: str
    success: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class RollbackResult:
    """Whether all steps that were taken succeeded."""

    success: bool
    steps: list[RollbackStep]
    timestamp: datetime


class MigrationRollback:
    """The rollback to one backup; `only` names the categories of a selective one."""

    def __init__(self, backup_manifest: BackupManifest, only: tuple[str, ...] = ()) -> None:
        self.backup_manifest = backup_manifest
        self._only = only
        self._home = Home(Path(backup_manifest.home))

    def execute_rollback(self, rollback_type: str = "full") -> RollbackResult:
        """full, config_only or selective; ValueError for anything else."""
        if rollback_type == "full":
            return self._full_rollback()
        if rollback_type == "config_only":
            return self._config_rollback()
        if rollback_type == "selective":
            return self._selective_rollback()
        raise ValueError(f"Unknown rollback type: {rollback_type}")

    def _full_rollback(self) -> RollbackResult:
        return self._take(
            [
                ("Stop orchestrator", self._stop_orchestrator),
                ("Remove new installation", self._remove_new_installation),
                ("Restore configuration", self._restore_configuration),
                ("Restore project data", self._restore_project_data),
                ("Restore credentials", self._restore_credentials),
                ("Verify restoration", self._verify_restoration),
                ("Restart services", self._restart_services),
            ]
        )

    def _config_rollback(self) -> RollbackResult:
        return self._take(
            [
                ("Stop orchestrator", self._stop_orchestrator),
                ("Restore configuration", lambda: self._restore("config", "projects")),
            ]
        )

    def _selective_rollback(self) -> RollbackResult:
        unknown = sorted(set(self._only) - set(restoration.ORDER))
        if unknown or not self._only:
            raise RefusedError(
                "bad-choice", f"a selective rollback takes --only with some of {', '.join(restoration.ORDER)}"
            )
        return self._take(
            [
                ("Stop orchestrator", self._stop_orchestrator),
                *((f"Restore {name}", lambda name=name: self._restore(name)) for name in self._only),
            ]
        )

    def _take(self, steps: list[tuple[str, Step]]) -> RollbackResult:
        demand_sound(self.backup_manifest, self._home)
        results: list[RollbackStep] = []
        for name, step in steps:
            try:
                step()
                results.append(RollbackStep(name, True, None))
            except Exception as error:  # noqa: BLE001  # whatever it is, the result tells it and no later step runs
                results.append(RollbackStep(name, False, str(error)))
                break
        return RollbackResult(success=all(step.success for step in results), steps=results, timestamp=clock.now())

    def _stop_orchestrator(self) -> None:
        service.stop(self._home)

    def _remove_new_installation(self) -> None:
        durable.remove_tree(self._home.folder)

    def _restore_configuration(self) -> None:
        self._restore("config", "projects", "custom")

    def _restore_project_data(self) -> None:
        self._restore("state", "logs")

    def _restore_credentials(self) -> None:
        self._restore("credentials")

    def _verify_restoration(self) -> None:
        wrong = unrestored(self.backup_manifest)
        if wrong:
            raise RefusedError("not-restored", f"not as they were: {', '.join(wrong[:5])}")

    def _restart_services(self) -> None:
        """The clone's services were stopped before the migration began; whoever needs them starts them."""
        metrics = MigrationMetrics.load(self._home)
        metrics.record_rollback()
        metrics.save(self._home)

    def _restore(self, *names: str) -> None:
        manifest, folder = self.backup_manifest.to_dict(), Path(self.backup_manifest.backup_path)
        restoration.displace(manifest, folder.with_name(f"{folder.name}.displaced"), names)
        restoration.restore(folder, manifest, names, self._home.key)


def take_back_begun(home: Home) -> str:
    """Takes back a migration that ended before its backup was complete, when the clone was only read; what it did, or nothing.

    An older backup is never restored instead: the clone was in use since.
    """
    journal = readable_journal(home)
    if journal is None and not home.config.exists() and not home.backups():
        durable.remove_tree(home.folder)
        return "Nothing to roll back: the clone was never touched"
    if journal is None or Path(journal.backup_path, "manifest.json").exists():
        return ""
    unfinished = Path(journal.backup_path)
    durable.remove_tree(unfinished.with_name(f"{unfinished.name}.unfinished"))
    durable.remove_tree(home.folder)
    return "Rollback complete: the backup was not made yet, and the clone was never touched"


def readable_journal(home: Home) -> Journal | None:
    """The journal, None when it cannot be read; the backup tells enough then."""
    try:
        return Journal.read(home)
    except RefusedError:
        return None


def demand_sound(manifest: BackupManifest, home: Home) -> None:
    """RefusedError, before anything is removed, when the backup does not verify."""
    maker = MigrationBackup(Path(manifest.source_path), home.folder.parent, home)
    wrong = [line for lines in maker.damages(manifest).values() for line in lines]
    if wrong:
        raise RefusedError("bad-backup", f"{manifest.backup_path}: nothing was rolled back: {'; '.join(wrong[:5])}")


def unrestored(manifest: BackupManifest) -> list[str]:
    """Files that are not as the manifest has them."""
    found = []
    for entry in (each for each in manifest.files if each["kind"] == "file"):
        path = Path(entry["original_path"])
        is_same = path.is_file() and durable.digest(path.read_bytes()) == entry["sha256"]
        if not is_same or path.stat().st_mode & 0o7777 != entry["mode"]:
            found.append(str(path))
    return found
