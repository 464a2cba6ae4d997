"""Each of the eight checks passes on what is right and fails on what it is for, and only that one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from .conftest import Site


def validate(site: Site, *, offline: bool = True) -> Any:
    from agent_workflow.backup import BackupManifest
    from agent_workflow.validation import MigrationValidator

    validator = MigrationValidator(BackupManifest.load(site.backup), offline=offline)
    return validator.validate_migration(site.clone, site.home / "config.yaml")


def edit(path: Path, change: Callable[[Any], object]) -> None:
    yaml = YAML(typ="safe")
    value = yaml.load(path)
    change(value)
    with path.open("w") as file:
        yaml.dump(value, file)


def config(site: Site, change: Callable[[Any], object]) -> None:
    edit(site.home / "config.yaml", change)


def registry(site: Site, change: Callable[[Any], object]) -> None:
    edit(site.home / "registry.yaml", change)


def webapp(site: Site, change: Callable[[Any], object]) -> None:
    registry(site, lambda new: change(new["projects"]["my-webapp"]))


def store(site: Site, change: Callable[[dict[str, str]], object]) -> None:
    from agent_workflow.credentials import CredentialStore
    from agent_workflow.places import Home

    kept = CredentialStore(Home(site.home))
    secrets = kept.read()
    change(secrets)
    kept.replace(secrets)


def secret_of(site: Site) -> str:
    return (site.clone / ".env").read_text().split("CLAUDE_API_KEY=")[1].split()[0]


SPOILED: dict[str, tuple[str, Callable[[Site], object]]] = {
    "no-yaml": ("config_syntax", lambda site: (site.home / "registry.yaml").write_text("a: [")),
    "wrong-version": ("config_syntax", lambda site: config(site, lambda new: new.update(version="2.0"))),
    "id-no-uuid": ("config_syntax", lambda site: config(site, lambda new: new["installation"].update(id="7"))),
    "extra-lost": ("config_completeness", lambda site: config(site, lambda new: new["legacy_extra"].pop("config/limits.yaml"))),
    "number-as-text": ("config_completeness", lambda site: config(site, lambda new: new["ai_provider"].update(temperature="0.2"))),
    "one-as-true": ("config_completeness", lambda site: webapp(site, lambda new: new.update(priority=True))),
    "channel-lost": ("config_completeness", lambda site: webapp(site, lambda new: new.pop("discord_channel"))),
    "project-unknown": ("project_discovery", lambda site: registry(site, lambda new: new["projects"].update(x={"path": "~/code/x"}))),
    "project-elsewhere": ("project_discovery", lambda site: webapp(site, lambda new: new.update(path="~/x"))),
    "state-altered": ("state_preservation", lambda site: (site.code / "my-webapp/.orch-state/history.jsonl").write_text("")),
    "state-gone": ("state_preservation", lambda site: (site.code / "my-webapp/.orch-state/history.jsonl").unlink()),
    "state-more": ("state_preservation", lambda site: (site.code / "my-webapp/.orch-state/new").write_text("")),
    "credential-lost": ("credential_migration", lambda site: store(site, lambda secrets: secrets.pop("WEBHOOK_SECRET"))),
    "credential-other": ("credential_migration", lambda site: store(site, lambda secrets: secrets.update(GITHUB_TOKEN="x"))),
    "credential-open": ("credential_migration", lambda site: (site.home / "logs/x.log").write_text(secret_of(site))),
    "permission-more": (
        "agent_permissions",
        lambda site: config(site, lambda new: new["agents"].update(new={"permissions": ["read"]})),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_each_fault_is_found_by_its_check_alone(moved: Site, name: str) -> None:
    check, spoil = SPOILED[name]
    spoil(moved)
    failed = set(validate(moved).failures(but=("integration_connectivity",)))
    beside = {"config_completeness", "project_discovery"} if name == "no-yaml" else set()
    assert failed - beside == {check} - beside


def test_a_migration_has_seven_passed_and_the_untested_eighth(moved: Site) -> None:
    report = validate(moved)
    assert set(report.failures()) == {"integration_connectivity"}
    assert report.checks["integration_connectivity"].message == "not tested, because --offline was asked for"
    assert not report.passed


def test_integrations_that_nobody_answers_for_fail(moved: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_WORKFLOW_INTEGRATIONS", "http://127.0.0.1:9")
    assert set(validate(moved, offline=False).failures()) == {"integration_connectivity"}


def test_a_command_that_does_not_work_is_found(moved: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent_workflow.cli import command_names, group

    assert "status" in command_names()
    monkeypatch.setattr(group.commands["status"], "callback", None)
    monkeypatch.setattr("agent_workflow.cli.load", lambda: None)
    assert set(validate(moved).failures()) == {"command_functionality", "integration_connectivity"}


def test_without_a_manifest_the_state_is_not_taken_for_preserved(moved: Site) -> None:
    from agent_workflow.validation import MigrationValidator

    report = MigrationValidator(offline=True).validate_migration(moved.clone, moved.home / "config.yaml")
    assert "state_preservation" in report.failures()


def test_what_is_absent_is_not_converted_and_gets_its_default() -> None:
    from agent_workflow.conversion import ConfigurationConverter

    new = ConfigurationConverter().convert_global_config({})
    assert set(new) == {"version", "created", "installation"}
    given = ConfigurationConverter().convert_global_config({"orchestrator": {}, "ai": {}, "discord": {}})
    assert given["global"] == {
        "user_profile": "solo-engineer",
        "default_mode": "blocking",
        "log_level": "INFO",
        "max_concurrent_projects": 5,
    }
    assert (given["ai_provider"], given["discord"]) == ({}, {})
    assert new["installation"]["id"] != given["installation"]["id"]


@pytest.mark.parametrize("seed", range(6))
def test_any_installation_can_be_moved_and_taken_back(tmp_path: Path, seed: int) -> None:
    from agent_workflow.backup import BackupManifest
    from agent_workflow.migration import Migration, Wish
    from agent_workflow.places import Home
    from agent_workflow.rollback import MigrationRollback

    from pip_package.tools import sample

    site = Site(tmp_path)
    sample.make(tmp_path, seed, "generated")
    before = site.tree()
    wish = Wish(site.clone, Home(site.home), "automated", True)
    journal = Migration(wish, lambda stage, state: None).run()
    assert (journal.complete, site.tree()) == (True, before)
    for path in site.code.glob("*/.orch-state/state.json"):
        path.write_text("{}")
    assert MigrationRollback(BackupManifest.load(Path(journal.backup_path))).execute_rollback().success
    assert site.tree() == before
