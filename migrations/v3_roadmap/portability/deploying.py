"""One command from a consolidated tree to a service that answers, in any folder; a real one only after an isolated one."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plumbing.journal import Journal
from v3_roadmap.infrastructure import programs
from v3_roadmap.portability.configuration import configure
from v3_roadmap.portability.detection import kind_of
from v3_roadmap.portability.layouts import LAYOUTS, install
from v3_roadmap.scripts.backup import digest
from v3_roadmap.scripts.grouping import scripts_of
from v3_roadmap.scripts.parity import said
from v3_roadmap.tools.refusals import RefusedError

ENTRY = "apps/coordination/scripts/list-agents.sh"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What stands: layout and kind of environment, scripts, the URL that answered, the seconds until then."""

    layout: str
    environment: str
    scripts: int
    url: str
    seconds: float


@contextmanager
def deployed(tree: Path, into: Path, layout: str, journal: Path, *, real: bool = False) -> Iterator[Deployed]:
    """Installs, configures and starts; it runs until the block ends. A real one needs an isolated one of the same scripts on record."""
    begun = time.monotonic()
    release = digest(tree, scripts_of(tree))
    records = Journal(journal)
    if real and not any(entry["release"] == release and entry["event"] == "isolated" for entry in records.entries()):
        raise RefusedError(
            "these scripts were not deployed to an isolated environment yet; do so first, without --real"
        )
    scripts = install(tree, into, LAYOUTS[layout])
    kind = kind_of(os.environ, Path("/"), into)
    settings = configure(into, kind, layout)
    folder = LAYOUTS[layout].configuration(into).parent
    words = ("--store", f"sqlite:///{(folder / settings['store']).resolve()}", "--cache", settings["cache"])
    with programs.service("v3_roadmap.candidate", *words, folder=folder, name="service") as url:
        tried = said(into / LAYOUTS[layout].data, ENTRY, ())
        if tried.code:
            raise RefusedError(f"{ENTRY} does not work there: {tried.err.strip()}")
        records.append({"event": "real" if real else "isolated", "release": release, "layout": layout})
        yield Deployed(layout, kind, scripts, url, round(time.monotonic() - begun, 2))
