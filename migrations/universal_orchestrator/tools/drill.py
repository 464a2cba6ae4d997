"""Drills the immediate rollback on a deployed tree of its own: switch, swap back, restart, again; tells gap and hashes."""

import subprocess
import sys
import time
from pathlib import Path

from universal_orchestrator.tools import core_tree
from universal_orchestrator.tools.refusals import RefusedError
from universal_orchestrator.tools.sides import HOME, environment
from universal_orchestrator.tools.site_service import SiteService, Watch

CONFIG = HOME / "config/legacy.json"
OLD, NEW = "28.0.0", "1.0.0"


def roll_back_twice(folder: Path) -> dict[str, object]:
    """Deploy, back up, switch and roll back, twice over; figures of the second time."""
    site = folder / "site"
    core_tree.install(HOME / "baseline", site)
    before = core_tree.digest(site / "app/core")
    core_tree.back_up(site)
    figures: dict[str, object] = {}
    with SiteService(site, CONFIG) as service:
        _expect(service.start("baseline"), OLD)
        for round_number in (1, 2):
            service.stop()
            core_tree.swap(site, HOME / "candidate/app/core")
            _expect(service.start("candidate"), NEW)
            with Watch(service.url) as watch:
                seconds = _roll_back(service, site)
            if core_tree.digest(site / "app/core") != before:
                raise RefusedError(f"after rollback {round_number} app/core is not what it was")
            legacy_client(site)
            figures = {"rollbacks": round_number, "seconds": round(seconds, 3), "gap_s": round(watch.gap_s, 3),
                       "asked": watch.good + watch.bad, "unanswered": watch.bad}  # fmt: skip
    return figures


def survive_crashes(folder: Path) -> dict[str, object]:
    """Kill a swap after each of its steps; whatever is left, the next swap ends with the whole old core."""
    ends: dict[str, object] = {}
    for step in core_tree.STEPS:
        site = folder / f"site-{step}"
        core_tree.install(HOME / "baseline", site)
        before = core_tree.digest(site / "app/core")
        core_tree.back_up(site)
        core_tree.swap(site, HOME / "candidate/app/core")
        words = [
            sys.executable,
            "-m",
            "universal_orchestrator.tools",
            "swap",
            "--site",
            str(site),
            "--crash-after",
            step,
        ]
        killed = subprocess.run(words, cwd=HOME.parent, check=False, capture_output=True).returncode
        core_tree.swap(site, site / "app/core_backup")
        if core_tree.digest(site / "app/core") != before:
            raise RefusedError(f"a swap killed after {step} could not be finished")
        ends[step] = f"killed with {killed}, then whole"
        if killed != -9:
            raise RefusedError(f"the swap was not killed after {step}, but ended with {killed}")
    return ends


def legacy_client(site: Path) -> None:
    """Run an untouched legacy client on a deployed tree; RefusedError with its last line if it fails."""
    words = [sys.executable, str(HOME / "clients/legacy/agent_style.py")]
    env = environment("baseline", site.resolve())
    ended = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)
    if ended.returncode:
        raise RefusedError(f"a legacy client fails after the rollback: {ended.stderr.splitlines()[-1:]}")


def _roll_back(service: SiteService, site: Path) -> float:
    began_s = time.monotonic()
    core_tree.verify(site / "app/core_backup")
    service.stop()
    core_tree.swap(site, site / "app/core_backup")
    _expect(service.start("baseline"), OLD)
    return time.monotonic() - began_s


def _expect(version: str, wanted: str) -> None:
    if version != wanted:
        raise RefusedError(f"the service is of version {version}, and should be {wanted}")
