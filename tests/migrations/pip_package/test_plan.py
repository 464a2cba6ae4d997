"""The plan of the migration: it names every contradiction, answers every row, and runs every proof in a phase."""

import csv
import importlib
from pathlib import Path

import pytest

from godwit.plan import Plan, load_plan

FOLDER = Path(__file__).resolve().parents[3] / "migrations/pip_package"


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan."""
    return load_plan(FOLDER / "plan.yaml")


def test_the_plan_names_twenty_contradictions(plan: Plan) -> None:
    assert [reading.id for reading in plan.migration.readings] == [f"X-PIP-{number}" for number in range(1, 21)]


def test_every_row_of_the_document_has_an_answer() -> None:
    rows = list(csv.DictReader((FOLDER / "criteria.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["id"] for row in rows] == [f"PIP-{number:03}" for number in range(1, 196)]
    assert {row["answer"].partition(":")[0] for row in rows} == {"check", "criterion", "attestation", "waiver"}


def test_every_proof_runs_in_a_phase(plan: Plan) -> None:
    run = {word for tool in plan.surfaces.cli.tools for word in tool.run}
    proofs = {path.stem for path in (FOLDER / "proofs").glob("*.py")} - {"__init__", "__main__", "proof"}
    assert proofs <= run


def test_every_defect_of_the_plan_stands_in_the_tables(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    tables = [importlib.import_module(f"pip_package.{name}").DEFECTS for name in ("defects", "backup_defects")]
    assert plan.defects
    assert {defect.id for defect in plan.defects} <= {name for table in tables for name in table}


def test_there_are_three_kinds_of_rollback_and_three_recoveries(plan: Plan) -> None:
    runbooks = {runbook.id: runbook.kind for runbook in plan.runbooks}
    assert {"full": "full", "config-only": "config", "selective": "partial"}.items() <= runbooks.items()
    assert {"corrupt-configuration", "half-a-migration", "integration-fails"} <= runbooks.keys()
