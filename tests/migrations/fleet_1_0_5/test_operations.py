"""The operators' tools decide what the documents say, and refuse what they cannot do with one line."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet_1_0_5.tools import backup, comparing, costs, rollback
from fleet_1_0_5.tools.alerts import breached, write_rules
from fleet_1_0_5.tools.cli_operations import seconds_of
from fleet_1_0_5.tools.figures import figures
from fleet_1_0_5.tools.refusals import RefusedError
from fleet_1_0_5.tools.rollback import Incident
from fleet_1_0_5.tools.seeding import adopt, fill
from godwit.plan import lint, load_plan, read_rows

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
FLEET = MIGRATIONS / "fleet_1_0_5"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DASHBOARD = json.loads((FLEET / "config/dashboard.json").read_text())


def tool(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fleet_1_0_5.tools", *words]
    env = {**os.environ, "PYTHONPATH": str(MIGRATIONS)}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=60)


@pytest.fixture
def store(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'fleet.db'}"
    fill(url, 20, 105)
    return url


def test_the_sample_dashboard_has_the_documents_deltas() -> None:
    rows = comparing.compare(DASHBOARD["canary"], DASHBOARD["stable"])
    assert [round(row.delta_percent or 0) for row in rows] == [0, -5, 18, -33, -4]
    assert comparing.decide(rows) == "promote"


@pytest.mark.parametrize(
    ("change", "decision"),
    [({"cost_usd": None}, "hold"), ({"p95_s": 2.3}, "hold"), ({"p95_s": 4.0}, "abort"), ({"tasks_per_s": 10}, "abort")],
    ids=["missing", "slower", "twice-as-slow", "a-fifth-of-the-tasks"],
)
def test_a_worse_canary_is_held_or_aborted(change: dict[str, float | None], decision: str) -> None:
    rows = comparing.compare(DASHBOARD["canary"] | change, DASHBOARD["stable"])
    assert comparing.decide(rows) == decision


@pytest.mark.parametrize(
    ("incidents", "kind"),
    [
        ([], "none"),
        ([Incident(None, False)], "none"),
        ([Incident(None, True)], "immediate"),
        ([Incident("lint", True)], "partial"),
        ([Incident("lint", True), Incident("gate", True)], "immediate"),
        ([Incident("lint", True), Incident("gate", False)], "partial"),
    ],
    ids=["nothing", "not-critical", "critical", "one-type", "two-types", "one-critical-type"],
)
def test_incidents_decide_the_way_back(incidents: list[Incident], kind: str) -> None:
    assert rollback.decide(incidents) == kind


def test_a_backup_comes_back_and_an_altered_one_is_refused(store: str, tmp_path: Path) -> None:
    folder = backup.back_up(FLEET / "config/fleet.yaml", store, tmp_path / "backups", NOW)
    assert sorted(path.name for path in folder.iterdir()) == sorted([backup.CONFIG, backup.DATABASE, backup.MANIFEST])
    target = f"sqlite:///{tmp_path / 'again.db'}"
    backup.restore(folder, target, tmp_path / "fleet.yaml")
    assert (tmp_path / "fleet.yaml").read_bytes() == (FLEET / "config/fleet.yaml").read_bytes()
    (folder / backup.CONFIG).write_text("altered")
    with pytest.raises(RefusedError, match="altered"):
        backup.restore(backup.newest(tmp_path / "backups"), target, None)


def test_a_store_is_adopted_without_losing_a_row(store: str, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'new.db'}"
    rows = adopt(store, target, only_copy=False)
    assert rows == adopt(store, f"sqlite:///{tmp_path / 'copy.db'}", only_copy=True) == 40
    with pytest.raises(RefusedError, match="has tasks already"):
        fill(store, 1, 1)


def test_costs_are_recomputed_from_tokens_and_old_ones_left_out() -> None:
    record = {"model": "claude-haiku-4", "inputTokens": 1000, "outputTokens": 600, "usd": 0.0032, "ts": NOW.isoformat()}
    old = record | {"ts": (NOW - timedelta(days=8)).isoformat()}
    found = costs.analyse([record, old], 7, NOW)
    assert (found.records, found.usd, round(found.recomputed_usd, 6)) == (1, 0.0032, 0.0032)
    assert round(found.saving_percent, 1) == 73.3
    with pytest.raises(RefusedError, match="no cost record"):
        costs.analyse([old], 7, NOW)


def test_figures_are_those_of_the_time_between_two_scrapes() -> None:
    before = {"fleet_requests_total": 100.0, "fleet_tasks_completed_total": 10.0, "fleet_cost_usd_total": 1.0}
    after = {"fleet_requests_total": 300.0, "fleet_errors_total": 1.0, "fleet_tasks_completed_total": 110.0}
    after |= {
        "fleet_cost_usd_total": 1.8,
        "fleet_request_seconds_bucket<=0.1": 150.0,
        "fleet_request_seconds_bucket<=inf": 200.0,
    }
    found = figures(after, before, 10.0)
    assert (found.error_percent, found.tasks_per_s, round(found.cost_usd or 0, 4)) == (0.5, 10.0, 0.008)
    assert found.p95_s == float("inf")
    assert figures({}, {}, 0.0).p95_s is None


def test_a_missing_figure_calls_for_its_alert(tmp_path: Path) -> None:
    good = {"error_percent": 0.0, "p95_s": 0.1, "memory_mb": 100.0, "cost_usd": 0.005}
    assert breached("production", good) == []
    assert breached("production", good | {"p95_s": None, "cost_usd": 0.011}) == ["FleetLatency", "FleetCostPerTask"]
    assert write_rules("dev", tmp_path / "alerts.yaml") == 3


@pytest.mark.parametrize(("text", "seconds"), [("600s", 600), ("48h", 172_800), ("7d", 604_800)], ids=str)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("words", [("seed", "--store", "sqlite:///x"), ("try", "nothing")], ids=["option", "trial"])
def test_misuse_ends_with_2(words: tuple[str, ...]) -> None:
    assert tool(*words).returncode == 2


def test_a_refusal_is_one_line(tmp_path: Path) -> None:
    ended = tool("restore", "--store", "sqlite:////nowhere/x.db", "--latest-backup", str(tmp_path))
    assert (ended.returncode, ended.stderr) == (1, f"{tmp_path}: holds no backup\n")


def test_each_contradiction_of_the_documents_that_lints_can_see_is_found_and_answered() -> None:
    plan = load_plan(FLEET / "plan.yaml")
    found = lint(plan, answers=read_rows(FLEET / "criteria.csv"))
    seen = {each.id for each in found if each.level == "note" and "answered by reading" in each.message}
    assert seen >= {
        "saving-needs-more",
        "file-not-backed-up",
        "gates-differ",
        "baseline-fails-limit",
        "worse-than-documented",
        "downtime-admitted",
        "replicas-differ",
    }
    assert [reading.id for reading in plan.migration.readings] == [f"X-FLEET-{number}" for number in range(1, 23)]
    assert [str(each) for each in found if each.level == "error"] == []


def test_every_trial_and_every_defect_stands_in_the_plan() -> None:
    from fleet_1_0_5 import defects, rollout_defects, state_defects, writing_defects
    from fleet_1_0_5.tools.cli_drills import TRIALS

    plan = load_plan(FLEET / "plan.yaml")
    assert {each.run[-1] for each in plan.surfaces.cli.tools if "try" in each.run} == set(TRIALS)
    tables = (defects, rollout_defects, state_defects, writing_defects)
    assert sorted(each.id for each in plan.defects) == sorted(name for table in tables for name in table.DEFECTS)
