"""Tells what kind of environment a process runs in, and how an installation is laid out, by what is there; it asks nobody."""

from collections.abc import Mapping
from pathlib import Path

from v3_roadmap.portability.layouts import LAYOUTS
from v3_roadmap.tools.refusals import RefusedError

KINDS = ("kubernetes", "container", "ci", "service", "workstation", "server")


def kind_of(environ: Mapping[str, str], root: Path, here: Path) -> str:
    """One of KINDS, the most particular one: by variables, by files below `root` (the file system's), by a clone around `here`."""
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    if environ.get("container") or (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return "container"
    if environ.get("CI", "").lower() in {"1", "true", "yes"}:
        return "ci"
    if environ.get("INVOCATION_ID"):
        return "service"
    return "workstation" if any((folder / ".git").exists() for folder in (here, *here.parents)) else "server"


def layout_of(folder: Path) -> str:
    """The name of the one layout that an installation has; raises RefusedError where it has none, or several."""
    found = [name for name, layout in LAYOUTS.items() if layout.is_at(folder)]
    if len(found) != 1:
        told = f"several layouts ({', '.join(found)})" if found else f"no layout (known: {', '.join(LAYOUTS)})"
        raise RefusedError(f"{folder} has {told}; name the folder that was deployed into")
    return found[0]
