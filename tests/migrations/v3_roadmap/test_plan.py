"""The plan of the migration: it names every contradiction, answers every row, and finds with lints what lints can find."""

import csv
import importlib
import importlib.util
from pathlib import Path

import pytest

from godwit.plan import Lint, Plan, lint, load_plan, read_rows

FOLDER = Path(__file__).resolve().parents[3] / "migrations/v3_roadmap"
MEASURED = {"behaviour", "budget", "invariant", "mapping", "trigger"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan."""
    return load_plan(FOLDER / "plan.yaml")


@pytest.fixture(scope="module")
def lints(plan: Plan) -> tuple[Lint, ...]:
    """Everything that is doubtful in it."""
    return lint(plan, answers=read_rows(FOLDER / "criteria.csv"))


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / "criteria.csv").read_text(encoding="utf-8").splitlines()))


def test_the_plan_names_eighteen_contradictions(plan: Plan) -> None:
    assert [reading.id for reading in plan.migration.readings] == [f"X-V3-{number}" for number in range(1, 19)]


def test_every_row_of_the_document_has_an_answer() -> None:
    assert [row["id"] for row in rows()] == [f"V3-{number:03}" for number in range(1, 257)]
    assert {row["answer"].partition(":")[0] for row in rows()} == {"check", "criterion", "attestation", "waiver"}


def test_nine_of_ten_measurable_rows_are_answered_by_what_runs() -> None:
    measured = [row["answer"].partition(":")[0] for row in rows() if row["kind"] in MEASURED]
    assert sum(form in ("check", "criterion") for form in measured) >= 0.9 * len(measured) > 0


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("alert-inside-gate", "X-V3-2"),
        ("alert-looser-than-gate", "X-V3-8"),
        ("buffer-not-there", "X-V3-13"),
        ("downtime-beyond-availability", "X-V3-1"),
        ("gates-differ", "X-V3-5"),
        ("statistics-differ", "X-V3-3"),
    ],
)
def test_a_contradiction_that_a_lint_can_find_is_found(lints: tuple[Lint, ...], name: str, reading: str) -> None:
    found = [each for each in lints if each.id == name]
    assert found
    assert all(f"answered by reading {reading}:" in each.message for each in found)


def test_nothing_doubtful_is_left_unanswered(lints: tuple[Lint, ...]) -> None:
    assert {each.level for each in lints} == {"note"}


def test_every_milestone_has_a_gate_and_a_way_back(plan: Plan) -> None:
    assert len(plan.phases) == 13
    assert [phase.exit for phase in plan.phases] == [f"{phase.id.partition('-')[0]}-passed" for phase in plan.phases]
    assert {phase.id for phase in plan.phases} == {phase for back in plan.runbooks for phase in back.from_phases}


def test_every_trial_runs_in_a_phase(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    trials = importlib.import_module("v3_roadmap.tools.cli").trials()
    assert {tool.id for tool in plan.surfaces.cli.tools if "try" in tool.run} == set(trials)


def test_every_defect_of_the_plan_stands_in_a_table(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    named = importlib.import_module("v3_roadmap.seeded").TABLES
    tables = [importlib.import_module(name).DEFECTS for name in named if importlib.util.find_spec(name)]
    assert {defect.id for defect in plan.defects} <= {name for table in tables for name in table}
    assert len(plan.defects) >= 15


def test_every_signature_is_a_sample_that_says_so(plan: Plan) -> None:
    signed = {path.stem for path in (FOLDER / "attestations").glob("*.yaml")}
    assert signed == {item.id for item in plan.attestations.items}
    assert all("sample: true" in (FOLDER / f"attestations/{name}.yaml").read_text(encoding="utf-8") for name in signed)
