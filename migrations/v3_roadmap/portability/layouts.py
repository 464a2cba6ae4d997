"""Three ways to lay an installation out, and putting the consolidated scripts there; every link in it is relative."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from v3_roadmap.scripts.grouping import scripts_of
from v3_roadmap.tools.refusals import RefusedError

CONFIGURATION = "coordination.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where programs, settings and data lie, relative to the folder that was deployed into."""

    program: str
    settings: str
    data: str

    def is_at(self, folder: Path) -> bool:
        """Whether an installation of this layout is there."""
        return all(
            path.is_dir()
            for path in (folder / self.program / "scripts", folder / self.settings, folder / self.data / "apps")
        )

    def configuration(self, folder: Path) -> Path:
        """The file of its settings."""
        return folder / self.settings / CONFIGURATION


LAYOUTS = {
    "flat": Layout(".", "config", "."),
    "split": Layout("usr/lib/ai-coordination", "etc/ai-coordination", "var/lib/ai-coordination"),
    "nested": Layout("services/coordination/program", "services/coordination/settings", "services/coordination/data"),
}


def install(tree: Path, into: Path, layout: Layout) -> int:
    """Copies the scripts and the applications' data of a consolidated tree; how many scripts. An installation is not overwritten."""
    if not (tree / "lib/home").exists():
        raise RefusedError(f"{tree} is not consolidated; run `scripts consolidate` first")
    if any(other.is_at(into) for other in LAYOUTS.values()):
        raise RefusedError(f"{into} has an installation already; name another folder")
    program, data = into / layout.program, into / layout.data
    for part in ("scripts", "lib"):
        shutil.copytree(tree / part, program / part)
    for path in sorted((tree / "apps").rglob("*")):
        _put(path, data / path.relative_to(tree), tree, program)
    (into / layout.settings).mkdir(parents=True, exist_ok=True)
    apps = program / "apps"
    if not apps.exists():
        apps.symlink_to(os.path.relpath(data / "apps", program), target_is_directory=True)
    return len(scripts_of(program))


def _put(path: Path, target: Path, tree: Path, program: Path) -> None:
    if path.is_symlink():
        script = program / path.resolve().relative_to(tree.resolve())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(os.path.relpath(script, target.parent))
    elif path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        shutil.copy2(path, target)
