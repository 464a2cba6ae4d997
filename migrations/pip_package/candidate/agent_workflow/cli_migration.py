"""Commands that assess a clone and move it; they show what is done and decide nothing about it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import clock, screens
from .assessment import SEGMENTS, MigrationAssessment
from .backup import BackupManifest
from .cli import FOLDER, HELP, home_option
from .guided import Guide, precheck
from .journal import Journal
from .legacy import LegacyInstallation, find_clone
from .logbook import Logbook
from .manual import export
from .migration import Migration, Wish
from .places import Home
from .refusals import RefusedError

TOLD = {
    "analyze": "Analyzing source...",
    "backup": "Creating backup...",
    "convert": "Converting configurations...",
    "credentials": "Migrating credentials...",
    "register": "Registering projects...",
    "validate": "Validating migration...",
    "test": "Testing functionality...",
}
MODES = {"assisted": "GUIDED", "guided": "GUIDED", "automated": "AUTOMATED"}
OPTIONS = ("Guided Migration", "Automated Migration", "Manual Migration")


def source_of(path: Path | None) -> Path:
    """The clone that was named or, where none was, the one that lies where clones lie."""
    found = path or find_clone(Path.cwd())
    if found is None:
        raise click.UsageError("name the folder of the clone: neither here nor in ~/agent-workflow is one")
    return found


@click.command("migrate-assess")
@click.argument("path", type=FOLDER, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the nine answers as JSON.")
@click.option("--ask", is_flag=True, help="Ask which way to go, and print the command for it.")
def migrate_assess(path: Path | None, as_json: bool, ask: bool) -> None:
    """Say what kind of installation a clone is, and which way to move it."""
    found = MigrationAssessment(source_of(path))
    answers = found.analyze_installation()
    if as_json:
        click.echo(json.dumps(answers, indent=2))
        return
    screens.title("Migration Assessment")
    _show_assessment(found, answers)
    if ask:
        chosen = click.prompt("Select migration type", type=click.IntRange(1, 3), default=1)
        way = ("--guided", "--automated", "--manual --export")[chosen - 1]
        click.echo(f"agent-orch migrate-from-git {found.source_path} {way}")


def _show_assessment(found: MigrationAssessment, answers: dict[str, Any]) -> None:
    legacy, custom = LegacyInstallation(found.source_path), answers["customizations"]
    compatible = "compatible" if legacy.is_compatible else "not compatible"
    segment = found.segment()
    screens.tree(
        "Installation Details:",
        [
            f"Method: {answers['installation_type']}",
            f"Version: v{answers['version']} ({compatible})",
            f"Install date: {legacy.installed or 'unknown'}",
            f"Usage level: {segment.capitalize()}",
            f"Customization: {answers['configuration_complexity'].capitalize()}",
        ],
    )
    screens.tree(
        "Configuration Analysis:",
        [
            f"Projects: {len(answers['projects'])} registered",
            f"Custom configs: {len(custom['modified_files'])} modified files",
            f"Integrations: {' + '.join(answers['integrations']) or 'none'}",
            f"State data: {answers['data_volume'].get('state_bytes', 0)} bytes across projects",
            f"Custom agents: {', '.join(custom['custom_agents']) or 'None detected'}",
        ],
    )
    if custom["not_read"]:
        screens.tree("Not read, because their names end in .yml:", custom["not_read"])
    assert segment in SEGMENTS  # noqa: S101  # the table of paths and this list are one
    screens.tree(
        f"{MODES[answers['recommended_path']]} MIGRATION RECOMMENDED",
        [
            f"Way: {answers['recommended_path']}",
            "Estimated time: 15-20 minutes"
            if answers["recommended_path"] != "automated"
            else "Estimated time: 1 minute",
            f"Risk level: {answers['migration_risk'].capitalize()}",
            "Rollback available: Yes",
        ],
    )
    screens.tree("Available migration options:", [f"[{number}] {name}" for number, name in enumerate(OPTIONS, 1)])


@click.command("migrate-from-git")
@click.argument("path", type=FOLDER, required=False)
@click.option("--guided", "method", flag_value="guided", help="Step by step, with questions.")
@click.option("--automated", "method", flag_value="automated", help="All at once, without questions.")
@click.option("--manual", "method", flag_value="manual", help="Export here, import yourself.")
@click.option("--export", "export_to", is_flag=True, help="With --manual: export to ~/migration-export.")
@click.option("--export-to", "folder", type=FOLDER, help="With --manual --export: where to.")
@click.option("--offline", is_flag=True, help="Leave the integrations untested.")
@click.option("--yes", is_flag=True, help="With --guided: agree to every question.")
@home_option
def migrate_from_git(
    path: Path | None, method: str | None, export_to: bool, folder: Path | None, offline: bool, yes: bool, home: Home
) -> int:
    """Move a clone into the home; killed or stopped, the same command goes on where it was."""
    source = source_of(path)
    if method == "manual":
        return _manual(source, home, folder if export_to or folder else None)
    if method == "automated":
        return _automated(Wish(source, home, "automated", offline))
    if method == "guided":
        return _guided(source, home, offline, yes)
    raise click.UsageError("choose one of --guided, --automated, --manual")


def _automated(wish: Wish) -> int:
    screens.title("Automated Migration")
    click.echo(f"Starting automated migration...\nSource: {wish.source}\nTarget: {wish.home.folder}\n")
    started = clock.now()
    logbook = Logbook(wish.home, "migration-automated.log")

    def tell(stage: str, state: str) -> None:
        logbook.note(stage, state)
        if state == "done":
            click.echo(f"[{clock.now():%H:%M:%S}] {TOLD[stage]:<40} {screens.GOOD}")

    migration = Migration(wish, tell)
    journal = _told(migration.run, logbook)
    seconds = (clock.now() - started).total_seconds()
    click.echo(f"\nMigration completed successfully in {seconds:.0f} seconds!\n")
    return show_results(journal, logbook)


def _told(run: Callable[[], Journal], logbook: Logbook) -> Journal:
    """The run, of which the log tells the end, too."""
    try:
        journal = run()
    except RefusedError as refusal:
        logbook.note(refusal.code, str(refusal))
        raise
    logbook.note("migration", "complete")
    return journal


def show_results(journal: Journal, logbook: Logbook) -> int:
    """What came of it, integrations that are still to be resumed included; they do not make it fail."""
    manifest = BackupManifest.load(Path(journal.backup_path))
    screens.tree(
        "Results:",
        [
            f"Projects: {manifest.count('projects')} migrated successfully",
            "Configurations: All settings preserved",
            "Credentials: Encrypted and secured",
            f"Integrations: {'not verified: ' + ', '.join(journal.pending) if journal.pending else 'All connections verified'}",
            f"Backup: {journal.backup_path}",
        ],
    )
    for name in journal.pending:
        click.echo(f"Retry: agent-orch migrate-resume --integration {name}")
    click.echo(f"Test your installation: agent-orch status\nFull report: {logbook.path}\nNeed help? {HELP}")
    return 0


def _guided(source: Path, home: Home, offline: bool, yes: bool) -> int:
    screens.title("Guided Migration Process")
    checks = precheck(source, home, offline=offline)
    screens.tree("Pre-migration checklist:", [f"{screens.mark(good)} {what}{said}" for what, good, said in checks])
    wrong = [f"{what}{said}" for what, good, said in checks if not good]
    if wrong:
        raise RefusedError("not-ready", f"{'; '.join(wrong)}; put that right and repeat")
    logbook = Logbook(home, f"migration-{clock.stamp(clock.now())}.log")
    guide = Guide(Wish(source, home, "guided", offline, screens.Bar("Backing up")), logbook, yes=yes)
    journal = _told(guide.run, logbook)
    screens.title("Migration Complete!")
    return show_results(journal, logbook)


def _manual(source: Path, home: Home, folder: Path | None) -> int:
    screens.title("Manual Migration Process")
    target = folder or home.folder.parent / "migration-export"
    part = export(source, target, home)
    screens.tree("Step 1: exported", [f"{name}: {count} files" for name, count in part.items()])
    screens.tree(
        "Next:",
        [
            "Step 2: pip install agent-workflow; agent-orch init --minimal",
            f"Step 3: agent-orch import-config {target} --interactive",
            "Step 4: agent-orch status; agent-orch projects list; agent-orch health --check-all",
            f"Step 5: remove {target} when all is well",
        ],
    )
    return 0


COMMANDS = (migrate_assess, migrate_from_git)
