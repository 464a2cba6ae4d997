"""The index of a run's folder lists what is there, and its checksums are those that coreutils reckons."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from godwit.cli.main import main
from godwit.reporting import OUTPUTS, SCHEMAS, seal_again, write_verdict
from godwit.reporting.evidence import HOLDS, seal
from godwit.verdict import HarnessError
from tests.reporting.conftest import VERDICTS

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "verdict.json": "{}\n",
    "logs/baseline.log": "ready\n",
    "load/short/samples.json": "[]",
    "work/own.db": "private",
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run, sealed."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    seal(tmp_path)
    return tmp_path


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    words = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, errors="replace", check=False)


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    return {item["path"]: item for item in json.loads((folder / "index.json").read_text("utf-8"))["files"]}


def test_the_index_lists_every_file_but_those_that_stacks_keep_for_themselves(run: Path) -> None:
    assert list(listed(run)) == ["load/short/samples.json", "logs/baseline.log", "verdict.json"]
    assert {name: item["bytes"] for name, item in listed(run).items()} == {
        name: len(text) for name, text in FILES.items() if not name.startswith("work/")
    }


def test_coreutils_reckons_the_same_sums(run: Path) -> None:
    assert checked(run).returncode == 0


@pytest.mark.parametrize("name", ["verdict.json", "logs/baseline.log", "index.json"])
def test_a_file_that_was_changed_or_lost_is_noticed(run: Path, name: str) -> None:
    path = run / name
    path.write_bytes(path.read_bytes() + b" ")
    assert f"{name}: FAILED" in checked(run).stdout
    path.unlink()
    assert f"{name}: FAILED open" in checked(run).stdout


@pytest.mark.parametrize(
    "name", ["two\nlines", "back\\slash", "return\rhere", "bytes\udcff", "  blanks ", "-n", "*"], ids=ascii
)
def test_a_file_is_found_again_whatever_its_name_is(run: Path, name: str) -> None:
    (run / name).write_text("odd", encoding="utf-8")
    seal(run)
    assert checked(run).returncode == 0
    (run / name).write_text("changed", encoding="utf-8")
    assert checked(run).returncode == 1


def test_links_and_pipes_are_not_followed(run: Path) -> None:
    (run / "link").symlink_to("/etc/hostname")
    (run / "folder").symlink_to("/etc")
    os.mkfifo(run / "pipe")
    seal(run)
    assert set(listed(run)) == {name for name in FILES if not name.startswith("work/")}


def test_a_page_that_is_made_again_leaves_sums_that_hold(tmp_path: Path) -> None:
    write_verdict(VERDICTS["no-go"], tmp_path)
    (tmp_path / "verdict.html").write_text("an older page", encoding="utf-8")
    assert checked(tmp_path).returncode == 1
    assert CliRunner().invoke(main, ["page", str(tmp_path)]).exit_code == 0
    assert (checked(tmp_path).returncode, checked(tmp_path).stdout) == (0, "")


def test_a_folder_that_comes_later_is_listed_and_what_changed_elsewhere_is_still_noticed(run: Path) -> None:
    for name in ("gone.html", "index.html"):
        (run / "allure-report").mkdir(exist_ok=True)
        (run / "allure-report" / name).write_text(name, encoding="utf-8")
        seal_again(run, run / "allure-report")
        (run / "allure-report" / "gone.html").unlink(missing_ok=True)
    (run / "verdict.json").write_text('{"word": "GO"}', encoding="utf-8")
    seal_again(run, run / "allure-report")
    assert listed(run)["allure-report/index.html"]["holds"]
    assert checked(run).stdout == "verdict.json: FAILED\n"


def test_a_folder_without_an_index_gets_none_and_a_damaged_one_is_said(run: Path, tmp_path: Path) -> None:
    (run / "index.json").write_text("[]", encoding="utf-8")
    with pytest.raises(HarnessError, match="is damaged"):
        seal_again(run, run / "verdict.json")
    (run / "index.json").unlink()
    seal_again(run, run / "verdict.json")
    assert not (run / "index.json").exists()


def test_every_output_has_a_line_on_what_it_holds() -> None:
    assert set(OUTPUTS) <= set(HOLDS)


def test_the_reference_page_names_every_kind_of_file_and_every_kind_of_event() -> None:
    page = (ROOT / "docs/reference/outputs.md").read_text(encoding="utf-8")
    assert [name for name in HOLDS if f"`{name.partition('*')[0]}" not in page] == []
    kinds = SCHEMAS["event.schema.json"]()["properties"]["kind"]["enum"]  # type: ignore[index]
    assert [kind for kind in kinds if f"`{kind}`" not in page] == []


def test_the_files_of_a_real_run_are_listed_and_whole(reported: Any) -> None:
    assert checked(reported.out).returncode == 0
    assert [name for name, item in listed(reported.out).items() if not item["holds"]] == []
    assert set(OUTPUTS) <= set(listed(reported.out))


def test_every_event_of_a_real_run_is_what_its_schema_says(reported: Any) -> None:
    lines = (reported.out / "events.ndjson").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 10
    validator = jsonschema.Draft202012Validator(SCHEMAS["event.schema.json"]())
    assert [line for line in lines if not validator.is_valid(json.loads(line))] == []
    assert not validator.is_valid({**json.loads(lines[0]), "kind": "party"})
