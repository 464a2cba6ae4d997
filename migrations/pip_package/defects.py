"""Defects of conversion, credentials, validation and running that can be seeded, each as a patch at start."""

import importlib
import json
from collections.abc import Callable
from typing import Any

from plumbing.defects import DefectTable, Patch

DEFECTS = DefectTable()


def _module(name: str) -> Any:
    """A module of the package, to be patched."""
    return importlib.import_module(f"agent_workflow.{name}")


def _defect(name: str, sentence: str) -> Callable[[Patch], Patch]:
    return DEFECTS.defect(name, part="candidate", sentence=sentence)


def _change_config(change: Any) -> None:
    """What the conversion gives is changed before it is written, and no check of the package's own is asked about it."""
    kind = _module("conversion").ConfigurationConverter
    whole = kind.convert_installation

    def convert(self: Any, settings: Any, agents: Any) -> Any:
        new = whole(self, settings, agents)
        change(new)
        return new

    kind.convert_installation = convert
    _blind("_config_completeness")
    _blind("_agent_permissions")


def _change_project(change: Any) -> None:
    kind = _module("conversion").ConfigurationConverter
    whole = kind.convert_project

    def convert(self: Any, path: Any, clone: Any = None) -> Any:
        entry = whole(self, path, clone)
        change(path.stem, entry)
        return entry

    kind.convert_project = convert
    _blind("_config_completeness")
    _blind("_project_discovery")


def _blind(check: str) -> None:
    """One check of the validator sees nothing, so that the defect is not refused by the package itself."""
    setattr(_module("validation").MigrationValidator, check, lambda self, *places: "looked away")


# ---------------------------------------------------------------- conversion


@_defect("extra-keys-vanish", "Settings without a place of their own are dropped.")
def _extra_keys_vanish() -> None:
    _change_config(lambda new: new.pop("legacy_extra", None))


@_defect("log-level-default", "The log level is always the default.")
def _log_level_default() -> None:
    _change_config(lambda new: new.get("global", {}).update(log_level="WARNING"))


@_defect("max-projects-default", "The limit of projects is always the default.")
def _max_projects_default() -> None:
    _change_config(lambda new: new.get("global", {}).update(max_concurrent_projects=5))


@_defect("mode-autonomous", "Every installation becomes autonomous.")
def _mode_autonomous() -> None:
    _change_config(lambda new: new.get("global", {}).update(default_mode="autonomous"))


@_defect("temperature-as-text", "A number of the provider becomes text.")
def _temperature_as_text() -> None:
    _change_config(lambda new: new.get("ai_provider", {}).update(temperature="0.2"))


@_defect("guild-as-number", "Discord's guild loses its last digits, as a number would.")
def _guild_as_number() -> None:
    def change(new: Any) -> None:
        if "guild_id" in new.get("discord", {}):
            new["discord"]["guild_id"] = str(int(float(new["discord"]["guild_id"])))[:-3] + "000"

    _change_config(change)


@_defect("umlauts-lost", "Letters beyond ASCII become question marks.")
def _umlauts_lost() -> None:
    documents = _module("documents")
    whole = documents.text
    documents.text = lambda value: whole(value).decode().encode("ascii", "replace")
    _blind("_config_completeness")
    _blind("_project_discovery")


@_defect("channels-swapped", "Every project gets the Discord channel of the first.")
def _channels_swapped() -> None:
    first: dict[str, Any] = {}

    def change(_: str, entry: Any) -> None:
        if "discord_channel" in entry:
            entry["discord_channel"]["id"] = first.setdefault("id", entry["discord_channel"]["id"])

    _change_project(change)


@_defect("project-mode-lost", "The mode of a project is dropped.")
def _project_mode_lost() -> None:
    _change_project(lambda name, entry: entry.pop("default_mode", None))


@_defect("project-elsewhere", "A project's folder is taken for the clone's own.")
def _project_elsewhere() -> None:
    _change_project(lambda name, entry: entry.update(path=f"~/old-agent-workflow/{name}"))


@_defect("last-project-lost", "The last project is not registered.")
def _last_project_lost() -> None:
    legacy = _module("legacy").LegacyInstallation
    migration = _module("migration").Migration
    whole, files = migration._register, legacy.project_files.fget  # noqa: SLF001

    def register(self: Any, journal: Any) -> None:
        legacy.project_files = property(lambda found: files(found)[:-1])
        whole(self, journal)
        legacy.project_files = property(files)

    migration._register = register  # noqa: SLF001
    _blind("_config_completeness")
    _blind("_project_discovery")


@_defect("fixed-installation-id", "Every installation gets the same id.")
def _fixed_installation_id() -> None:
    _module("journal").uuid.uuid4 = lambda: "00000000-0000-4000-8000-000000000000"


@_defect("permissions-widened", "Every agent may deploy.")
def _permissions_widened() -> None:
    def change(new: Any) -> None:
        for agent in new["agents"].values():
            agent["permissions"] = [*agent["permissions"], "deploy"]

    _change_config(change)


@_defect("custom-agents-lost", "Agents of the user's own are left behind.")
def _custom_agents_lost() -> None:
    legacy = _module("legacy").LegacyInstallation
    whole = legacy.agents

    def agents(self: Any) -> Any:
        own = {path.stem.removeprefix("agent-") for path in self.agent_files}
        return {name: agent for name, agent in whole(self).items() if name not in own}

    legacy.agents = agents


# ---------------------------------------------------------------- credentials and permissions


@_defect("plain-credentials", "The store of credentials is not encrypted.")
def _plain_credentials() -> None:
    store, durable = _module("credentials").CredentialStore, _module("durable")

    def replace(self: Any, secrets: Any) -> None:
        _module("credentials").make_key(self._home)
        durable.write_json(self._home.credentials, secrets)

    store.replace = replace
    store.read = lambda self: json.loads(self._home.credentials.read_bytes())
    _blind("_credential_migration")


@_defect("key-in-the-backup", "The key lies in the backup beside what it opens.")
def _key_in_the_backup() -> None:
    backup, durable = _module("backup"), _module("durable")
    whole = backup.MigrationBackup._fill  # noqa: SLF001

    def fill(self: Any, folder: Any, found: Any, manifest: Any) -> None:
        whole(self, folder, found, manifest)
        durable.write(folder / "credentials/credentials.key", self._home.key.read_bytes())

    backup.MigrationBackup._fill = fill  # noqa: SLF001
    restoration = _module("restoration")
    restoration.OWN_FILES = (*restoration.OWN_FILES, "credentials/credentials.key")


@_defect("open-store", "Others may read the store of credentials.")
def _open_store() -> None:
    _written_with("credentials.enc", 0o644)
    _module("credentials").OPEN_TO_OTHERS = 0
    _module("cli_operation").OPEN_TO_OTHERS = 0


@_defect("open-key", "Others may read the key.")
def _open_key() -> None:
    _written_with("credentials.key", 0o644)
    _module("credentials").OPEN_TO_OTHERS = 0
    _module("cli_operation").OPEN_TO_OTHERS = 0


@_defect("open-config", "Others may read configuration and registry.")
def _open_config() -> None:
    _written_with(".yaml", 0o666)
    _module("cli_operation").OPEN_TO_OTHERS = 0


def _written_with(ending: str, mode: int) -> None:
    durable = _module("durable")
    whole = durable.write_unnamed

    def write(path: Any, content: bytes, wanted: int = 0o600) -> None:
        whole(path, content, mode if path.name.endswith(ending) else wanted)

    durable.write_unnamed = write


@_defect("custom-keys-lost", "Secrets with names of the user's own are left behind.")
def _custom_keys_lost() -> None:
    store = _module("credentials").CredentialStore
    whole = store.replace
    known = ("CLAUDE_API_KEY", "DISCORD_BOT_TOKEN", "GITHUB_TOKEN")
    store.replace = lambda self, secrets: whole(self, {name: secrets[name] for name in known if name in secrets})
    _blind("_credential_migration")


@_defect("secret-cut-off", "A secret is cut off after 32 characters.")
def _secret_cut_off() -> None:
    store = _module("credentials").CredentialStore
    whole = store.replace
    store.replace = lambda self, secrets: whole(self, {name: secret[:32] for name, secret in secrets.items()})
    _blind("_credential_migration")


@_defect("secret-in-the-log", "The log of the migration tells the secrets.")
def _secret_in_the_log() -> None:
    logbook, legacy = _module("logbook").Logbook, _module("legacy").LegacyInstallation
    whole, seen = legacy.credentials, dict[str, str]()
    legacy.credentials = lambda self: (seen.update(whole(self)), whole(self))[1]
    note = logbook.note
    logbook.note = lambda self, what, said: note(self, what, f"{said} {seen}")
    _blind("_credential_migration")


@_defect("env-moved-away", "The clone's .env is removed once its secrets are stored.")
def _env_moved_away() -> None:
    migration = _module("migration").Migration
    whole = migration._complete  # noqa: SLF001

    def complete(self: Any, journal: Any) -> None:
        (self._found.folder / ".env").unlink(missing_ok=True)
        whole(self, journal)

    migration._complete = complete  # noqa: SLF001


# ---------------------------------------------------------------- state, validation, running


@_defect("state-touched", "Registering a project notes that in its state.")
def _state_touched() -> None:
    migration = _module("migration").Migration
    whole = migration._complete  # noqa: SLF001

    def complete(self: Any, journal: Any) -> None:
        for folder in self._found.projects().values():
            (folder / ".orch-state/migrated").write_text("1.0.0", encoding="utf-8")
        whole(self, journal)

    migration._complete = complete  # noqa: SLF001


@_defect("state-reformatted", "States are written again, keys in another order.")
def _state_reformatted() -> None:
    migration = _module("migration").Migration
    whole = migration._complete  # noqa: SLF001

    def complete(self: Any, journal: Any) -> None:
        for folder in self._found.projects().values():
            path = folder / ".orch-state/state.json"
            path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1, sort_keys=True), encoding="utf-8")
        whole(self, journal)

    migration._complete = complete  # noqa: SLF001


@_defect("seven-checks", "The validation leaves out agents' permissions.")
def _seven_checks() -> None:
    kind = _module("validation").ValidationReport
    whole = kind.add_check
    kind.add_check = lambda self, name, result: None if name == "agent_permissions" else whole(self, name, result)


@_defect("validation-nods", "Every check of the validation passes.")
def _validation_nods() -> None:
    validation = _module("validation")
    validation._checked = lambda check: validation.ValidationResult(True, "good")  # noqa: SLF001


@_defect("health-nods", "Health finds everything well.")
def _health_nods() -> None:
    _module("cli_operation").local_checks = lambda home: [("installation", True, "complete")]


@_defect("twice-starts-anew", "A second migration into the same home starts anew, with another id.")
def _twice_starts_anew() -> None:
    migration, journal = _module("migration"), _module("journal").Journal
    whole = journal.read
    journal.read = classmethod(lambda kind, home: None if (j := whole(home)) is None or j.complete else j)
    migration.demand_new = lambda home: None


@_defect("error-is-zero", "A refused command ends with exit code 0.")
def _error_is_zero() -> None:
    import sys as system

    cli = _module("cli")
    plain = system.exit

    class Sys:
        exit = staticmethod(lambda code: plain(0 if code == 1 else code))

    cli.sys = Sys


@_defect("wrong-segment", "Somebody with exactly twelve months counts as intermediate.")
def _wrong_segment() -> None:
    assessment = _module("assessment")
    whole = assessment.months_between
    assessment.months_between = lambda start, end: whole(start, end) - 1


@_defect("old-version-accepted", "A clone of any version is moved.")
def _old_version_accepted() -> None:
    _module("migration").demand_compatible = lambda found: None


@_defect("counts-no-failure", "A migration that fails is not counted as failed.")
def _counts_no_failure() -> None:
    kind = _module("metrics").MigrationMetrics
    whole = kind.record_migration_result
    kind.record_migration_result = lambda self, success, duration, reason=None: (
        whole(self, success, duration, reason) if success else None
    )
