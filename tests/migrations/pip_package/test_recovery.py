"""What failed is told, and every way out of it ends where it says: resumed, restored, repaired, or listed."""

import json
from pathlib import Path

import httpx
import pytest
from ruamel.yaml import YAML

from .conftest import Run, Site


def canon(site: Site) -> dict[str, object]:
    from pip_package.tools import canon

    return dict(canon.view(site.home))


def break_at_credentials(site: Site, monkeypatch: pytest.MonkeyPatch, orch: Run) -> None:
    """A migration whose store cannot be written, with one of three projects registered by hand of an earlier try."""
    from agent_workflow.credentials import CredentialStore

    def fail(self: object, secrets: object) -> None:
        from agent_workflow.refusals import RefusedError

        raise RefusedError("bad-credentials", "the store cannot be written")

    with monkeypatch.context() as patch:
        patch.setattr(CredentialStore, "replace", fail)
        done = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    assert (done.code, "recover --issue partial_migration" in done.err) == (1, True)


def test_half_a_migration_is_taken_for_nothing_else(site: Site, orch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    break_at_credentials(site, monkeypatch, orch)
    assert [orch(word, "--home", site.home).code for word in ("status", "health")] == [1, 1]


def test_the_progress_shows_five_stages(site: Site, orch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    break_at_credentials(site, monkeypatch, orch)
    said = orch("recover", "--issue", "partial_migration", "--choice", "3", "--offline", "--home", site.home)
    lines = [line[4:] for line in said.out.splitlines() if line.startswith(("├── ", "└── "))]
    assert lines[:5] == [
        "Backup creation: ✓ Complete",
        "Configuration conversion: ✓ Complete",
        "Credential migration: ✗ Failed",
        "Project registration: ⚠ Not started (0/3)",
        "Validation: ⚠ Not started",
    ]
    assert lines[-3:] == ["Credential migration", "Project registration", "Validation"]
    assert said.code == 1


@pytest.mark.parametrize("choice", [1, 2], ids=["resume", "restart"])
def test_both_ways_end_as_an_undisturbed_migration(
    site: Site, make: object, orch: Run, monkeypatch: pytest.MonkeyPatch, choice: int
) -> None:
    clean = make(name="clean")
    assert orch("migrate-from-git", clean.clone, "--automated", "--offline", "--home", clean.home).code == 0
    before = site.tree()
    break_at_credentials(site, monkeypatch, orch)
    done = orch("recover", "--issue", "partial_migration", "--choice", choice, "--offline", "--home", site.home)
    assert (done.code, done.err) == (0, "")
    assert canon(site) == canon(clean)
    assert site.tree() == before


def test_nothing_to_recover_is_said(moved: Site, orch: Run) -> None:
    said = [
        orch("recover", "--issue", issue, "--home", moved.home) for issue in ("partial_migration", "config_corruption")
    ]
    assert [each.code for each in said] == [0, 0]
    assert "No partial migration" in said[0].out
    assert "No corruption" in said[1].out


def damage(site: Site) -> None:
    path = site.home / "config.yaml"
    path.write_text(path.read_text().replace("discord:\n  enabled: true", "discord: {enabled: [\n  true"))


def test_corruption_is_restored_to_what_was(moved: Site, orch: Run) -> None:
    before = moved.tree(program=False)
    damage(moved)
    assert orch("health", "--home", moved.home).code == 1
    done = orch("recover", "--issue", "config_corruption", "--choice", "1", "--home", moved.home)
    steps = [line.removesuffix(" ✓") for line in done.out.splitlines() if line.endswith("✓")]
    assert steps == [
        "Stopping current services", "Restoring configuration", "Restoring project registry",
        "Restoring credentials", "Validating restoration",
    ]  # fmt: skip
    assert (done.code, moved.home.exists(), moved.tree(program=False)) == (0, False, before)


def test_corruption_is_repaired_as_far_as_it_can_be_read_and_the_rest_is_told(moved: Site, orch: Run) -> None:
    damage(moved)
    done = orch("recover", "--issue", "config_corruption", "--choice", "2", "--home", moved.home)
    config = YAML(typ="safe").load(moved.home / "config.yaml")
    assert (done.code, config["global"]["log_level"], "discord" in config) == (0, "INFO", False)
    assert "── discord.guild_id" in done.out
    assert "── global.log_level" not in done.out
    assert orch("health", "--home", moved.home).code == 0


@pytest.mark.parametrize("name", ["config.yaml", "registry.yaml"])
def test_corruption_is_replaced_by_the_defaults(moved: Site, orch: Run, name: str) -> None:
    (moved.home / name).write_bytes(b"\xff\xfe{")
    assert orch("recover", "--issue", "config_corruption", "--choice", "3", "--home", moved.home).code == 0
    assert orch("health", "--home", moved.home).code == 0


# ---------------------------------------------------------------- integrations


@pytest.fixture
def connected(site: Site, standins: object, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The sample, with stand-ins for its integrations."""
    monkeypatch.setenv("AGENT_WORKFLOW_INTEGRATIONS", standins.url)
    monkeypatch.setattr("agent_workflow.integrations.TIMEOUT_S", 2.0)
    return site


def set_mode(standins: object, mode: str) -> None:
    httpx.put(f"{standins.url}/admin/discord", json={"mode": mode}, trust_env=False)


def test_with_integrations_all_eight_checks_pass_and_channels_are_told(
    connected: Site, orch: Run, standins: object
) -> None:
    from agent_workflow.backup import BackupManifest
    from agent_workflow.validation import CHECKS, MigrationValidator

    assert orch("migrate-from-git", connected.clone, "--automated", "--home", connected.home).code == 0
    topics = [call["body"]["topic"] for call in standins.calls if call["method"] == "PATCH"]
    assert sorted(topics) == ["project api-service", "project data-pipeline", "project my-webapp"]
    validator = MigrationValidator(BackupManifest.load(connected.backup))
    report = validator.validate_migration(connected.clone, connected.home / "config.yaml")
    assert (report.passed, tuple(report.checks)) == (True, CHECKS)
    assert orch("health", "--check-all", "--home", connected.home).code == 0


LOOKS = {
    "degraded": "API status",
    "bad-token": "token validation",
    "no-permission": "guild permissions",
}


@pytest.mark.parametrize("mode", ["degraded", "bad-token", "no-permission", "down"])
def test_an_integration_that_fails_is_resumed_when_it_is_back(
    connected: Site, orch: Run, standins: object, mode: str
) -> None:
    set_mode(standins, mode)
    home = ("--home", connected.home)
    done = orch("migrate-from-git", connected.clone, "--automated", *home)
    assert (done.code, "Retry: agent-orch migrate-resume --integration discord" in done.out) == (0, True)
    told = orch("recover", "--issue", "integration_failure", *home)
    assert told.code == 1
    assert [line for line in told.out.splitlines() if "✗" in line and LOOKS.get(mode, "network connectivity") in line]
    assert told.out.count("Working") == 2
    assert orch("migrate-resume", "--integration", "discord", *home).code == 1
    assert orch("health", "--check-all", *home).code == 1
    set_mode(standins, "ok")
    assert orch("migrate-resume", "--integration", "discord", *home).code == 0
    assert json.loads((connected.home / "migration.json").read_bytes())["pending"] == []


def test_the_orchestrator_starts_answers_in_discord_and_stops(connected: Site, orch: Run, standins: object) -> None:
    orch("migrate-from-git", connected.clone, "--automated", "--home", connected.home)
    registry = YAML(typ="safe").load(connected.home / "registry.yaml")["projects"]
    for name, project in registry.items():
        standins.messages[project["discord_channel"]["id"]] = [{"id": f"m-{name}", "content": "/status"}]
    started = orch("start", "--discord", "--home", connected.home)
    assert started.code == 0, started.err
    try:
        assert "running" in orch("status", "--home", connected.home).out
    finally:
        assert orch("stop", "--home", connected.home).out == "stopped\n"
    said = {call["body"]["content"].split(":")[0] for call in standins.calls if call["method"] == "POST"}
    assert said == set(registry)


def test_without_discord_it_does_not_start(connected: Site, orch: Run, standins: object) -> None:
    orch("migrate-from-git", connected.clone, "--automated", "--offline", "--home", connected.home)
    set_mode(standins, "down")
    assert orch("start", "--discord", "--once", "--home", connected.home).code == 1


def test_no_pid_of_somebody_else_is_stopped(moved: Site, orch: Run) -> None:
    (moved.home / "orchestrator.pid").write_text("1")
    assert orch("stop", "--home", moved.home).out == "was not running\n"
    assert not Path(moved.home / "orchestrator.pid").exists()
