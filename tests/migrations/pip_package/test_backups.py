"""A backup holds everything, notices every kind of damage, and restores whole or in part."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Run, Site


def manifest_of(site: Site) -> dict[str, object]:
    return dict(json.loads((site.backup / "manifest.json").read_bytes()))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def tell_again(site: Site, change: Callable[[dict[str, object]], None]) -> None:
    """The manifest changed by somebody who knows its checksum."""
    import hashlib

    said = manifest_of(site)
    change(said)
    content = json.dumps(said, indent=2).encode()
    (site.backup / "manifest.json").write_bytes(content)
    (site.backup / "manifest.sha256").write_text(hashlib.sha256(content).hexdigest())


def break_state(site: Site) -> None:
    """A task is gone, and everything else agrees with that."""
    gone = next(site.backup.glob("state/my-webapp/tasks/*.json"))
    name = gone.relative_to(site.backup).as_posix()
    gone.unlink()
    tell_again(site, lambda said: said.update(files=[each for each in said["files"] if each["path"] != name]))


def open_secret(site: Site) -> None:
    """The credentials stand open, and the manifest agrees."""
    import hashlib

    plain = (site.clone / ".env").read_bytes()
    (site.backup / "credentials/.env").write_bytes(plain)

    def agree(said: dict[str, object]) -> None:
        entry = next(each for each in said["files"] if each["path"] == "credentials/.env")
        entry.update(stored_sha256=hashlib.sha256(plain).hexdigest(), encrypted=False)

    tell_again(site, agree)


DAMAGES = {
    "checksums": lambda site: flip(site.backup / "config/orchestrator.yaml"),
    "required files": lambda site: (site.backup / "projects/my-webapp.yaml").unlink(),
    "project states": break_state,
    "credential encryption": open_secret,
}


@pytest.mark.parametrize("check", DAMAGES)
def test_each_check_notices_its_damage(moved: Site, orch: Run, check: str) -> None:
    DAMAGES[check](moved)
    done = orch("verify-backup", moved.backup, "--home", moved.home)
    assert done.code == 1
    assert [line for line in done.out.splitlines() if line.startswith(("├── ✗", "└── ✗")) and check in line]


@pytest.mark.parametrize(
    "harm",
    [
        lambda backup: flip(backup / "manifest.json"),
        lambda backup: (backup / "manifest.json").write_bytes((backup / "manifest.json").read_bytes()[:500]),
        lambda backup: (backup / "manifest.sha256").unlink(),
        lambda backup: (backup / "logs/foreign.log").write_text("not mine"),
        lambda backup: (backup / "restore.py").unlink(),
        lambda backup: flip(backup / "credentials/.env"),
    ],
    ids=[
        "manifest-flipped",
        "manifest-truncated",
        "checksum-gone",
        "foreign-file",
        "script-gone",
        "credentials-flipped",
    ],
)
def test_nothing_is_rolled_back_to_a_damaged_backup(moved: Site, orch: Run, harm: Callable[[Path], None]) -> None:
    before = moved.tree()
    harm(moved.backup)
    done = orch("restore-migration-backup", moved.backup, "--home", moved.home)
    assert done.code == 1
    assert "bad-backup" in done.err or "no-backup" in done.err
    assert (moved.home.is_dir(), moved.tree()) == (True, before)


def test_another_key_is_noticed(moved: Site, orch: Run) -> None:
    from cryptography.fernet import Fernet

    (moved.folder / ".agent-workflow-keep/credentials.key").write_bytes(Fernet.generate_key())
    assert orch("verify-backup", "--home", moved.home).code == 1
    assert orch("restore-migration-backup", "--home", moved.home).code == 1
    assert moved.home.is_dir()


def test_a_backup_by_itself_has_the_documented_name(site: Site, orch: Run) -> None:
    done = orch("backup", site.clone, "--to", site.folder / "kept", "--home", site.home)
    assert re.fullmatch(r"migration-backup-\d{8}-\d{6}", Path(done.out.strip().splitlines()[-1]).name)
    assert not site.home.exists()


def test_two_backups_of_one_second_have_two_names(site: Site, orch: Run) -> None:
    for _ in range(2):
        assert orch("backup", site.clone, "--to", site.folder / "kept", "--home", site.home).code == 0
    assert len(list((site.folder / "kept").iterdir())) == 2


def test_secrets_in_logs_are_encrypted_in_the_backup_and_come_back(site: Site, orch: Run) -> None:
    secret = (site.clone / ".env").read_text().split("CLAUDE_API_KEY=")[1].split()[0]
    (site.clone / "logs/leak.log").write_text(f"used {secret}\n")
    orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    assert secret.encode() not in (site.backup / "logs/leak.log").read_bytes()
    (site.clone / "logs/leak.log").unlink()
    assert orch("restore-migration-backup", "--home", site.home).code == 0
    assert (site.clone / "logs/leak.log").read_text() == f"used {secret}\n"


def test_credentials_of_the_environment_are_kept_and_win(
    site: Site, orch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORCH_CREDENTIAL_EXTRA", "from-the-environment")
    monkeypatch.setenv("ORCH_CREDENTIAL_GITHUB_TOKEN", "ghp_environment")
    assert orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home).code == 0
    said = [orch("credentials", "reveal", name, "--home", site.home).out.strip() for name in ("EXTRA", "GITHUB_TOKEN")]
    assert said == ["from-the-environment", "ghp_environment"]
    assert orch("verify-backup", "--home", site.home).code == 0


@pytest.mark.parametrize(
    ("words", "back"),
    [
        (["--type", "config_only"], {"config"}),
        (["--type", "selective", "--only", "state"], {"state"}),
        (["--type", "selective", "--only", "logs,credentials"], {"logs", "credentials"}),
    ],
    ids=["config-only", "state", "logs-and-credentials"],
)
def test_a_partial_rollback_brings_back_its_parts_only(
    moved: Site, orch: Run, words: list[str], back: set[str]
) -> None:
    spoiled = {
        "config": moved.clone / "orchestrator.yaml",
        "state": moved.code / "my-webapp/.orch-state/history.jsonl",
        "credentials": moved.clone / ".env",
        "logs": moved.clone / "logs/orch-2024-01-15.log",
    }
    before = {name: path.read_bytes() for name, path in spoiled.items()}
    for path in spoiled.values():
        path.write_text("spoiled")
    assert orch("restore-migration-backup", *words, "--home", moved.home).code == 0
    assert {name for name, path in spoiled.items() if path.read_bytes() == before[name]} == back
    assert moved.home.is_dir()


def test_an_unknown_type_is_a_value_error(moved: Site) -> None:
    from agent_workflow.backup import BackupManifest
    from agent_workflow.rollback import MigrationRollback

    with pytest.raises(ValueError, match="Unknown rollback type: partial"):
        MigrationRollback(BackupManifest.load(moved.backup)).execute_rollback("partial")


STEPS = ("stop_orchestrator", "remove_new_installation", "restore_configuration", "restore_project_data")
STEPS += ("restore_credentials", "verify_restoration", "restart_services")


@pytest.mark.parametrize("number", range(len(STEPS)), ids=STEPS)
def test_a_failing_step_ends_the_rollback_and_it_can_be_repeated(
    moved: Site, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent_workflow.backup import BackupManifest
    from agent_workflow.rollback import MigrationRollback

    def fail(self: object) -> None:
        raise OSError("no luck")

    before = moved.tree(program=False)
    (moved.clone / "orchestrator.yaml").write_text("spoiled")
    with monkeypatch.context() as patch:
        patch.setattr(MigrationRollback, f"_{STEPS[number]}", fail)
        result = MigrationRollback(BackupManifest.load(moved.backup)).execute_rollback()
    assert (result.success, len(result.steps), result.steps[-1].error) == (False, number + 1, "no luck")
    assert MigrationRollback(BackupManifest.load(moved.backup)).execute_rollback().success
    assert moved.tree(program=False) == before
