"""Defects of backups, crash safety, rollback, recovery and resuming that can be seeded, each as a patch at start."""

import importlib
import shutil
from collections.abc import Callable
from typing import Any

from plumbing.defects import DefectTable, Patch

DEFECTS = DefectTable()


def _module(name: str) -> Any:
    """A module of the package, to be patched."""
    return importlib.import_module(f"agent_workflow.{name}")


def _defect(name: str, sentence: str) -> Callable[[Patch], Patch]:
    return DEFECTS.defect(name, part="candidate", sentence=sentence)


def _leave_out(unwanted: Any) -> None:
    legacy = _module("backup").LegacyInstallation
    whole = legacy.inventory
    legacy.inventory = lambda self: [item for item in whole(self) if not unwanted(item)]


# ---------------------------------------------------------------- backups


@_defect("backup-without-logs", "Logs are not backed up.")
def _backup_without_logs() -> None:
    _leave_out(lambda item: item.category == "logs")


@_defect("backup-without-custom", "Files of the user's own are not backed up.")
def _backup_without_custom() -> None:
    _leave_out(lambda item: item.category == "custom")


@_defect("backup-without-empty-folders", "Empty folders and links are not backed up.")
def _backup_without_empty_folders() -> None:
    _leave_out(lambda item: item.kind != "file")


@_defect("plain-backup", "Credentials stand open in the backup.")
def _plain_backup() -> None:
    backup = _module("backup")

    class Open:
        """As the module, but it seals nothing."""

        def __getattr__(self, name: str) -> Any:
            return getattr(_module("credentials"), name)

        def seal(self, key: bytes, content: bytes) -> bytes:
            return content

        def unseal(self, key: bytes, content: bytes, name: str) -> bytes:
            return content

    backup.credentials = Open()
    backup.MigrationBackup._encryption_damages = lambda self, folder, manifest: []  # noqa: SLF001
    restoration = _module("restoration")
    restoration._unseal = lambda content, key: content  # noqa: SLF001


@_defect("checksums-unread", "Verifying does not look at checksums.")
def _checksums_unread() -> None:
    _module("restoration").checksum_damages = lambda folder, manifest: []


@_defect("missing-unnoticed", "Verifying does not notice missing and foreign files.")
def _missing_unnoticed() -> None:
    _module("restoration").required_damages = lambda folder, manifest: []


@_defect("states-unread", "Verifying does not look into the states of projects.")
def _states_unread() -> None:
    _module("backup").MigrationBackup._state_damages = lambda self, folder, manifest: []  # noqa: SLF001


@_defect("encryption-unread", "Verifying does not notice credentials that stand open.")
def _encryption_unread() -> None:
    _module("backup").MigrationBackup._encryption_damages = lambda self, folder, manifest: []  # noqa: SLF001


@_defect("manifest-without-seal", "A changed manifest is not noticed.")
def _manifest_without_seal() -> None:
    restoration = _module("restoration")
    import json

    restoration.load = lambda folder: json.loads((folder / "manifest.json").read_bytes())


@_defect("modes-lost", "A restoration gives every file the usual mode.")
def _modes_lost() -> None:
    restoration = _module("restoration")
    whole = restoration._put  # noqa: SLF001
    restoration._put = lambda folder, entry, target, key: whole(folder, {**entry, "mode": 0o644}, target, key)  # noqa: SLF001
    _module("rollback").unrestored = lambda manifest: []


# ---------------------------------------------------------------- crash safety and resuming


@_defect("written-in-place", "Files are written in place, so that a kill leaves half of one.")
def _written_in_place() -> None:
    durable = _module("durable")

    def write(path: Any, content: bytes, mode: int = 0o600) -> None:
        durable.make_folder(path.parent)
        with path.open("wb", buffering=0) as file:
            path.chmod(mode)
            half = len(content) // 2
            file.write(content[:half])
            file.write(content[half:])

    durable.write_unnamed = write


@_defect("done-first", "The journal says complete before anything is done.")
def _done_first() -> None:
    migration = _module("migration").Migration
    whole = migration._stages  # noqa: SLF001

    def stages(self: Any, journal: Any) -> None:
        journal.complete = True
        journal.write(self._home)
        whole(self, journal)

    migration._stages = stages  # noqa: SLF001


@_defect("stage-done-first", "A stage is noted as done before it is.")
def _stage_done_first() -> None:
    journal = _module("journal").Journal
    whole = journal.note
    journal.note = lambda self, home, stage, state: whole(self, home, stage, "done" if state == "begun" else state)


@_defect("backup-unfinished", "A backup has its name before it is complete.")
def _backup_unfinished() -> None:
    backup, migration = _module("backup"), _module("migration").Migration
    durable = backup.durable
    whole_move = durable.move
    durable.move = lambda source, target: None if source.name.endswith(".unfinished") else whole_move(source, target)
    fill = backup.MigrationBackup._fill  # noqa: SLF001

    def in_place(self: Any, folder: Any, found: Any, manifest: Any) -> None:
        final = folder.with_name(folder.name.removesuffix(".unfinished"))
        durable.make_folder(final)
        fill(self, final, found, manifest)

    backup.MigrationBackup._fill = in_place  # noqa: SLF001
    whole = migration._backup  # noqa: SLF001

    def take(self: Any, journal: Any) -> None:
        from pathlib import Path

        if not Path(journal.backup_path).exists():
            whole(self, journal)

    migration._backup = take  # noqa: SLF001


@_defect("resume-forgets-credentials", "A migration that is resumed leaves the credentials out.")
def _resume_forgets_credentials() -> None:
    migration = _module("migration").Migration
    whole, begun = migration._credentials, migration._begun  # noqa: SLF001

    def begin(self: Any) -> Any:
        self.is_resumed = self._home.journal.exists()
        return begun(self)

    migration._begun = begin  # noqa: SLF001
    migration._credentials = lambda self, journal: None if self.is_resumed else whole(self, journal)  # noqa: SLF001
    _module("validation").MigrationValidator._credential_migration = lambda self, found, home: "looked away"  # noqa: SLF001


@_defect("resume-starts-anew", "A migration that is resumed begins anew and leaves its first backup lying about.")
def _resume_starts_anew() -> None:
    journal, migration = _module("journal").Journal, _module("migration")
    whole = journal.read
    journal.read = classmethod(lambda kind, home: j if (j := whole(home)) is not None and j.complete else None)
    migration.demand_new = lambda home: None


@_defect("incomplete-is-well", "Half a migration is taken for an installation.")
def _incomplete_is_well() -> None:
    _module("cli_operation").demand_installed = lambda home: None


@_defect("resumed-stays-pending", "An integration that works again is still said to be pending.")
def _resumed_stays_pending() -> None:
    recovery = _module("recovery")

    class Unwritten(recovery.Journal):  # type: ignore[name-defined,misc]
        """As the journal, of this module alone: what is changed stays in memory."""

        def write(self, home: Any) -> None:
            pass

    recovery.Journal = Unwritten


@_defect("pending-unsaid", "An integration that fails during the migration is not remembered.")
def _pending_unsaid() -> None:
    _module("migration").Migration._pending = lambda self: []  # noqa: SLF001


# ---------------------------------------------------------------- rollback and recovery


@_defect("rollback-without-state", "A rollback leaves the state of projects as it is.")
def _rollback_without_state() -> None:
    _rollback_without("state")


@_defect("rollback-without-logs", "A rollback brings no logs back.")
def _rollback_without_logs() -> None:
    _rollback_without("logs")


@_defect("rollback-without-credentials", "A rollback brings no credentials back.")
def _rollback_without_credentials() -> None:
    _rollback_without("credentials")


def _rollback_without(unwanted: str) -> None:
    rollback = _module("rollback")
    whole = rollback.MigrationRollback._restore  # noqa: SLF001
    rollback.MigrationRollback._restore = lambda self, *names: whole(self, *(n for n in names if n != unwanted))  # noqa: SLF001
    rollback.unrestored = lambda manifest: []


@_defect("rollback-goes-on", "A rollback goes on after a step that failed, and says that all is well.")
def _rollback_goes_on() -> None:
    rollback = _module("rollback")

    def take(_: Any, steps: Any) -> Any:
        results = []
        for name, step in steps:
            try:
                step()
            except Exception:  # noqa: BLE001, S110  # that is the defect
                pass
            results.append(rollback.RollbackStep(name, True, None))
        return rollback.RollbackResult(True, results, rollback.clock.now())

    rollback.MigrationRollback._take = take  # noqa: SLF001


@_defect("rollback-unverified", "A rollback removes the home before it looks at the backup.")
def _rollback_unverified() -> None:
    _module("rollback").demand_sound = lambda manifest, home: None


@_defect("rollback-keeps-home", "A rollback leaves the new installation in its place.")
def _rollback_keeps_home() -> None:
    _module("rollback").MigrationRollback._remove_new_installation = lambda self: None  # noqa: SLF001


@_defect("rollback-takes-the-backup", "A rollback moves the backup's files away instead of copying them.")
def _rollback_takes_the_backup() -> None:
    rollback = _module("rollback").MigrationRollback
    whole = rollback._restart_services  # noqa: SLF001

    def restart(self: Any) -> None:
        whole(self)
        shutil.rmtree(self.backup_manifest.backup_path)

    rollback._restart_services = restart  # noqa: SLF001


@_defect("later-files-deleted", "A rollback deletes what came after the backup instead of moving it aside.")
def _later_files_deleted() -> None:
    restoration = _module("restoration")

    def move(source: Any, _: Any) -> None:
        source.unlink()

    class Shutil:
        pass

    Shutil.move = staticmethod(move)  # type: ignore[attr-defined]
    restoration.shutil = Shutil


@_defect("config-only-takes-state", "A rollback of the configuration only takes the state back, too.")
def _config_only_takes_state() -> None:
    rollback = _module("rollback").MigrationRollback
    names = ("config", "projects", "state")
    step = ("Restore", lambda rollback: rollback._restore(*names))  # noqa: SLF001
    rollback._config_rollback = lambda self: self._take([(step[0], lambda: step[1](self))])  # noqa: SLF001


@_defect("selective-takes-all", "A selective rollback restores everything.")
def _selective_takes_all() -> None:
    rollback = _module("rollback").MigrationRollback
    names = _module("restoration").ORDER
    rollback._selective_rollback = lambda self: self._take([("Restore", lambda: self._restore(*names))])  # noqa: SLF001


@_defect("corruption-unseen", "A damaged configuration is not noticed.")
def _corruption_unseen() -> None:
    _module("recovery").config_trouble = lambda home: ""


@_defect("repair-says-nothing", "A repair does not tell which settings are lost.")
def _repair_says_nothing() -> None:
    _module("recovery").Recovery._known_settings = lambda self: []  # noqa: SLF001


@_defect("outage-is-well", "An integration that does not answer is said to work.")
def _outage_is_well() -> None:
    integrations = _module("integrations")
    integrations.connect = lambda endpoint: integrations.Connection(endpoint.name, True, "working", {})


@_defect("progress-misread", "The progress of half a migration counts every project as registered.")
def _progress_misread() -> None:
    _module("recovery").Recovery._registered = lambda self: "3/3"  # noqa: SLF001
