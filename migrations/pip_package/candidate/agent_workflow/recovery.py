"""Recovers from three kinds of trouble: a damaged configuration, a migration that stopped half way, an integration."""

from collections.abc import Callable
from pathlib import Path

import click

from . import documents, durable, integrations, restoration, schema, screens, service
from .backup import BackupManifest, find_backup
from .credentials import CredentialStore
from .journal import Journal
from .manual import defaults
from .migration import Migration, Wish, locked
from .places import Home
from .refusals import RefusedError
from .rollback import MigrationRollback, demand_sound, unrestored

ISSUES = ("config_corruption", "partial_migration", "integration_failure")
STAGES = {
    "backup": "Backup creation",
    "convert": "Configuration conversion",
    "credentials": "Credential migration",
    "register": "Project registration",
    "validate": "Validation",
}
STATES = {
    "discord": "https://discordstatus.com",
    "claude": "https://status.anthropic.com",
    "github": "https://githubstatus.com",
}


class Recovery:
    """Recovery of one home; `choice` answers the question that is asked otherwise."""

    def __init__(self, home: Home, choice: int | None, *, offline: bool = False) -> None:
        self._home, self._choice, self._offline = home, choice, offline

    def recover(self, issue: str) -> int:
        """One of ISSUES; the exit code: 0 recovered or nothing to recover, 1 not."""
        return int(getattr(self, f"_{issue}")())

    # ------------------------------------------------------------ a damaged configuration

    def _config_corruption(self) -> int:
        screens.title("Configuration Recovery")
        trouble = config_trouble(self._home)
        if not trouble:
            click.echo("No corruption found: configuration and registry are valid")
            return 0
        click.echo(f"Issue detected: Configuration file corruption\n{trouble}\n")
        names = ("Restore from migration backup", "Repair configuration file", "Regenerate from defaults")
        with locked(self._home):
            return (self._restore, self._repair, self._regenerate)[self._chosen(names) - 1]()

    def _restore(self) -> int:
        """Everything as it was before the migration, which has to be made again."""
        manifest = self._manifest()
        demand_sound(manifest, self._home)
        folder, said = Path(manifest.backup_path), manifest.to_dict()
        steps: dict[str, Callable[[], object]] = {
            "Stopping current services": lambda: service.stop(self._home),
            "Restoring configuration": lambda: restoration.restore(
                folder, said, ("config", "custom", "logs", "state"), self._home.key
            ),
            "Restoring project registry": lambda: restoration.restore(folder, said, ("projects",), self._home.key),
            "Restoring credentials": lambda: restoration.restore(folder, said, ("credentials",), self._home.key),
            "Validating restoration": lambda: _demand_none(unrestored(manifest)),
        }
        self._steps(steps)
        durable.remove_tree(self._home.folder)
        click.echo(
            "Status: Restored to pre-migration state\nNext: Restart migration with: agent-orch migrate-from-git --guided"
        )
        return 0

    def _repair(self) -> int:
        """What can be read of the damaged file, the rest from the defaults; says what is lost."""
        damaged = self._home.config.read_bytes() if self._home.config.exists() else b""
        kept, dropped = readable_part(damaged)
        merged = {
            **defaults("regenerated"),
            **{k: v for k, v in kept.items() if k in schema.GLOBAL_CONFIG_SCHEMA["properties"]},
        }
        for name in list(merged):
            if _is_wrong(name, merged[name]):
                del merged[name]
        documents.write(self._home.config, {**defaults("regenerated"), **merged})
        self._mend_registry()
        lost = sorted(set(self._known_settings()) - {".".join(path) for path, _ in documents.leaves(merged)})
        click.echo(f"Repaired: {len(kept)} parts kept, {dropped} lines could not be read")
        screens.tree("Settings lost:", lost or ["none"])
        return 0

    def _regenerate(self) -> int:
        documents.write(self._home.config, defaults("regenerated"))
        self._mend_registry()
        click.echo(
            "Regenerated from defaults: set up integrations and agents by hand, then agent-orch health --check-all"
        )
        return 0

    def _mend_registry(self) -> None:
        """A registry that cannot be read is made of the clone's project files again, if the clone is there still."""
        from .conversion import ConfigurationConverter

        try:
            schema.ConfigurationValidator().validate(documents.read(self._home.registry), schema.REGISTRY_SCHEMA)
        except (RefusedError, OSError, ValueError):
            journal = Journal.read(self._home)
            folder = Path(journal.source if journal else "/nowhere") / "projects"
            documents.write(self._home.registry, ConfigurationConverter(self._home).convert_project_registry(folder))

    def _known_settings(self) -> list[str]:
        """The settings that a migration of the clone would give; none when the clone is gone."""
        from .conversion import ConfigurationConverter
        from .legacy import LegacyInstallation

        journal = Journal.read(self._home)
        found = LegacyInstallation(Path(journal.source if journal else "/nowhere"))
        if not found.folder.is_dir():
            return []
        new = ConfigurationConverter(self._home).convert_installation(found.settings(), found.agents())
        return [".".join(path) for path, _ in documents.leaves(new)]

    # ------------------------------------------------------------ half a migration

    def _partial_migration(self) -> int:
        click.echo("Partial Migration Recovery\n")
        journal = Journal.read(self._home)
        if journal is None or journal.complete:
            click.echo("No partial migration found")
            return 0
        screens.tree("Migration progress:", self.progress(journal))
        names = (
            "Resume migration from failure point",
            "Rollback and restart migration",
            "Manual completion of failed steps",
        )
        return (self._resume, self._restart, self._by_hand)[self._chosen(names) - 1](journal)

    def progress(self, journal: Journal) -> list[str]:
        """A line for each of the five stages that people know."""
        lines = []
        for stage, name in STAGES.items():
            state = journal.stages.get(stage, "")
            said = (
                "Complete"
                if state == "done"
                else "Failed"
                if state.startswith("failed")
                else "Incomplete"
                if state
                else "Not started"
            )
            if stage == "register" and state != "done":
                said += f" ({self._registered()})"
            lines.append(f"{name}: {screens.mark(state == 'done') if state else '⚠'} {said}")
        return lines

    def _registered(self) -> str:
        journal = Journal.read(self._home)
        of = len(list((Path(journal.source if journal else "") / "projects").glob("*.yaml")))
        done = documents.read(self._home.registry)["projects"] if self._home.registry.exists() else {}
        return f"{len(done)}/{of}"

    def _resume(self, journal: Journal) -> int:
        click.echo("Resuming migration...")
        wish = Wish(Path(journal.source), self._home, journal.method, self._offline)
        tell = lambda stage, state: click.echo(f"{stage} {screens.GOOD}") if state == "done" else None  # noqa: E731
        Migration(wish, tell).run()
        click.echo(f"Migration resumed successfully {screens.GOOD}")
        return 0

    def _restart(self, journal: Journal) -> int:
        """Back to before it began, then once more from the start."""
        with locked(self._home):
            if Path(journal.backup_path, "manifest.json").exists():
                manifest = BackupManifest.load(Path(journal.backup_path))
                manifest.home = str(self._home.folder)
                result = MigrationRollback(manifest).execute_rollback("full")
                if not result.success:
                    raise RefusedError("not-restored", f"{result.steps[-1].name}: {result.steps[-1].error}; repeat")
                durable.remove_tree(Path(journal.backup_path))
            else:
                durable.remove_tree(self._home.folder)
        return self._resume(journal)

    def _by_hand(self, journal: Journal) -> int:
        open_stages = [name for stage, name in STAGES.items() if not journal.is_done(stage)]
        screens.tree("Left to do by hand:", open_stages)
        return 1

    # ------------------------------------------------------------ an integration

    def _integration_failure(self) -> int:
        screens.title("Integration Recovery")
        asked = integrations.endpoints(documents.read(self._home.config), CredentialStore(self._home).read())
        found = [integrations.connect(each) for each in asked]
        screens.tree(
            "Integrations:",
            [
                f"{integrations.NAMES[c.name]}: {screens.mark(c.works)} {'Working' if c.works else c.detail}"
                for c in found
            ],
        )
        for connection in (each for each in found if not each.works):
            name = integrations.NAMES[connection.name]
            lines = [f"{what}: {screens.mark(good)} {said}" for what, (good, said) in connection.looks.items()]
            screens.tree(f"Troubleshooting {name}...", lines)
            click.echo(f"Issue: {name}: {connection.detail}\nMonitor: {STATES[connection.name]}")
            click.echo(f"Retry command: agent-orch migrate-resume --integration {connection.name}\n")
        return 0 if all(each.works for each in found) else 1

    # ------------------------------------------------------------ shared

    def _chosen(self, names: tuple[str, ...]) -> int:
        screens.tree("Recovery options:", [f"[{number}] {name}" for number, name in enumerate(names, 1)])
        if self._choice is not None:
            return self._choice
        return int(click.prompt("Select recovery option", type=click.IntRange(1, 3), default=1))

    def _steps(self, steps: dict[str, Callable[[], object]]) -> None:
        for name, step in steps.items():
            step()
            click.echo(f"{name} {screens.GOOD}")

    def _manifest(self) -> BackupManifest:
        manifest = BackupManifest.load(find_backup(self._home, None))
        manifest.home = str(self._home.folder)
        return manifest


def config_trouble(home: Home) -> str:
    """What is wrong with the home's two files; empty when nothing is."""
    for path, wanted in ((home.config, schema.GLOBAL_CONFIG_SCHEMA), (home.registry, schema.REGISTRY_SCHEMA)):
        try:
            schema.ConfigurationValidator().validate(documents.read(path), wanted)
        except (RefusedError, ValueError, OSError) as error:
            return f"{path.name}: {error}"
    return ""


def readable_part(content: bytes) -> tuple[dict[str, object], int]:
    """The top-level parts of a damaged file that can be read, each by itself; how many lines could not be."""
    parts: list[list[str]] = []
    for line in content.decode("utf-8", "replace").splitlines():
        if line[:1] not in {"", " ", "-", "#"} or not parts:
            parts.append([])
        parts[-1].append(line)
    kept: dict[str, object] = {}
    dropped = 0
    for part in parts:
        try:
            kept.update(documents.parse("\n".join(part).encode(), "part"))
        except RefusedError:
            dropped += len(part)
    return kept, dropped


def resume_integration(home: Home, name: str) -> str:
    """Tries one integration again; RefusedError when it still fails, else it is no longer pending."""
    with locked(home):
        asked = integrations.endpoints(documents.read(home.config), CredentialStore(home).read())
        endpoint = next((each for each in asked if each.name == name), None)
        if endpoint is None:
            raise RefusedError("no-integration", f"{name}: is not configured; set it up in config.yaml")
        found = integrations.connect(endpoint)
        if not found.works:
            raise RefusedError("integration-fails", f"{name}: {found.detail}; wait, and repeat")
        done = integrations.synchronise(endpoint, documents.read(home.registry)) if name == "discord" else []
        journal = Journal.read(home)
        if journal is not None and name in journal.pending:
            journal.pending.remove(name)
            journal.write(home)
    return f"{name} works again" + (f"; channels of {', '.join(done)} updated" if done else "")


def _is_wrong(name: str, value: object) -> bool:
    known = schema.GLOBAL_CONFIG_SCHEMA["properties"].get(name, {})
    try:
        schema.ConfigurationValidator().validate(value, known)
    except ValueError:
        return True
    return False


def _demand_none(wrong: list[str]) -> None:
    if wrong:
        raise RefusedError("not-restored", f"not as they were: {', '.join(wrong[:5])}")
