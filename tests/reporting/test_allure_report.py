"""How `godwit report` finds an Allure, what it hands to it, what it keeps, and what it says where something is missing."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from godwit.reporting import write_verdict
from godwit.reporting.allure_report import MOST_RUNS, Tool, find_tool, make_report, readable, without_outside
from godwit.verdict import HarnessError
from tests.reporting.conftest import GODWIT, VERDICTS

STAND_IN = f"""#!{sys.executable}
import json, pathlib, sys
words = sys.argv[1:]
if words == ["--version"]:
    sys.exit(print("3.18.0"))
config = json.loads(pathlib.Path(words[words.index("--config") + 1]).read_text())
made, kept = pathlib.Path(config["output"]), pathlib.Path(config["historyPath"])
made.mkdir()
(made / "index.html").write_text("<html><script src='https://tag.test/a.js'></script><script>own()</script></html>")
with kept.open("a") as file:
    file.write(json.dumps({{"name": config["name"]}}) + "\\n")
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder for the path with a program that behaves as Allure 3 does, and another in Node's place."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("allure", "node"):
        (folder / name).write_text(STAND_IN, encoding="utf-8")
        (folder / name).chmod(stat.S_IRWXU)
    return folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results, as far as Allure's stand-in looks at it."""
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "categories.json").write_text("[]", encoding="utf-8")
    return folder


def test_scripts_from_outside_go_and_own_ones_stay() -> None:
    page = (
        b'<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n<script>\n'
        b"  window.dataLayer = window.dataLayer || [];\n  gtag('js', new Date());\n</script><script>let a = 1;</script>"
        b'<script src="app.js"></script>'
    )
    assert without_outside(page) == b'\n<script>let a = 1;</script><script src="app.js"></script>'


def test_what_mends_a_page_comes_once_at_the_end_of_its_head_and_changes_nothing_else() -> None:
    page = b'<head><meta charset="utf-8"></head><body><script>let a = "</head>";</script></body>'
    before, mended, after = readable(page).partition(b"</script></head>")
    assert before.startswith(b'<head><meta charset="utf-8"><style>')
    assert (mended, after) == (b"</script></head>", page.partition(b"</head>")[2])
    assert b"MutationObserver" in before


def test_a_history_keeps_each_run_once_and_only_the_last_ones(tmp_path: Path, stand_in: Path, results: Path) -> None:
    kept = tmp_path / "history"
    kept.mkdir()
    before = [json.dumps({"name": f"GO: run-{n}"}) for n in range(MOST_RUNS + 5)]
    (kept / "allure3.jsonl").write_text("\n".join([*before, ""]), encoding="utf-8")
    tool = Tool(3, (str(stand_in / "allure"),))
    for _ in range(2):
        make_report(tool, VERDICTS["go"], results, tmp_path / "report", kept, single=True)
    names = [json.loads(line)["name"] for line in (kept / "allure3.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(names) == MOST_RUNS
    assert names.count("GO: tiny-1") == 1
    assert names[-1] == "GO: tiny-1"


@pytest.mark.parametrize(
    ("version", "present", "words"),
    [
        (3, (), "Allure 3 needs Node.js 20 or later, and no node is on the path"),
        (2, (), "Allure 2 needs Java 8 or later, and no java is on the path"),
        (3, ("node",), "Allure 3 is not installed: npm install allure,"),
    ],
    ids=["no node", "no java", "node without allure"],
)
def test_what_is_missing_is_said(tmp_path: Path, monkeypatch, stand_in: Path, version, present, words) -> None:
    for name in {"allure", "node"} - set(present):
        (stand_in / name).unlink()
    monkeypatch.setenv("PATH", str(stand_in))
    with pytest.raises(HarnessError, match=words):
        find_tool(version, tmp_path)


def test_an_allure_of_another_version_on_the_path_is_passed_over(tmp_path: Path, monkeypatch, stand_in: Path) -> None:
    (stand_in / "java").write_text(STAND_IN, encoding="utf-8")
    (stand_in / "java").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(stand_in))
    assert find_tool(3, tmp_path).version == 3
    with pytest.raises(HarnessError, match="Allure 2 is not installed: npm install allure-commandline"):
        find_tool(2, tmp_path)


def _report(home: Path, path: Path, *words: str) -> Any:
    environ = {**os.environ, "PATH": f"{path}"}
    return subprocess.run(
        [GODWIT, "report", *words], cwd=home, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with a NO-GO in it."""
    folder = tmp_path / "reports" / "out" / "tiny-1"
    folder.mkdir(parents=True)
    write_verdict(VERDICTS["no-go"], folder)
    return folder


def test_the_report_of_the_newest_run_is_made_whatever_its_verdict_and_calls_nothing(tmp_path, stand_in, run) -> None:
    for _ in range(2):  # the history that the first leaves is no run
        ended = _report(tmp_path, stand_in)
        page = run / "allure-report" / "index.html"
        assert (ended.returncode, ended.stdout) == (0, f"{page}  (NO-GO, Allure 3)\n"), ended.stderr
    assert page.read_text(encoding="utf-8") == "<html><script>own()</script></html>"
    listed = [item["path"] for item in json.loads((run / "index.json").read_text(encoding="utf-8"))["files"]]
    assert "allure-report/index.html" in listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "is not there: the run left no verdict"),
        (("reports/out/tiny-1", "--out", "reports"), "is there and no report; name another with --out"),
        (("reports/out/tiny-1", "--results", "bin"), "holds no Allure result of the run tiny-1"),
        (("reports/out/tiny-1", "--allure", "2"), "Allure 2 needs Java"),
    ],
    ids=["no run", "a folder of something else", "results of another run", "no java"],
)
def test_a_mistake_ends_with_one_message(tmp_path, stand_in, run, words, said) -> None:
    ended = _report(tmp_path, stand_in, *words)
    assert ended.returncode == 4
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
