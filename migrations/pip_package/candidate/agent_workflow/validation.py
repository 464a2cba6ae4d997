"""Eight checks that a home holds everything of the clone; reads both, and shares no rule with the conversion."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import documents, durable, integrations, schema
from .backup import BackupManifest
from .credentials import CredentialStore
from .legacy import LegacyInstallation
from .places import Home
from .refusals import RefusedError

CHECKS = (
    "config_syntax",
    "config_completeness",
    "project_discovery",
    "state_preservation",
    "credential_migration",
    "integration_connectivity",
    "command_functionality",
    "agent_permissions",
)
# Where a setting of orchestrator.yaml is to be found; what is not named here is under legacy_extra as it was.
PLACES = {
    "orchestrator.default_mode": "global.default_mode",
    "orchestrator.log_level": "global.log_level",
    "orchestrator.max_projects": "global.max_concurrent_projects",
    "ai.provider": "ai_provider.name",
    "ai.model": "ai_provider.model",
    "ai.max_tokens": "ai_provider.max_tokens",
    "ai.temperature": "ai_provider.temperature",
    "ai.base_url": "ai_provider.base_url",
    "ai.api_key_env": "ai_provider.credential",
    "discord.enabled": "discord.enabled",
    "discord.guild_id": "discord.guild_id",
    "discord.command_prefix": "discord.command_prefix",
    "discord.api_base": "discord.api_base",
    "discord.bot_token_env": "discord.credential",
}
PROJECT_PLACES = {
    "mode": "default_mode",
    "branch": "branch",
    "agents": "agents",
    "priority": "priority",
    "discord.channel_id": "discord_channel.id",
    "discord.channel_name": "discord_channel.name",
}


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What one check found."""

    passed: bool
    message: str
    error: str | None = None


@dataclass
class ValidationReport:
    """What all checks found, by name."""

    checks: dict[str, ValidationResult] = field(default_factory=dict)

    def add_check(self, name: str, result: ValidationResult) -> None:
        """Notes one."""
        self.checks[name] = result

    @property
    def passed(self) -> bool:
        """Whether all eight are there and passed."""
        return set(self.checks) == set(CHECKS) and all(each.passed for each in self.checks.values())

    def failures(self, *, but: tuple[str, ...] = ()) -> dict[str, str]:
        """The message of every check that did not pass."""
        return {name: each.message for name, each in self.checks.items() if not each.passed and name not in but}


class MigrationValidator:
    """Compares a home with the clone that it was made of; the manifest tells how the state was before."""

    def __init__(self, manifest: BackupManifest | None = None, *, offline: bool = False) -> None:
        self._manifest = manifest
        self._offline = offline

    def validate_migration(self, source_path: Path, target_config: Path) -> ValidationReport:
        """All eight checks; a check that cannot be made has not passed."""
        found, home = LegacyInstallation(source_path), Home(target_config.parent)
        report = ValidationReport()
        checks: dict[str, Callable[[], str]] = {
            "config_syntax": lambda: self._config_syntax(home),
            "config_completeness": lambda: self._config_completeness(found, home),
            "project_discovery": lambda: self._project_discovery(found, home),
            "state_preservation": lambda: self._state_preservation(found),
            "credential_migration": lambda: self._credential_migration(found, home),
            "integration_connectivity": lambda: self._integration_connectivity(home),
            "command_functionality": self._command_functionality,
            "agent_permissions": lambda: self._agent_permissions(found, home),
        }
        for name, check in checks.items():
            report.add_check(name, _checked(check))
        return report

    def _config_syntax(self, home: Home) -> str:
        schema.ConfigurationValidator().validate(documents.read(home.config), schema.GLOBAL_CONFIG_SCHEMA)
        schema.ConfigurationValidator().validate(documents.read(home.registry), schema.REGISTRY_SCHEMA)
        return "configuration and registry are valid"

    def _config_completeness(self, found: LegacyInstallation, home: Home) -> str:
        config, count, lost = documents.read(home.config), 0, []
        for name, settings in found.settings().items():
            for path, value in documents.leaves(settings):
                count += 1
                if not _same(_setting(config, name, path), value):
                    lost.append(f"{name} {'.'.join(path)}")
        for name, agent in found.agents().items():
            for path, value in documents.leaves(agent):
                count += 1
                if not _same(_at(config, ("agents", name, *path)), value):
                    lost.append(f"agent {name} {'.'.join(path)}")
        projects = documents.read(home.registry).get("projects", {})
        for file in found.project_files:
            for path, value in documents.leaves(documents.read(file)):
                count += 1
                entry = projects.get(file.stem, {})
                if path != ("path",) and not _same(_project_setting(entry, path), value):
                    lost.append(f"projects/{file.name} {'.'.join(path)}")
        _demand(not lost, f"{len(lost)} of {count} settings lost or changed: {', '.join(lost[:10])}")
        return f"all {count} settings are there"

    def _project_discovery(self, found: LegacyInstallation, home: Home) -> str:
        entries = documents.read(home.registry).get("projects", {})
        wanted = {name: str(folder) for name, folder in found.projects().items()}
        there = {name: str(home.expand(entry["path"])) for name, entry in entries.items()}
        wrong = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
        _demand(not wrong, f"projects missing, unknown or elsewhere: {', '.join(wrong)}")
        gone = sorted(name for name, folder in there.items() if not Path(folder).is_dir())
        _demand(not gone, f"folders of projects are missing: {', '.join(gone)}")
        return f"{len(there)} projects registered"

    def _state_preservation(self, found: LegacyInstallation) -> str:
        if self._manifest is None:
            raise ValueError("there is no backup whose manifest tells how the state was")
        wanted = {e["original_path"]: e for e in self._manifest.files if e["category"] == "state"}
        there = {str(item.path): item for item in found.inventory() if item.category == "state"}
        wrong = sorted({*wanted} ^ {*there})
        for path in sorted({*wanted} & {*there}):
            if there[path].kind != wanted[path]["kind"] or (
                there[path].kind == "file" and durable.digest(Path(path).read_bytes()) != wanted[path]["sha256"]
            ):
                wrong.append(path)
        _demand(not wrong, f"state differs from the backup's: {', '.join(wrong[:5])}")
        return f"{len(wanted)} files of state are as they were"

    def _credential_migration(self, found: LegacyInstallation, home: Home) -> str:
        wanted, there = found.credentials(), CredentialStore(home).read()
        wrong = sorted(name for name, secret in wanted.items() if there.get(name) != secret)
        _demand(not wrong, f"credentials missing or other: {', '.join(wrong)}")
        open_files = [path for path in home.folder.rglob("*") if path.is_file() and _holds(path, wanted)]
        _demand(not open_files, f"secrets stand open in {', '.join(path.name for path in open_files)}")
        return f"{len(wanted)} credentials encrypted and readable"

    def _integration_connectivity(self, home: Home) -> str:
        asked = integrations.endpoints(documents.read(home.config), CredentialStore(home).read())
        _demand(not (self._offline and asked), "not tested, because --offline was asked for")
        failed = [f"{each.name}: {each.detail}" for each in map(integrations.connect, asked) if not each.works]
        _demand(not failed, "; ".join(failed))
        return f"{len(asked)} integrations answer" if asked else "no integrations configured"

    def _command_functionality(self) -> str:
        from .cli import broken_commands, command_names

        broken = broken_commands()
        _demand(not broken, f"commands do not work: {', '.join(broken)}")
        return f"{len(command_names())} commands work"

    def _agent_permissions(self, found: LegacyInstallation, home: Home) -> str:
        agents = documents.read(home.config).get("agents", {})
        there = {name: sorted(agent["permissions"]) for name, agent in agents.items()}
        wanted = {name: sorted(agent["permissions"]) for name, agent in found.agents().items()}
        wrong = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
        _demand(not wrong, f"agents with other permissions: {', '.join(wrong)}")
        unknown = sorted({word for words in there.values() for word in words} - schema.PERMISSIONS)
        _demand(not unknown, f"permissions that nobody knows: {', '.join(unknown)}")
        return f"{len(there)} agents have their permissions"


def _setting(config: dict[str, Any], file: str, path: tuple[str, ...]) -> Any:
    if file == "orchestrator.yaml" and ".".join(path) in PLACES:
        return _at(config, tuple(PLACES[".".join(path)].split(".")))
    if file == "discord-config.yaml" and path[0] == "channels":
        return _at(config, ("discord", *path))
    return _at(config, ("legacy_extra", file, *path))


def _project_setting(entry: dict[str, Any], path: tuple[str, ...]) -> Any:
    known = PROJECT_PLACES.get(".".join(path))
    return _at(entry, tuple(known.split(".")) if known else ("legacy_extra", *path))


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        names = {str(key): key for key in value} if isinstance(value, dict) else {}
        if name not in names:
            return KeyError
        value = value[names[name]]
    return value


def _same(found: Any, wanted: Any) -> bool:
    """Equal, and of one type: 1 is not true, and 1.0 is not 1."""
    return type(found) is type(wanted) and bool(found == wanted)


def _holds(path: Path, secrets: dict[str, str]) -> bool:
    content = path.read_bytes()
    return any(len(secret) >= 8 and secret.encode() in content for secret in secrets.values())


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _checked(check: Callable[[], str]) -> ValidationResult:
    try:
        return ValidationResult(True, check())
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RefusedError) as error:
        said = str(error) or type(error).__name__
        return ValidationResult(False, said, said)
