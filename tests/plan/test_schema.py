"""The shipped schema and reference page are what the models say, and the schema accepts what the loader accepts."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import godwit.plan
from godwit.plan import Section, reference, schema
from godwit.plan.source import read_source

Golden = Callable[[Path, str], None]
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOOD = sorted((HERE / "good").glob("*.yaml"))
ALSO_WRONG_BY_SCHEMA = [
    "unknown-section", "unknown-word", "unknown-driver", "missing-words", "number-where-text-is-asked", "yes-is-no-bool",
    "empty-list", "not-an-id", "not-a-path", "not-a-duration", "not-a-link", "not-a-share", "port-out-of-range", "unknown-role",
    "version-two", "one-week", "percent-over-the-whole", "strength-of-no-kind",
]  # fmt: skip


def sections(above: type[Section] = Section) -> set[type[Section]]:
    return {each for below in above.__subclasses__() for each in {below, *sections(below)}}


def data(path: Path) -> Any:
    return read_source(path)[0].data


def test_the_shipped_schema_is_made_from_the_models(golden: Golden) -> None:
    golden(ROOT / "reports" / "plan.schema.json", json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")


def test_the_reference_page_is_made_from_the_models(golden: Golden) -> None:
    golden(ROOT / "docs" / "reference" / "plan.md", reference())


def test_the_module_writes_the_schema(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "error", "-m", "godwit.plan.schema", str(tmp_path)]
    subprocess.run(words, check=True, capture_output=True)
    assert json.loads((tmp_path / "plan.schema.json").read_text(encoding="utf-8")) == schema()


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_schema_accepts_a_right_plan(path: Path) -> None:
    jsonschema.Draft202012Validator(schema()).validate(data(path))


@pytest.mark.parametrize("name", ALSO_WRONG_BY_SCHEMA)
def test_the_schema_refuses_a_wrong_plan(name: str) -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid(data(HERE / "bad" / f"{name}.yaml"))


def test_default_durations_are_written_as_durations() -> None:
    assert schema()["$defs"]["Step"]["properties"]["timeout_s"]["default"] == "1m"


@pytest.mark.parametrize("section", sorted(sections(), key=str), ids=lambda each: str(each.__name__))
def test_every_section_is_documented_and_at_the_door(section: type[Section]) -> None:
    assert section.__doc__
    assert getattr(godwit.plan, section.__name__) is section
