"""The manual way ends where the others do, and leaves no secret open on its way."""

import json
from pathlib import Path

import pytest

from .conftest import Run, Site

FOLDERS = {"old-config", "projects", "integrations", "credentials", "state"}


def secrets_of(site: Site) -> list[str]:
    return [line.split("=", 1)[1] for line in (site.clone / ".env").read_text().splitlines() if "=" in line]


@pytest.fixture
def exported(site: Site, orch: Run) -> Path:
    folder = site.folder / "migration-export"
    done = orch("export-config", folder, "--from", site.clone, "--home", site.home)
    assert done.code == 0, done.err
    return folder


def test_an_export_has_five_folders_and_no_open_secret(site: Site, exported: Path) -> None:
    assert {path.name for path in exported.iterdir() if path.is_dir()} == FOLDERS
    files = [path for path in exported.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [p for p in files if any(secret.encode() in p.read_bytes() for secret in secrets_of(site))] == []


def test_an_export_into_a_full_folder_is_refused(site: Site, exported: Path, orch: Run) -> None:
    done = orch("export-config", exported, "--from", site.clone, "--home", site.home)
    assert (done.code, "target-taken" in done.err) == (1, True)


def test_the_manual_way_gives_what_the_automated_gives(
    site: Site, exported: Path, make: object, orch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pip_package.tools import canon

    other = make(name="other")
    assert orch("migrate-from-git", other.clone, "--automated", "--offline", "--home", other.home).code == 0
    assert orch("init", "--minimal", "--home", site.home).code == 0
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: "y")
    done = orch("import-config", exported, "--interactive", "--offline", "--home", site.home)
    assert (done.code, done.err) == (0, "")
    parts = [line.split(":")[0] for line in done.out.splitlines() if ":" in line]
    assert parts == ["settings", "projects", "credentials", "integrations", "validation"]
    mine, wanted = canon.view(site.home), canon.view(other.home)
    assert {name: mine[name] for name in ("config", "registry", "credentials")} == {
        name: wanted[name] for name in ("config", "registry", "credentials")
    }
    assert [orch(*words, "--home", site.home).code for words in (["status"], ["projects", "list"], ["health"])] == [
        0
    ] * 3


def test_saying_no_stops_the_import(site: Site, exported: Path, orch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    orch("init", "--minimal", "--home", site.home)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: "n")
    done = orch("import-config", exported, "--interactive", "--offline", "--home", site.home)
    assert (done.code, "stopped" in done.err) == (1, True)


def test_the_manual_method_exports_and_says_what_comes_next(site: Site, orch: Run) -> None:
    done = orch("migrate-from-git", site.clone, "--manual", "--export", "--home", site.home)
    assert done.code == 0
    assert (site.folder / "migration-export/export.json").is_file()
    assert "import-config" in done.out


def test_what_is_no_export_is_refused(tmp_path: Path, orch: Run) -> None:
    done = orch("import-config", tmp_path, "--home", tmp_path / "home")
    assert (done.code, "no-export" in done.err) == (1, True)


def test_a_minimal_home_is_well_and_never_overwritten(tmp_path: Path, orch: Run) -> None:
    home = tmp_path / "home"
    assert orch("init", "--minimal", "--home", home).code == 0
    assert orch("health", "--check-all", "--home", home).code == 0
    again = orch("init", "--minimal", "--home", home)
    assert (again.code, "home-taken" in again.err) == (1, True)


def test_the_report_counts_what_happened(site: Site, orch: Run) -> None:
    (site.clone / "orchestrator.yaml").rename(site.folder / "away")
    orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    (site.folder / "away").rename(site.clone / "orchestrator.yaml")
    orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    orch("restore-migration-backup", "--home", site.home)
    report = json.loads(orch("metrics", "--home", site.home).out)
    assert list(report) == ["summary", "user_adoption", "method_preference", "failure_analysis", "recommendations"]
    assert report["summary"] == {"total_attempts": 1, "success_rate": "100.0%", "average_duration": "0.0 minutes"}
    assert json.loads((site.folder / ".agent-workflow-keep/metrics.json").read_bytes())["rollbacks"] == 1


def test_counters_begin_at_zero_and_average_over_results() -> None:
    from agent_workflow.metrics import MigrationMetrics

    metrics = MigrationMetrics()
    assert {v for v in metrics.metrics.values() if isinstance(v, int)} == {0}
    with pytest.raises(KeyError):
        metrics.track_migration_attempt("solo-engineer", "guided")
    assert metrics.metrics["migration_attempts"] == 0
    for seconds, success in ((60, True), (180, False)):
        metrics.track_migration_attempt("novice", "guided")
        metrics.record_migration_result(success, seconds, None if success else "disk-full")
    report = metrics.generate_migration_report()
    assert report["summary"] == {"total_attempts": 2, "success_rate": "50.0%", "average_duration": "2.0 minutes"}
    assert report["failure_analysis"] == {"disk-full": 1}
    assert report["recommendations"]
