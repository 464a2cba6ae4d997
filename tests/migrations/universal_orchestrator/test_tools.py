"""The tools: backup and swap survive being killed, benchmarks are judged by their worst sample, alerts go out."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


@pytest.fixture
def tools(monkeypatch) -> ModuleType:
    """The tools as a package."""
    monkeypatch.syspath_prepend(str(MIGRATIONS))
    for name in ("core_tree", "benchmark", "monitor", "refusals"):
        importlib.import_module(f"universal_orchestrator.tools.{name}")
    return sys.modules["universal_orchestrator.tools"]


@pytest.fixture
def site(tmp_path, tools) -> Path:
    """A deployed tree of the baseline, with a backup."""
    tools.core_tree.install(MIGRATIONS / "universal_orchestrator/baseline", tmp_path / "site")
    tools.core_tree.back_up(tmp_path / "site")
    return tmp_path / "site"


def test_a_backup_equals_what_was_backed_up(site, tools):
    assert tools.core_tree.digest(site / "app/core_backup") == tools.core_tree.digest(site / "app/core")


def test_a_backup_that_was_changed_is_refused(site, tools):
    (site / "app/core_backup/orchestrator.py").write_text("spoiled")
    with pytest.raises(tools.refusals.RefusedError, match=r"orchestrator\.py"):
        tools.core_tree.verify(site / "app/core_backup")


def test_a_backup_that_lacks_a_file_is_refused(site, tools):
    (site / "app/core_backup/orchestrator.py").unlink()
    with pytest.raises(tools.refusals.RefusedError, match="differs from its manifest"):
        tools.core_tree.verify(site / "app/core_backup")


def test_a_tree_can_be_rolled_back_twice(site, tools):
    before = tools.core_tree.digest(site / "app/core")
    for _ in range(2):
        tools.core_tree.swap(site, MIGRATIONS / "universal_orchestrator/candidate/app/core")
        assert tools.core_tree.digest(site / "app/core") != before
        tools.core_tree.swap(site, site / "app/core_backup")
        assert tools.core_tree.digest(site / "app/core") == before


@pytest.mark.parametrize("step", ["copied", "set-aside", "swapped"])
def test_a_swap_that_was_killed_can_be_finished(step, site, tools, tool):
    before = tools.core_tree.digest(site / "app/core")
    tools.core_tree.swap(site, MIGRATIONS / "universal_orchestrator/candidate/app/core")
    assert tool("swap", "--site", str(site), "--crash-after", step).returncode == -9
    assert tool("swap", "--site", str(site)).returncode == 0
    assert tools.core_tree.digest(site / "app/core") == before
    assert sorted(path.name for path in (site / "app").iterdir() if path.is_dir()) == ["core", "core_backup"]


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"registration_ms": [1.0, 100.0]}, "registration_ms: 100.000 is not under 100"),
        ({"memory_mb": [50.1]}, "memory_mb"),
        ({"concurrent_agents": 49}, "only 49 agents"),
        ({"lines": 3001}, "3001 lines"),
    ],
    ids=["registration", "memory", "agents", "lines"],
)
def test_a_figure_beyond_its_limit_is_named(figures, said, tools):
    fine = {"registration_ms": [1.0], "delegation_ms": [1.0], "initialization_ms": [1.0], "memory_mb": [1.0],
            "concurrent_agents": 60, "lines": 2000}  # fmt: skip
    assert tools.benchmark.breaches(fine, tools.benchmark.DOCUMENTED) == []
    over = tools.benchmark.breaches({**fine, **figures}, tools.benchmark.DOCUMENTED)
    assert len(over) == 1
    assert said in over[0]


def test_an_alert_goes_out_in_every_state_but_healthy(tmp_path, tools):
    assert tools.monitor.drill(tmp_path / "alerts.jsonl") == ["degraded", "unhealthy", "critical"]


def test_the_monitor_waits_a_minute_between_two_looks(tmp_path, tools):
    status = {"health_status": "healthy", "agents": {"total": 2}, "tasks": {"active": 1},
              "performance": {"average_task_duration_ms": 3.5}}  # fmt: skip
    waited: list[float] = []
    lines = tools.monitor.watch(lambda: status, 3, waited.append, tmp_path / "alerts.jsonl")
    assert waited == [60.0, 60.0]
    assert lines[0] == {"health": "healthy", "agents": 2, "active_tasks": 1, "performance_score": 3.5}


def test_a_configuration_is_converted_and_its_source_left_alone(tmp_path, tool):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text('{"max_tasks": 7, "legacy_timeout": 9}')
    assert tool("migrate-config", str(old), str(new)).returncode == 0
    found = json.loads(new.read_text())
    assert (found["max_concurrent_tasks"], found["call_timeout_s"], found["mode"]) == (7, 9, "production")
    assert old.read_text() == '{"max_tasks": 7, "legacy_timeout": 9}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"colour": 1}', "colour"),
        ('{"max_tasks": "7"}', "max_tasks"),
        ('{"mode": ', "JSON"),
        ("[]", "not a JSON object"),
    ],
    ids=["unknown", "wrong-type", "broken", "no-object"],
)
def test_a_bad_configuration_is_refused_without_a_half_result(text, said, tmp_path, tool):
    (tmp_path / "old.json").write_text(text)
    ended = tool("migrate-config", str(tmp_path / "old.json"), str(tmp_path / "new.json"))
    assert ended.returncode == 1
    assert said in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]
