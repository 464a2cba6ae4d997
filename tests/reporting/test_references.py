"""Figures are kept under a name, found again as they were, and refused once somebody has changed them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from godwit.cli import main
from godwit.cli.references import reference
from godwit.reporting import Reference, keep, read_reference, reference_of, write_verdict
from godwit.verdict import CheckRecord, HarnessError, Interval, Measurement, Outcome, Verdict, decide

RUN = {"migration": "tiny", "baseline": "1.0.0", "candidate": "2.0.0", "machine": "Linux, 2 cores"}


def measured(value: float) -> Measurement:
    return Measurement("response_ms", value, "ms", 400, Interval(value - 2, value + 2, 0.95))


def check(name: str, value: float | None) -> CheckRecord:
    figures = (None, None) if value is None else (measured(value), measured(100))
    return CheckRecord(f"tiny/load/{name}", "", "It holds.", "load", Outcome.PASSED, "", 0.0, (), *figures)


def verdict(value: float, started: str = "2026-11-22T01:00:00+00:00") -> Verdict:
    records = [check("budget/fast", value), check("probe/same", None)]
    return decide("tiny-1", [], records, run=RUN | {"started": started})


def kept(folder: Path, name: str, value: float, started: str = "2026-11-22T01:00:00+00:00") -> Reference:
    found = reference_of(verdict(value, started), name)
    keep(found, folder)
    return found


def test_a_reference_is_read_as_it_was_kept(tmp_path: Path) -> None:
    found = kept(tmp_path, "release-1.4", 100)
    assert list(found.figures) == ["tiny/load/budget/fast"]
    assert read_reference(tmp_path / "release-1.4.json") == found
    assert (tmp_path / "release-1.4.json").stat().st_size < 2000


def test_a_name_stands_for_one_run_unless_it_is_replaced(tmp_path: Path) -> None:
    kept(tmp_path, "pinned", 100)
    with pytest.raises(HarnessError, match="--replace"):
        kept(tmp_path, "pinned", 120)
    keep(reference_of(verdict(120), "pinned"), tmp_path, replace=True)
    assert read_reference(tmp_path / "pinned.json").figures["tiny/load/budget/fast"].actual.value == 120


def test_a_reference_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    kept(tmp_path, "pinned", 100)
    (tmp_path / "same-file").hardlink_to(tmp_path / "pinned.json")
    before = (tmp_path / "same-file").read_bytes()
    keep(reference_of(verdict(200), "pinned"), tmp_path, replace=True)
    assert (tmp_path / "same-file").read_bytes() == before != (tmp_path / "pinned.json").read_bytes()


def test_a_reference_that_was_edited_is_refused(tmp_path: Path) -> None:
    kept(tmp_path, "pinned", 100)
    path = tmp_path / "pinned.json"
    told = json.loads(path.read_text())
    told["figures"]["tiny/load/budget/fast"]["actual"]["value"] = 500
    path.write_text(json.dumps(told))
    with pytest.raises(HarnessError, match="was changed since"):
        read_reference(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(None, "there is other", id="missing"),
        pytest.param("[]", "is no reference", id="a-list"),
        pytest.param("{", "is no reference", id="not-json"),
    ],
)
def test_what_is_no_reference_is_refused_in_one_line(tmp_path: Path, text: str | None, says: str) -> None:
    kept(tmp_path, "other", 100)
    path = tmp_path / "broken.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(HarnessError, match=says):
        read_reference(path)


def test_a_name_that_leaves_the_folder_is_refused() -> None:
    with pytest.raises(HarnessError, match="cannot be the name"):
        reference_of(verdict(100), "../elsewhere")


def test_a_run_that_measured_nothing_is_no_reference() -> None:
    with pytest.raises(HarnessError, match="measured no figure"):
        reference_of(decide("tiny-1", [], [], run=RUN), "empty")


@pytest.mark.parametrize(
    ("value", "code", "says"),
    [
        pytest.param(101, 0, "passed", id="as-before"),
        pytest.param(140, 10, "40 % worse beside its baseline", id="slower"),
        pytest.param(110, 11, "across what is allowed", id="across"),
    ],
)
def test_a_run_is_compared_on_the_command_line(tmp_path: Path, value: float, code: int, says: str) -> None:
    kept(tmp_path / "references", "pinned", 100)
    write_verdict(verdict(value), tmp_path)
    words = ["compare", "pinned", "--of", str(tmp_path), "--folder", str(tmp_path / "references"), "--allow", "10"]
    done = CliRunner().invoke(reference, words)
    assert done.exit_code == code
    assert says in done.output


def test_a_limit_that_is_no_number_is_refused(tmp_path: Path) -> None:
    words = ["reference", "compare", "pinned", "--of", str(tmp_path), "--allow", "nan"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, "--allow nan is no number" in done.output) == (4, True)


def test_a_trend_over_what_is_kept_is_told(tmp_path: Path) -> None:
    for day in range(1, 8):
        kept(tmp_path, f"nightly-{day}", 100 + 3 * day, f"2026-11-0{day}T01:00:00+00:00")
    done = CliRunner().invoke(reference, ["trend", "--folder", str(tmp_path)])
    assert "tiny/load/budget/fast: rose by 17.5 %" in done.output
    assert [line.split()[-1] for line in done.output.splitlines()[1:]] == [f"nightly-{day}" for day in range(1, 8)]
    listed = CliRunner().invoke(reference, ["list", "--folder", str(tmp_path)]).output
    assert "nightly-7" in listed
