"""Makes installations of the clone and moves them in this process; judges nothing."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
sys.path += [str(MIGRATIONS), str(MIGRATIONS / "pip_package/candidate")]

NOW = "2024-01-15T14:30:45"
STAMP = "20240115-143045"
Run = Callable[..., SimpleNamespace]


@dataclass(frozen=True)
class Site:
    """A folder with a clone, its projects and, once it was moved, a home."""

    folder: Path

    @property
    def clone(self) -> Path:
        return self.folder / "old-agent-workflow"

    @property
    def home(self) -> Path:
        return self.folder / ".agent-workflow"

    @property
    def code(self) -> Path:
        return self.folder / "code"

    @property
    def backup(self) -> Path:
        return self.folder / f".agent-workflow.backup-{STAMP}"

    def tree(self, *, program: bool = True) -> dict[str, str]:
        """Everything of clone and projects by its path: content, mode, kind; without what is released when not `program`."""
        released = {".git", "RELEASE.json", "VERSION", "orch.py", "README.md", "requirements.txt"}
        paths = [path for top in (self.clone, self.code) for path in sorted(top.rglob("*"))]
        found = {path.relative_to(self.folder).as_posix(): told(path) for path in paths}
        if program:
            return found
        return {name: said for name, said in found.items() if not released & set(Path(name).parts) and said != "folder"}


def told(path: Path) -> str:
    """Kind, mode and content of one path."""
    if path.is_symlink():
        return f"link {path.readlink()}"
    if path.is_dir():
        return "folder"
    return f"{stat.S_IMODE(path.stat().st_mode):o} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def moved_by_a_process(site: Site, **around: str) -> "subprocess.CompletedProcess[str]":
    """The tools' own process moves the site automatically, without a network."""
    words = [sys.executable, "-m", "pip_package.tools", "orch", "--", "migrate-from-git", str(site.clone)]
    words += ["--automated", "--offline", "--home", str(site.home)]
    env = {"PATH": "/usr/bin:/bin", **around}
    return subprocess.run(words, cwd=MIGRATIONS, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One sample installation of each kind, never touched."""
    from pip_package.tools import sample

    folder = tmp_path_factory.mktemp("pristine")
    for kind in sample.KINDS:
        sample.make(folder / kind, 1, kind)
    return folder


@pytest.fixture
def make(pristine: Path, tmp_path: Path) -> Callable[..., Site]:
    """A function that copies a sample."""

    def copy(kind: str = "sample", name: str = "site") -> Site:
        shutil.copytree(pristine / kind, tmp_path / name, symlinks=True)
        return Site(tmp_path / name)

    return copy


@pytest.fixture
def site(make: Callable[..., Site]) -> Site:
    """A copy of the documented sample."""
    return make()


@pytest.fixture(autouse=True)
def stillness(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, no disk is waited for, and nothing of this machine's environment is taken for the user's."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    for name in [name for name in os.environ if name.startswith(("AGENT_WORKFLOW_", "ORCH"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGENT_WORKFLOW_NOW", NOW)


@pytest.fixture
def orch(capsys: pytest.CaptureFixture[str]) -> Run:
    """agent-orch in this process: code, out, err."""
    from agent_workflow.cli import main

    def run(*words: object) -> SimpleNamespace:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code, out=said.out, err=said.err)

    return run


@pytest.fixture
def moved(site: Site, orch: Run) -> Site:
    """The sample, moved automatically without a network."""
    done = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    assert done.code == 0, done.err
    return site


@pytest.fixture
def standins() -> Iterator[object]:
    """Discord, Claude and GitHub on loopback."""
    import threading

    from pip_package.tools.standins import StandIns

    with StandIns(0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)
