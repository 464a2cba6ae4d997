"""Legacy clients print the same on both sides, and migrated ones find that everything holds."""

from pathlib import Path

import pytest

MIGRATION = Path(__file__).resolve().parents[3] / "migrations/universal_orchestrator"
LEGACY = sorted(path.name for path in (MIGRATION / "clients/legacy").glob("*_style.py"))
MIGRATED = sorted(
    path.name for path in (MIGRATION / "clients/migrated").glob("*.py") if path.name not in ("__init__.py", "proof.py")
)


def test_there_is_a_client_for_each_of_at_least_eight_styles():
    assert len(LEGACY) >= 8


@pytest.mark.parametrize("client", LEGACY)
def test_an_untouched_client_prints_the_same_on_both_sides(client, tool):
    baseline, candidate = (tool("run", "--side", side, f"legacy/{client}") for side in ("baseline", "candidate"))
    assert (baseline.returncode, baseline.stdout) == (0, candidate.stdout), candidate.stderr
    assert len(baseline.stdout.splitlines()) > 4


@pytest.mark.parametrize("client", MIGRATED)
def test_a_migrated_client_finds_that_everything_holds(client, tool):
    ended = tool("run", "--side", "candidate", f"migrated/{client}")
    assert ended.returncode == 0, ended.stderr
    held, all_of_them = ended.stdout.splitlines()[-1].split()[0:3:2]
    assert held == all_of_them != "0"


def test_the_fallback_has_the_old_name_mean_the_legacy_class(tool):
    ended = tool("run", "--side", "candidate", "--fallback", "migrated/legacy_again.py")
    assert "the old name is the legacy one" in ended.stdout


def test_the_legacy_module_that_is_kept_is_the_baselines_own():
    kept, own = MIGRATION / "candidate/app/core/legacy_orchestrator.py", MIGRATION / "baseline/app/core/orchestrator.py"
    assert kept.read_bytes() == own.read_bytes()


def test_an_unknown_client_is_refused(tool):
    ended = tool("run", "--side", "candidate", "legacy/nobody.py")
    assert (ended.returncode, ended.stderr) == (1, "there is no client legacy/nobody.py\n")


@pytest.mark.parametrize(
    ("defect", "client"),
    [
        ("renamed-parameter", "agent_style"),
        ("callback-order", "callback_style"),
        ("new-builder", "builder_style"),
        ("swallows-exceptions", "session_style"),
        ("became-async", "performance_style"),
    ],
    ids=lambda word: word,
)
def test_a_seeded_defect_changes_what_a_client_prints(defect, client, tool):
    plain, broken = (
        tool("run", "--side", "candidate", f"legacy/{client}.py", **env)
        for env in ({}, {"ORCHESTRATION_DEFECT": defect})
    )
    assert plain.stdout != broken.stdout


def test_a_defect_never_touches_the_baseline(tool):
    plain, seeded = (
        tool("run", "--side", "baseline", "legacy/agent_style.py", **env)
        for env in ({}, {"ORCHESTRATION_DEFECT": "renamed-parameter"})
    )
    assert plain.stdout == seeded.stdout


def test_an_unknown_defect_is_refused(tool):
    ended = tool("run", "--side", "candidate", "legacy/agent_style.py", ORCHESTRATION_DEFECT="rust")
    assert ended.returncode == 2
    assert "no such defect" in ended.stderr
