"""Commands that verify a backup, restore it, recover what failed, and resume; they show what is done."""

from pathlib import Path

import click

from . import restoration, screens
from .backup import BackupManifest, MigrationBackup, find_backup
from .cli import FOLDER, home_option
from .migration import locked
from .places import Home
from .recovery import ISSUES, Recovery, resume_integration
from .refusals import RefusedError
from .rollback import MigrationRollback, take_back_begun

TYPES = ("full", "config_only", "selective")


@click.command("verify-backup")
@click.argument("backup", required=False)
@home_option
def verify_backup(backup: str | None, home: Home) -> int:
    """Verify a backup, by path or id, else the newest: checksums, files, project states, encryption."""
    manifest = BackupManifest.load(find_backup(home, backup))
    found = MigrationBackup(Path(manifest.source_path), home.folder.parent, home).damages(manifest)
    screens.tree(
        f"Backup {manifest.backup_path}:",
        [f"{screens.mark(not wrong)} {name}: {'; '.join(wrong) or 'good'}" for name, wrong in found.items()],
    )
    return 1 if any(found.values()) else 0


@click.command("backup")
@click.argument("path", type=FOLDER)
@click.option("--to", "folder", type=FOLDER, required=True, help="Folder in which the backup gets a folder of its own.")
@home_option
def backup(path: Path, folder: Path, home: Home) -> None:
    """Back up a clone without moving it."""
    with locked(home):
        manifest = MigrationBackup(
            path, folder.absolute(), home, screens.Bar("Backing up")
        ).create_comprehensive_backup()
    click.echo(manifest.backup_path)


@click.command("restore-migration-backup")
@click.argument("backup", required=False)
@click.option("--type", "kind", type=click.Choice(TYPES), default="full", show_default=True)
@click.option("--only", default="", help=f"With --type selective: some of {','.join(restoration.ORDER)}.")
@home_option
def restore_migration_backup(backup: str | None, kind: str, only: str, home: Home) -> int:
    """Take the migration back: the home goes, the clone's data come back; may be repeated."""
    if backup is None and kind == "full" and (said := take_back_begun(home)):
        click.echo(said)
        return 0
    folder = find_backup(home, backup)
    manifest = BackupManifest.load(folder)
    manifest.home = str(home.folder)
    chosen = tuple(word for word in only.split(",") if word)
    with locked(home):
        result = MigrationRollback(manifest, chosen).execute_rollback(kind)
    lines = [f"{screens.mark(s.success)} {s.name}{': ' + s.error if s.error else ''}" for s in result.steps]
    screens.tree(f"Rolling back to {folder.name}...", lines)
    if not result.success:
        raise RefusedError("not-restored", "the rollback stopped; put that right and run the same command again")
    if kind == "full" and not (Path(manifest.source_path) / "orch.py").exists():
        click.echo("The data are back; clone the program of v0.9.8 again into the same folder")
    click.echo("Rollback complete")
    return 0


@click.command("recover")
@click.option("--issue", type=click.Choice(list(ISSUES)), required=True)
@click.option("--choice", type=click.IntRange(1, 3), help="Take this option without asking.")
@click.option("--offline", is_flag=True, help="Leave the integrations untested.")
@home_option
def recover(issue: str, choice: int | None, offline: bool, home: Home) -> int:
    """Recover from a damaged configuration, a partial migration or an integration that fails."""
    return Recovery(home, choice, offline=offline).recover(issue)


@click.command("migrate-resume")
@click.option("--integration", type=click.Choice(["discord", "claude", "github"]), required=True)
@home_option
def migrate_resume(integration: str, home: Home) -> None:
    """Try an integration again that failed during the migration."""
    click.echo(resume_integration(home, integration))


COMMANDS = (verify_backup, backup, restore_migration_backup, recover, migrate_resume)
