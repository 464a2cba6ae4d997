"""verdict.json is what its schema says, comes back as what was written, and appears whole or not at all."""

import json
import math
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from godwit.reporting import SCHEMAS, read_verdict, schema, write_verdict
from godwit.verdict import HarnessError, Verdict

Golden = Callable[[Path, str], None]
Example = tuple[str, Verdict]
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def written(verdict: Verdict, folder: Path) -> Any:
    return json.loads(write_verdict(verdict, folder).read_text(encoding="utf-8"))


def is_valid(data: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema()).is_valid(data))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schemas_are_made_from_the_records(name: str, golden: Golden) -> None:
    golden(ROOT / "reports" / name, json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n")


def test_the_module_writes_the_schema(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "error", "-m", "godwit.reporting.schema", str(tmp_path)]
    subprocess.run(words, check=True, capture_output=True)
    found = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()}
    assert found == {name: made() for name, made in SCHEMAS.items()}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name]())


def test_what_is_written_is_what_the_schema_says(example: Example, tmp_path: Path) -> None:
    jsonschema.Draft202012Validator(schema()).validate(written(example[1], tmp_path))


@pytest.mark.parametrize("path", sorted((HERE / "states").glob("*.json")), ids=lambda path: path.stem)
def test_the_kept_states_are_what_the_program_beside_them_makes(path: Path, tmp_path: Path) -> None:
    runpy.run_path(str(HERE / "states.py"))["main"](tmp_path)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_what_is_written_comes_back(example: Example, tmp_path: Path) -> None:
    write_verdict(example[1], tmp_path)
    assert read_verdict(tmp_path) == example[1]


@pytest.mark.parametrize("example", ["no-go"], indirect=True)
def test_an_infinite_measurement_is_written_as_a_word_and_read_as_a_number(example: Example, tmp_path: Path) -> None:
    actual = written(example[1], tmp_path)["checks"][2]["actual"]
    assert (actual["value"], actual["interval"]["high"]) == ("Infinity", "Infinity")
    found = read_verdict(tmp_path).checks[2].actual
    assert found is not None
    assert math.isinf(found.value)


def spoil(word: str) -> Callable[[dict[str, Any]], None]:
    """Ways to spoil a verdict that the schema must notice."""
    ways: dict[str, Callable[[dict[str, Any]], None]] = {
        "no-version": lambda data: data.pop("schema_version"),
        "other-version": lambda data: data.update(schema_version=2),
        "no-rows": lambda data: data.pop("rows"),
        "unknown-word": lambda data: data.update(word="MAYBE"),
        "unknown-outcome": lambda data: data["checks"][0].update(outcome="fine"),
        "value-of-another-word": lambda data: data["checks"][2]["actual"].update(value="a lot"),
        "value-missing": lambda data: data["checks"][2]["actual"].pop("value"),
    }
    return ways[word]


@pytest.mark.parametrize(
    "word",
    [
        "no-version",
        "other-version",
        "no-rows",
        "unknown-word",
        "unknown-outcome",
        "value-of-another-word",
        "value-missing",
    ],
)
@pytest.mark.parametrize("example", ["no-go"], indirect=True)
def test_the_schema_refuses_a_spoiled_verdict(example: Example, word: str, tmp_path: Path) -> None:
    data = written(example[1], tmp_path)
    assert is_valid(data)
    spoil(word)(data)
    assert not is_valid(data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(None, "is not there", id="missing"),
        pytest.param("", "is no verdict", id="empty"),
        pytest.param("{}", "is no verdict", id="without-version"),
        pytest.param('{\n "schema_version": 2,\n "run_id": "x"}', "is no verdict", id="of-another-version"),
        pytest.param('{\n "schema_version": 1,\n "run_id": "x"', "is no verdict", id="cut-off"),
    ],
)
def test_a_file_that_is_no_verdict_is_trouble(text: str | None, said: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "verdict.json").write_text(text, encoding="utf-8")
    with pytest.raises(HarnessError, match=said):
        read_verdict(tmp_path)


@pytest.mark.parametrize("example", ["go"], indirect=True)
def test_nothing_half_written_is_left(example: Example, tmp_path: Path) -> None:
    write_verdict(example[1], tmp_path)
    wanted = {
        "SHA256SUMS",
        "index.json",
        "measurements.csv",
        "metrics.prom",
        "verdict.html",
        "verdict.json",
        "verdict.junit.xml",
        "verdict.md",
    }
    assert {path.name for path in tmp_path.iterdir()} == wanted


@pytest.mark.parametrize("example", ["go"], indirect=True)
def test_a_job_summary_gets_the_markdown_appended(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    write_verdict(example[1], tmp_path)
    assert summary.read_text(encoding="utf-8") == "before\n" + (tmp_path / "verdict.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", ["go"], indirect=True)
def test_a_job_summary_that_cannot_be_written_changes_nothing(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))
    write_verdict(example[1], tmp_path)
    assert "the job summary" in capsys.readouterr().err
    assert read_verdict(tmp_path) == example[1]


def test_the_reference_page_names_every_field() -> None:
    page = (ROOT / "docs" / "reference" / "verdict.md").read_text(encoding="utf-8")
    records = [schema(), *schema()["$defs"].values()]  # type: ignore[attr-defined]
    fields = {name for record in records for name in record.get("properties", {})}
    assert len(fields) > 30
    assert sorted(name for name in fields if f"`{name}`" not in page) == []
