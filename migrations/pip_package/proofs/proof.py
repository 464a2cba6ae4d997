"""Lays samples out to try the package on; knows no promise itself."""

import hashlib
import importlib
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pip_package.tools import sample
from pip_package.tools.standins import StandIns

MIGRATIONS = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120


class Place:
    """A sample clone, its projects, and the home that it is moved to, all in one folder."""

    def __init__(self, folder: Path, kind: str = "sample", seed: int = 1) -> None:
        sample.make(folder, seed, kind)
        self.folder = folder
        self.source = folder / "old-agent-workflow"
        self.code = folder / "code"
        self.home = folder / ".agent-workflow"
        self.env: dict[str, str] = {}

    def orch(self, *words: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """agent-orch with these words, as its user runs it."""
        return subprocess.run(
            self.words(*words),
            cwd=MIGRATIONS,
            env=self.environ() | env,
            input=given,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def words(self, *words: str) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", "pip_package.tools", "orch", "--", *words]

    def environ(self) -> dict[str, str]:
        """The user's environment: the home folder is this one."""
        around = {"HOME": str(self.folder), "AGENT_WORKFLOW_HOME": str(self.home), "PYTHONPATH": str(MIGRATIONS)}
        return os.environ | around | self.env

    def old(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """The clone's own command."""
        line = [sys.executable, "orch.py", *words]
        return subprocess.run(
            line,
            cwd=self.source,
            env=self.environ() | env,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def secrets(self) -> list[str]:
        """Every secret of the clone's .env."""
        lines = (self.source / ".env").read_text(encoding="utf-8").splitlines()
        return [line.partition("=")[2] for line in lines if "=" in line]

    def yaml(self, name: str) -> Any:
        """A file of the home."""
        return YAML(typ="safe").load(self.home / name)

    def journal(self) -> dict[str, Any]:
        """How far the migration got."""
        return dict(json.loads((self.home / "migration.json").read_bytes()))

    def backup(self) -> Path:
        """The newest backup beside the home."""
        return max(self.folder.glob(".agent-workflow.*backup-*/manifest.json")).parent


def part(name: str) -> Any:
    """A module of the package."""
    return importlib.import_module(f"agent_workflow.{name}")


def tree(folder: Path) -> dict[str, tuple[int, str]]:
    """Permissions and content of everything below a folder; of a link where it points."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.is_symlink():
            said = str(path.readlink())
        else:
            said = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        found[path.relative_to(folder).as_posix()] = (mode, said)
    return found


def user_data(place: Place) -> dict[str, tuple[int, str]]:
    """Everything of the clone and its projects but what Python itself leaves there."""
    both = {f"clone/{name}": said for name, said in tree(place.source).items()}
    both |= {f"code/{name}": said for name, said in tree(place.code).items()}
    return {name: said for name, said in both.items() if "__pycache__" not in name}


def open_secrets(place: Place, *folders: Path) -> list[str]:
    """Files below folders that hold a secret as it is written."""
    secrets = [secret.encode() for secret in place.secrets()]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if any(secret in path.read_bytes() for secret in secrets)]


@contextmanager
def stand_ins(place: Place) -> Iterator[StandIns]:
    """Discord, Claude and GitHub on loopback, which the place's commands then ask."""
    with StandIns(0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place.env["AGENT_WORKFLOW_INTEGRATIONS"] = server.url
        try:
            yield server
        finally:
            server.shutdown()
