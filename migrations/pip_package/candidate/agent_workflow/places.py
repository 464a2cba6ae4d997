"""Where everything lies: the home, what stays beside it when the home goes, and how paths are written in it."""

import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "AGENT_WORKFLOW_HOME"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one installation; `~` in its files means the folder that it lies in."""

    folder: Path

    @property
    def config(self) -> Path:
        """The global settings."""
        return self.folder / "config.yaml"

    @property
    def registry(self) -> Path:
        """The projects."""
        return self.folder / "registry.yaml"

    @property
    def credentials(self) -> Path:
        """The encrypted store."""
        return self.folder / "credentials.enc"

    @property
    def logs(self) -> Path:
        """The folder of logs."""
        return self.folder / "logs"

    @property
    def journal(self) -> Path:
        """How far a migration got."""
        return self.folder / "migration.json"

    @property
    def pid(self) -> Path:
        """The process that orchestrates."""
        return self.folder / "orchestrator.pid"

    @property
    def keep(self) -> Path:
        """What has to survive the removal of the home: key, figures, lock."""
        return self.folder.with_name(f"{self.folder.name}-keep")

    @property
    def key(self) -> Path:
        """The key of the store and of the backups' credentials; in neither of them."""
        return self.keep / "credentials.key"

    @property
    def metrics(self) -> Path:
        """The figures of all migrations."""
        return self.keep / "metrics.json"

    @property
    def lock(self) -> Path:
        """Held while anything is changed."""
        return self.keep / "lock"

    def shorten(self, path: Path) -> str:
        """A path as the home's files write it: ~/code/x below the folder that the home lies in, else absolute."""
        around = self.folder.parent
        return f"~/{path.relative_to(around).as_posix()}" if path.is_relative_to(around) else str(path)

    def expand(self, written: str) -> Path:
        """The path that was shortened."""
        return self.folder.parent / written[2:] if written.startswith("~/") else Path(written)

    def backups(self) -> list[Path]:
        """The backups beside the home, newest first; unfinished ones are none."""
        found = [path.parent for path in self.folder.parent.glob(f"{self.folder.name}.*backup-*/manifest.json")]
        return sorted(found, key=lambda path: path.name[-15:], reverse=True)


def home_at(folder: Path | None) -> Home:
    """The home that was asked for, else the environment's, else ~/.agent-workflow."""
    chosen = folder or Path(os.environ.get(VARIABLE) or Path.home() / ".agent-workflow")
    return Home(Path(os.path.abspath(chosen.expanduser())))  # noqa: PTH100  # a link in the path stays a link
