"""The plan of the migration: it has every row answered, names every contradiction, and its defects exist."""

import sys
from pathlib import Path

import pytest

from godwit.plan import load_plan

FOLDER = Path(__file__).resolve().parents[3] / "migrations/universal_orchestrator"


@pytest.fixture
def plan():
    """The plan."""
    return load_plan(FOLDER / "plan.yaml")


def test_the_plan_names_fourteen_contradictions(plan):
    assert [reading.id for reading in plan.migration.readings] == [f"X-UNIV-{number}" for number in range(1, 15)]


def test_every_defect_of_the_tables_stands_in_the_plan(plan, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    __import__("universal_orchestrator.defects")
    __import__("universal_orchestrator.tools.defects")
    tables = [sys.modules[f"universal_orchestrator.{name}"].DEFECTS for name in ("defects", "tools.defects")]
    assert sorted(defect.id for defect in plan.defects) == sorted(name for table in tables for name in table)


def test_every_migrated_client_runs_in_a_phase(plan):
    run = {word for tool in plan.surfaces.cli.tools for word in tool.run}
    clients = {path.name for path in (FOLDER / "clients/migrated").glob("*.py")} - {"__init__.py", "proof.py"}
    assert {f"migrated/{name}" for name in clients} <= run


def test_every_legacy_client_is_typed_on_both_sides(plan):
    run = {word.rpartition("/")[2] for command in plan.surfaces.cli.commands for word in command.run}
    assert {path.name for path in (FOLDER / "clients/legacy").glob("*_style.py")} <= run
