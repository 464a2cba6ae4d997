"""Verdicts of every kind (see `states.py`), and real runs of the tiny migration for their files."""

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from godwit.plan import Plan, load_plan
from godwit.verdict import Verdict

TINY = Path(__file__).resolve().parents[1] / "pytest_plugin" / "tiny"
GODWIT = str(Path(sys.executable).with_name("godwit"))
_MADE = runpy.run_path(str(Path(__file__).with_name("states.py")))
VERDICTS: dict[str, Verdict] = _MADE["STATES"]
GOOD, BROKEN, QUICK, SAME, FAST, check, verdict = (
    _MADE[name] for name in ("GOOD", "BROKEN", "QUICK", "SAME", "FAST", "check", "verdict")
)


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit code, everything that it said, and its folder."""

    code: int
    said: str
    out: Path


class Runs:
    """A copy of the tiny migration, and godwit run on it."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "tiny"
        shutil.copytree(TINY, self.folder, ignore=shutil.ignore_patterns("__pycache__"))

    def change(self, old: str, new: str) -> None:
        """Change one place of the plan."""
        path = self.folder / "plan.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times in the plan: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def verify(self, *words: str, **environ: str) -> Ended:
        """Run `godwit verify` on it to its end."""
        own = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "GODWIT_"))}
        out = self.home / "out"
        ended = subprocess.run(
            [GODWIT, "verify", str(self.folder), "--out", str(out), *words],
            cwd=self.home,
            env={**own, "GODWIT_STATE_DIR": str(self.home / "state"), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=90,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, out)


@pytest.fixture(params=VERDICTS)
def example(request: pytest.FixtureRequest) -> tuple[str, Verdict]:
    """Each kind of verdict, with its name."""
    return request.param, VERDICTS[request.param]


@pytest.fixture(scope="session")
def tiny_plan() -> Plan:
    """The plan of the tiny migration."""
    return load_plan(TINY / "plan.yaml", {})


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """The tiny migration, for one test."""
    return Runs(tmp_path)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One run of the first phase with a broken promise, unsettled ones and a skipped one, reported to JUnit and Allure."""
    runs = Runs(tmp_path_factory.mktemp("reported"))
    (runs.folder / "marks.py").write_text(_MARKS, encoding="utf-8")
    words = ["--junitxml", str(runs.home / "junit.xml"), "--alluredir", str(runs.home / "allure"), "-p", "marks"]
    return runs.verify("--phase", "parity", "--defect", "wrong-answer", *words, PYTHONPATH=str(runs.folder))


_MARKS = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.name.endswith("all-notes]"):
            item.add_marker(pytest.mark.skip(reason="not today"))
        if item.name.endswith("no-note]"):
            item.add_marker(pytest.mark.xfail(reason="thought to fail"))

def pytest_runtest_call(item):
    from godwit.verdict import assert_holds, inconclusive
    if item.name.endswith("second-note]"):
        assert_holds(inconclusive("too few answers", n_needed=200))
"""


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
          "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder with `allure`, `allure-commandline`, `axe-core` and `vnu-jar` from npm."""
    named = os.environ.get("GODWIT_NODE_MODULES")
    if not named:
        pytest.skip("GODWIT_NODE_MODULES names no folder with allure, allure-commandline, axe-core and vnu-jar")
    return Path(named)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium of the system."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on the path")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield launched
        launched.close()
