"""The automated migration loses nothing, leaves the clone alone, encrypts secrets and can be taken back."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from .conftest import STAMP, Run, Site, moved_by_a_process, told


def read(path: Path) -> dict[str, object]:
    return dict(YAML(typ="safe").load(path))


def secrets_of(site: Site) -> dict[str, str]:
    lines = (site.clone / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_the_clone_and_the_projects_stay_as_they_were(site: Site, orch: Run) -> None:
    before = site.tree()
    assert orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home).code == 0
    assert site.tree() == before


def test_seven_steps_are_told_in_their_order(site: Site, orch: Run) -> None:
    said = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home).out
    steps = [line.split("] ")[1].split("...")[0] for line in said.splitlines() if line.startswith("[14:")]
    assert [step.split()[0] for step in steps] == [
        "Analyzing", "Creating", "Converting", "Migrating", "Registering", "Validating", "Testing",
    ]  # fmt: skip


def test_every_project_is_registered_with_its_channel(moved: Site) -> None:
    registry = YAML(typ="safe").load(moved.home / "registry.yaml")
    old = {path.stem: YAML(typ="safe").load(path) for path in (moved.clone / "projects").glob("*.yaml")}
    assert {name: each["discord_channel"]["id"] for name, each in registry["projects"].items()} == {
        name: each["discord"]["channel_id"] for name, each in old.items()
    }
    assert {each["path"] for each in registry["projects"].values()} == {f"~/code/{name}" for name in old}


def test_settings_without_a_place_of_their_own_are_kept(moved: Site) -> None:
    extra = read(moved.home / "config.yaml")["legacy_extra"]
    assert extra["orchestrator.yaml"]["orchestrator"] == {"poll_interval_s": 2.5}
    assert extra["orchestrator.yaml"]["workspace"]["git"] == {"sign": True, "branch_prefix": "feature/"}


@pytest.mark.parametrize("place", ["home", "backup"])
def test_no_secret_stands_open(moved: Site, place: str) -> None:
    secrets = secrets_of(moved)
    assert len(secrets) == 5
    files = [path for path in getattr(moved, place).rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if any(secret.encode() in path.read_bytes() for secret in secrets.values())] == []


def test_every_secret_can_be_had_again(moved: Site, orch: Run) -> None:
    wanted = secrets_of(moved)
    said = {name: orch("credentials", "reveal", name, "--home", moved.home).out.strip() for name in wanted}
    assert said == wanted


def test_the_key_lies_in_neither_home_nor_backup_and_is_the_owners(moved: Site) -> None:
    key = moved.folder / ".agent-workflow-keep/credentials.key"
    assert told(key).startswith("600 ")
    whole = key.read_bytes()
    assert not any(whole in p.read_bytes() for top in (moved.home, moved.backup) for p in top.rglob("*") if p.is_file())


def test_a_second_run_changes_nothing(moved: Site, orch: Run) -> None:
    before = {path.name: told(path) for path in moved.home.iterdir()}
    assert orch("migrate-from-git", moved.clone, "--automated", "--offline", "--home", moved.home).code == 0
    assert {path.name: told(path) for path in moved.home.iterdir()} == before


@pytest.mark.parametrize(
    "words", ["status", "projects list", "health --check-all --offline", "verify-backup", "metrics"]
)
def test_commands_of_every_day_work_without_the_clone(moved: Site, orch: Run, words: str) -> None:
    moved.clone.rename(moved.folder / "gone")
    done = orch(*words.split(), "--home", moved.home)
    assert (done.code, done.err) == (0, "")


def test_the_manifest_says_what_is_where(moved: Site) -> None:
    manifest = json.loads((moved.backup / "manifest.json").read_bytes())
    assert manifest["backup_id"] == f"migration-backup-{STAMP}"
    assert manifest["source_path"] == str(moved.clone)
    counts = {name: sum(e["category"] == name for e in manifest["files"]) for name in ("config", "projects", "logs")}
    assert counts == {"config": 12, "projects": 3, "logs": 35}
    assert sum(entry["modified"] for entry in manifest["files"]) == 7
    assert (moved.backup / "manifest.json").read_text().startswith('{\n  "backup_id"')


@pytest.mark.parametrize("is_gone", [False, True], ids=["clone-there", "clone-gone"])
def test_a_rollback_brings_everything_back(moved: Site, orch: Run, is_gone: bool) -> None:
    before = moved.tree(program=False)
    state = moved.code / "my-webapp/.orch-state"
    (state / "state.json").write_text("{}")
    (state / "later.json").write_text("{}")
    if is_gone:
        shutil.rmtree(moved.clone)
    done = orch("restore-migration-backup", "--home", moved.home)
    assert done.code == 0, done.err
    assert not moved.home.exists()
    assert moved.tree(program=False) == before
    assert list((moved.folder / f".agent-workflow.backup-{STAMP}.displaced").rglob("later.json"))


def test_the_script_restores_without_the_package(moved: Site) -> None:
    before = moved.tree(program=False)
    shutil.rmtree(moved.clone)
    for project in moved.code.iterdir():
        shutil.rmtree(project / ".orch-state")
    words = [sys.executable, "-I", str(moved.backup / "restore.py")]
    done = subprocess.run(words, cwd="/", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert moved.tree(program=False) == before


def test_the_tools_run_it_as_a_process(site: Site) -> None:
    done = moved_by_a_process(site)
    assert (done.returncode, done.stderr) == (0, "")
