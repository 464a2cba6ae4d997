"""Runs godwit as its users do, in processes of its own, on a tiny migration that each test may change first."""

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from godwit.reporting import read_verdict
from godwit.verdict import CheckRecord, CriterionRecord, Verdict

TINY = Path(__file__).with_name("tiny")
SUITES = Path(__file__).resolve().parents[2] / "suites"
GODWIT = str(Path(sys.executable).with_name("godwit"))
PYTEST = (sys.executable, "-P", "-m", "pytest", "-p", "godwit", "-p", "xdist", "-q")
TODAY = dt.datetime.now(dt.UTC).date()
_OTHER_SUITES = """
import importlib.util, sys, godwit
spec = importlib.util.spec_from_file_location("godwit.suites", {init!r}, submodule_search_locations=[{folder!r}])
godwit.suites = sys.modules["godwit.suites"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(godwit.suites)
"""


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit code, everything that it said, and where its evidence lies."""

    code: int
    said: str
    out: Path

    @property
    def verdict(self) -> Verdict:
        """The verdict that it left."""
        return read_verdict(self.out)

    @property
    def outcomes(self) -> dict[str, str]:
        """Outcomes by check, without the migration's name."""
        return {check.id.removeprefix("tiny/"): str(check.outcome) for check in self.verdict.checks}

    def check(self, name: str) -> CheckRecord:
        """One check, by its id without the migration's name."""
        return next(check for check in self.verdict.checks if check.id == f"tiny/{name}")

    def criterion(self, name: str) -> CriterionRecord:
        """One criterion."""
        return next(item for gate in self.verdict.gates for item in gate.criteria if item.id == name)


class Tiny:
    """A copy of the tiny migration, and godwit run on it."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder, self.out = home, home / "tiny", home / "out"
        shutil.copytree(TINY, self.folder)
        self.sign()

    @property
    def plan(self) -> Path:
        """Its plan."""
        return self.folder / "plan.yaml"

    def sign(self, name: str = "sign-off", date: dt.date = TODAY) -> None:
        """Sign what a person has to sign."""
        text = f"id: {name}\nstatement: Fine\nby: A. Editor\nrole: Editor\ndate: {date}\nevidence: I looked\n"
        (self.folder / "attestations").mkdir(exist_ok=True)
        (self.folder / "attestations" / "sign-off.yaml").write_text(text, encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        """Change one place of the plan."""
        text = self.plan.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times in the plan: {old}"
        self.plan.write_text(text.replace(old, new), encoding="utf-8")

    def waive(self, expires: dt.date) -> None:
        """Accept that answers differ."""
        waiver = f"{{id: w, criteria: [same-answers], owner: A. Editor, reason: known, expires: {expires}}}"
        self.plan.write_text(f"{self.plan.read_text(encoding='utf-8')}\nwaivers: [{waiver}]\n", encoding="utf-8")

    def other_suites(self, module: str, old: str, new: str) -> tuple[str, str]:
        """Words for pytest that put a copy of the suites in their place, changed in one place."""
        folder = self.home / "other" / "suites"
        shutil.copytree(SUITES, folder, ignore=shutil.ignore_patterns("__pycache__"))
        text = (folder / f"{module}.py").read_text(encoding="utf-8")
        assert old in text
        (folder / f"{module}.py").write_text(text.replace(old, new, 1), encoding="utf-8")
        put = _OTHER_SUITES.format(init=str(folder / "__init__.py"), folder=str(folder))
        (self.home / "other" / "other_suites.py").write_text(put, encoding="utf-8")
        return "-p", "other_suites"

    def words(self, *words: str) -> list[str]:
        """The command that verifies it."""
        return [GODWIT, "verify", str(self.folder), "--out", str(self.out), *words]

    def environ(self) -> dict[str, str]:
        """An environment in which nothing of this test's own pytest shows."""
        own = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "GODWIT_"))}
        return own | {"PYTHONPATH": str(self.home / "other"), "GODWIT_STATE_DIR": str(self.home / "state")}

    def verify(self, *words: str, **environ: str) -> Ended:
        """Run `godwit verify` on it to its end."""
        return self.run(self.words(*words), **environ)

    def pytest(self, *words: str) -> Ended:
        """Run pytest on the suites with no `godwit verify` around it and no other plugins, which takes half the time."""
        asked = ["--pyargs", "godwit.suites", "--godwit-plan", str(self.plan), "--godwit-out", str(self.out)]
        asked += ["-o", f"cache_dir={self.home / 'cache'}"]
        return self.run([*PYTEST, *asked, *words], PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    def run(self, command: Sequence[str], **environ: str) -> Ended:
        """Run a command beside it to its end."""
        ended = subprocess.run(
            command,
            cwd=self.home,
            env=self.environ() | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=90,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, self.out)

    def still_running(self) -> list[str]:
        """The command lines, with their folders, of everything that was started for it and still runs."""
        return [line for line in map(_command_line, psutil.process_iter()) if str(self.home) in line]


def _command_line(process: psutil.Process) -> str:
    try:
        return "" if process.status() == psutil.STATUS_ZOMBIE else " ".join([*process.cmdline(), "in", process.cwd()])
    except psutil.Error:
        return ""


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """The tiny migration, for one test."""
    return Tiny(tmp_path)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One whole run of the tiny migration as it is."""
    return Tiny(tmp_path_factory.mktemp("clean")).verify()


@pytest.fixture(scope="session")
def no_way_back(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One run of the phase whose gate rolls back, with a router that never does."""
    return Tiny(tmp_path_factory.mktemp("no-way-back")).verify("--defect", "no-way-back", "--phase", "switch")


@pytest.fixture
def no_go_ever() -> Callable[[Ended], None]:
    """States that a run did not end in GO, whichever way one asks."""

    def state(ended: Ended) -> None:
        assert ended.code != 0, ended.said
        if (ended.out / "verdict.json").exists():
            assert ended.verdict.word != "GO"

    return state


@pytest.fixture
def suites() -> Path:
    """Where the shipped suites lie."""
    return SUITES


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tiny, Ended]:
    """The tiny migration, and a run of its first phase with a wrong answer and a seed of its own."""
    tiny = Tiny(tmp_path_factory.mktemp("broken"))
    return tiny, tiny.verify("--defect", "wrong-answer", "--seed", "7", "--phase", "parity")
