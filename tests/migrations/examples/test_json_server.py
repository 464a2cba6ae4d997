"""json-server 0.17 against 1.0: every known breaking change is found where it is, nothing else is, and A/A finds nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from godwit.reporting import read_verdict
from godwit.verdict import Verdict

EXAMPLE = Path(__file__).resolve().parents[3] / "migrations" / "examples" / "json_server"
GODWIT = str(Path(sys.executable).with_name("godwit"))
TEXT_FOR_NUMBER = ("type", "integer became string")
KNOWN = {
    "one-post": {TEXT_FOR_NUMBER},
    "all-comments": {TEXT_FOR_NUMBER},
    "ordered-up": {TEXT_FOR_NUMBER},
    "new-post": {TEXT_FOR_NUMBER},
    "no-post": {("extra", "")},
    "no-table": {("extra", "")},
    "whole-database": {("status", "to GET /db")},
    "nested": {("status", "to GET /posts/1/comments")},
    "ordered-down": {("missing", "")},
    "full-text": {("missing", "")},
    "like": {("missing", "")},
    "expanded": {("missing", "")},
    "a-page": {("type", "array became object"), ("header x-total-count", ""), ("header link", "")},
    "removed-post": {("extra", "")},
    "same-id-twice": {("line", "at the beginning")},
    "file-on-disk": {TEXT_FOR_NUMBER, ("extra", "")},
}
"""What the release changed, by the check that meets it. Found without looking for it: an error body where {} was."""
SAME = {"profile", "by-author", "by-views", "changed-profile"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm"),
]


def verify(out: Path, *words: str) -> Verdict:
    """Run the example to its end."""
    command = [GODWIT, "verify", str(EXAMPLE), "--out", str(out), *words]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=170, check=False)
    assert (out / "verdict.json").exists(), ended.stdout + ended.stderr
    return read_verdict(out)


@pytest.fixture(scope="module")
def registry() -> None:
    """Skips where npm reaches no registry: then neither version can be installed."""
    asked = ["npm", "view", "json-server@0.17.4", "version"]
    answer = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    if answer.returncode:
        pytest.skip(f"npm cannot ask its registry: {answer.stderr.strip()[-200:]}")


@pytest.fixture(scope="module")
def verdict(registry: None, tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """One run of both versions."""
    return verify(tmp_path_factory.mktemp("json-server") / "out")


def test_each_known_change_is_found_and_nothing_else(verdict: Verdict) -> None:
    found = {check.id.rpartition("/")[2]: {(it.what, it.reason) for it in check.findings} for check in verdict.checks}
    assert found == KNOWN | {name: set() for name in SAME}


def test_every_check_came_to_a_conclusion(verdict: Verdict) -> None:
    assert {str(check.outcome) for check in verdict.checks} == {"passed", "failed"}
    assert verdict.exit_code == 10


def test_the_baseline_against_itself_is_a_go(registry: None, tmp_path: Path) -> None:
    assert str(verify(tmp_path / "out", "--candidate-as", "baseline").word) == "GO"
