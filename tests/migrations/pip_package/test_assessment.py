"""The assessment counts as documented at every boundary, and sends each kind of user the right way."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from .conftest import Run, Site

KEYS = [
    "installation_type", "version", "configuration_complexity", "projects", "integrations", "customizations",
    "data_volume", "migration_risk", "recommended_path",
]  # fmt: skip


def assess(site: Site) -> dict[str, object]:
    from agent_workflow.assessment import MigrationAssessment

    return dict(MigrationAssessment(site.clone).analyze_installation())


def test_nine_answers_are_given(site: Site) -> None:
    assert list(assess(site)) == KEYS


def test_the_documented_sample_is_assessed_as_documented(make: Callable[..., Site]) -> None:
    found = assess(make("assessment"))
    assert (found["installation_type"], found["version"], len(found["projects"])) == ("git clone", "0.9.8", 3)
    assert len(found["customizations"]["modified_files"]) == 5
    assert found["integrations"] == ["Discord", "Claude API"]
    assert (found["configuration_complexity"], found["migration_risk"]) == ("moderate", "low")
    assert (found["recommended_path"], found["customizations"]["custom_agents"]) == ("guided", [])


@pytest.mark.parametrize(
    ("score", "level"),
    [(0, "minimal"), (1, "basic"), (3, "basic"), (4, "moderate"), (7, "moderate"), (8, "complex"), (9, "complex")],
    ids=str,
)
def test_the_score_decides_the_level(make: Callable[..., Site], score: int, level: str) -> None:
    site = make("novice")
    for number in range(score):
        (site.clone / f"agent-{number}.yaml").write_text(f"name: a{number}\npermissions: [read]\n")
    assert assess(site)["configuration_complexity"] == level


def test_a_dotenv_counts_two_and_a_modified_agent_file_twice(make: Callable[..., Site]) -> None:
    from agent_workflow.assessment import complexity_score
    from agent_workflow.legacy import LegacyInstallation

    site = make("novice")
    (site.clone / ".env").write_text("A=b\n")
    (site.clone / "agent-x.yaml").write_text("permissions: [read]\n")
    release = json.loads((site.clone / "RELEASE.json").read_text())
    release["files"]["agent-x.yaml"] = "0" * 64
    (site.clone / "RELEASE.json").write_text(json.dumps(release))
    assert complexity_score(LegacyInstallation(site.clone)) == 4


@pytest.mark.parametrize(
    ("installed", "way"),
    [("2023-10-16", "automated"), ("2023-10-15", "guided"), ("2023-01-16", "guided"), ("2023-01-15", "assisted")],
    ids=["below-3-months", "3-months", "below-12-months", "12-months"],
)
def test_age_decides_with_the_lower_bound_in_the_higher_segment(
    make: Callable[..., Site], installed: str, way: str
) -> None:
    site = make("novice")
    (site.clone / "INSTALL.json").write_text(json.dumps({"installed": installed}))
    assert assess(site)["recommended_path"] == way


@pytest.mark.parametrize(("kind", "way"), [("novice", "automated"), ("assessment", "guided"), ("advanced", "assisted")])
def test_the_highest_sign_decides(make: Callable[..., Site], kind: str, way: str) -> None:
    assert assess(make(kind))["recommended_path"] == way


def test_months_are_whole() -> None:
    from agent_workflow.assessment import months_between

    assert months_between(date(2023, 8, 15), date(2024, 1, 15)) == 5
    assert months_between(date(2023, 8, 16), date(2024, 1, 15)) == 4


def test_files_with_the_other_ending_are_not_read_and_told(site: Site) -> None:
    (site.clone / "config/old.yml").write_text("x: 1\n")
    assert assess(site)["customizations"]["not_read"] == ["config/old.yml"]


def test_the_command_shows_ten_fields_and_the_default_is_guided(
    site: Site, orch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: "")
    said = orch("migrate-assess", site.clone, "--ask")
    assert said.code == 0
    names = ("Method", "Version", "Install date", "Usage level", "Customization")
    names += (
        "Projects",
        "Custom configs",
        "Integrations",
        "State data",
        "Custom agents",
        "Risk level",
        "Rollback available",
    )
    assert [name for name in names if f"── {name}: " not in said.out] == []
    assert said.out.rstrip().endswith("--guided")


@pytest.mark.parametrize("version", ["0.8.4", "1.0.0", "unknown"])
def test_other_versions_are_refused(site: Site, orch: Run, version: str) -> None:
    (site.clone / "VERSION").write_text(version)
    done = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    assert done.code == 1
    assert "old-version" in done.err
    assert not site.home.exists()


def test_a_clone_is_found_where_clones_lie(site: Site, orch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(site.folder))
    monkeypatch.chdir(site.code)
    assert f"agent-orch migrate-from-git {Path(site.clone)}" not in orch("migrate-assess").err
    done = orch("migrate-from-git", "--automated", "--offline")
    assert (done.code, site.home.exists()) == (0, True)


def test_without_a_clone_the_command_is_misused(tmp_path: Path, orch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    done = orch("migrate-from-git", "--automated")
    assert done.code == 2
    assert "name the folder of the clone" in done.err
