"""Reads an installation of the clone: version, settings, projects, secrets, and which file belongs where; changes nothing."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from . import documents
from .refusals import RefusedError

CATEGORIES = ("config", "projects", "state", "credentials", "logs", "custom")
STATE = ".orch-state"
FROM_ENVIRONMENT = "ORCH_CREDENTIAL_"
PROGRAM = (".git", "__pycache__")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of an installation: its category, its path inside the category's folder, and where it lies."""

    category: str
    name: str
    path: Path

    @property
    def kind(self) -> str:
        """file, link or folder."""
        mode = self.path.lstat().st_mode
        return "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "file"


class LegacyInstallation:
    """A clone at a path, and the projects that it knows."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100  # a link in the path stays a link
        self._environment = os.environ if environment is None else environment

    def demand(self) -> None:
        """RefusedError when this is no clone that can be read."""
        if not self.folder.is_dir():
            raise RefusedError("no-source", f"{self.folder}: there is no such folder; name the folder of the clone")
        if not os.access(self.folder, os.R_OK | os.X_OK):
            raise RefusedError("no-source", f"{self.folder}: cannot be read; ask its owner")
        if not (self.folder / "orchestrator.yaml").is_file():
            raise RefusedError("no-source", f"{self.folder}: has no orchestrator.yaml; name the folder of the clone")

    @cached_property
    def version(self) -> str:
        """As the clone's VERSION says it, `unknown` without one."""
        path = self.folder / "VERSION"
        return path.read_text(encoding="utf-8").strip() if path.is_file() else "unknown"

    @property
    def is_compatible(self) -> bool:
        """Whether this package knows how to move that version: 0.9 and its fixes."""
        return self.version.startswith("0.9.")

    @cached_property
    def installed(self) -> date | None:
        """The day of the installation, if it was kept."""
        path = self.folder / "INSTALL.json"
        try:
            return date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["installed"])
        except (OSError, ValueError, KeyError):
            return None

    @cached_property
    def released(self) -> dict[str, str]:
        """SHA-256 of every file as it was released."""
        path = self.folder / "RELEASE.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))["files"]) if path.is_file() else {}

    def is_modified(self, path: Path) -> bool:
        """Whether a released file is no longer as it was; what the user made himself is not a modification."""
        known = self.released.get(path.relative_to(self.folder).as_posix())
        return known is not None and known != hashlib.sha256(path.read_bytes()).hexdigest()

    def yaml_files(self, pattern: str = "**/*.yaml") -> list[Path]:
        """Files of the clone by a pattern; .yml was never read by the legacy program and is not read here."""
        found = (path for path in self.folder.glob(pattern) if not set(PROGRAM) & set(path.parts))
        return sorted(path for path in found if path.is_file())

    @property
    def project_files(self) -> list[Path]:
        """projects/*.yaml."""
        return self.yaml_files("projects/*.yaml")

    @property
    def config_files(self) -> list[Path]:
        """The settings: every YAML file that is no project and no agent of the user's own."""
        own = {*self.project_files, *self.agent_files}
        return [path for path in self.yaml_files() if path not in own]

    @property
    def agent_files(self) -> list[Path]:
        """Agents of the user's own, wherever they lie."""
        return self.yaml_files("**/agent-*.yaml")

    def settings(self) -> dict[str, dict[str, Any]]:
        """The settings of every configuration file, by its path in the clone."""
        return {path.relative_to(self.folder).as_posix(): documents.read(path) for path in self.config_files}

    def agents(self) -> dict[str, dict[str, Any]]:
        """Each agent with its permissions and whatever else is said of it: the shipped ones and the user's own."""
        path = self.folder / "config/agents.yaml"
        shipped = documents.read(path).get("agents", {}) if path.is_file() else {}
        found = {str(name): {"permissions": [], **agent} for name, agent in shipped.items()}
        for path in self.agent_files:
            agent = documents.read(path)
            name = str(agent.pop("name", path.stem.removeprefix("agent-")))
            found[name] = {"permissions": [], **agent}
        return found

    def projects(self) -> dict[str, Path]:
        """The folder of every project; RefusedError when a project file names none."""
        return {path.stem: self._project_folder(path) for path in self.project_files}

    def credentials(self) -> dict[str, str]:
        """Secrets by name: of .env, and before them those of the environment."""
        path = self.folder / ".env"
        written = dotenv_values(path, interpolate=False) if path.is_file() else {}
        found = {name: secret for name, secret in written.items() if secret is not None}
        said = {
            n.removeprefix(FROM_ENVIRONMENT): v for n, v in self._environment.items() if n.startswith(FROM_ENVIRONMENT)
        }
        return {**found, **{name: secret for name, secret in said.items() if name}}

    def environment_credentials(self) -> dict[str, str]:
        """Those secrets that stand in the environment only."""
        kept = LegacyInstallation(self.folder, {}).credentials()
        return {name: secret for name, secret in self.credentials().items() if kept.get(name) != secret}

    def inventory(self) -> list[Item]:
        """Everything that is the user's, each in one category; the released program itself is not."""
        states = {name: folder / STATE for name, folder in self.projects().items() if (folder / STATE).is_dir()}
        own = (path for path in _walk(self.folder) if not any(path.is_relative_to(state) for state in states.values()))
        clone = [self._placed(path) for path in own if not self._is_program(path)]
        state = [
            Item("state", f"{name}/{path.relative_to(top).as_posix()}".removesuffix("/."), path)
            for name, top in states.items()
            for path in (top, *_walk(top))
        ]
        return sorted([*clone, *state], key=lambda item: (item.category, item.name))

    def running(self) -> int | None:
        """The process of the legacy orchestrator, if one runs."""
        path = self.folder / ".orch.pid"
        try:
            pid = int(path.read_text(encoding="utf-8"))
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

    def _project_folder(self, path: Path) -> Path:
        written = documents.read(path).get("path")
        if not isinstance(written, str) or not written:
            raise RefusedError("bad-project", f"{path}:1: names no path; write the folder of the project and repeat")
        return Path(os.path.normpath(self.folder / Path(written).expanduser()))

    def _is_program(self, path: Path) -> bool:
        name = path.relative_to(self.folder).as_posix()
        if set(PROGRAM) & set(path.relative_to(self.folder).parts) or name in {"RELEASE.json", "VERSION", ".orch.pid"}:
            return True
        return name in self.released and not name.endswith(".yaml") and not self.is_modified(path)

    def _placed(self, path: Path) -> Item:
        name = path.relative_to(self.folder).as_posix()
        if path.name.startswith(".env"):
            return Item("credentials", name, path)
        if name.startswith("logs/"):
            return Item("logs", name.removeprefix("logs/"), path)
        if path.parent == self.folder / "projects" and path.suffix == ".yaml":
            return Item("projects", path.name, path)
        is_agent = path.name.startswith("agent-")
        return Item("config" if path.suffix == ".yaml" and not is_agent else "custom", name, path)


def _walk(folder: Path) -> Iterator[Path]:
    """Files, links and folders below a folder."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name not in PROGRAM:
            yield path
            yield from _walk(path)
        elif path.name not in PROGRAM:
            yield path


def find_clone(start: Path) -> Path | None:
    """Where a clone usually lies: here, or in the home folder under its names."""
    usual = [start, *(Path.home() / name for name in ("agent-workflow", "old-agent-workflow"))]
    return next((path for path in usual if (path / "orchestrator.yaml").is_file()), None)
