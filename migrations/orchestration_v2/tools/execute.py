"""The document's three phases as steps over the other tools; what is not named on the command line is not touched."""

import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration_v2.tools.answers import demand
from orchestration_v2.tools.conversion import VERSION
from orchestration_v2.tools.refusals import Refused
from orchestration_v2.tools.rollback import wait_healthy
from orchestration_v2.tools.runbooks import Step, run_command

ROLLOUT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("days 1-3: 5% of the users", {"use_v2_orchestration": True, "v2_user_percentage": 5}),
    ("days 4-7: 25% and the QA team", {"v2_user_percentage": 25, "v2_enabled_teams": ["qa"]}),
    ("days 8-14: 50% and Engineering", {"v2_user_percentage": 50, "v2_enabled_teams": ["qa", "engineering"]}),
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the parts of the migration are; `soak_s` is how long each step of the rollout is watched."""

    gateway: str | None = None
    baseline: str | None = None
    candidate: str | None = None
    baseline_store: str | None = None
    candidate_store: str | None = None
    backups: Path | None = None
    notify_file: Path | None = None
    stop_baseline: str | None = None
    start_candidate: str | None = None
    soak_s: float = 0.0


NEEDED = {
    1: ("baseline_store", "backups", "baseline", "candidate"),
    2: ("gateway", "candidate"),
    3: ("gateway", "baseline", "candidate", "baseline_store", "candidate_store", "backups"),
}


def phase_steps(phase: int, site: Site) -> list[Step]:
    """Return the steps of a phase (1 to 3); refuses when a part that they need is not named."""
    missing = [name for name in NEEDED[phase] if getattr(site, name) is None]
    if missing:
        raise Refused(f"phase {phase} needs {', '.join('--' + name.replace('_', '-') for name in missing)}")
    return {1: preparation, 2: parallel_operation, 3: cutover}[phase](site)


def preparation(site: Site) -> list[Step]:
    """Phase 1: backup, a trial conversion apart from everything, and the pre-migration tests."""
    return [
        Step("back up the v1 state and its configuration", lambda: back_up_baseline(site)),
        Step("try the conversion in isolation", lambda: trial(site)),
        Step("run the pre-migration tests", lambda: compatible(site)),
    ]


def parallel_operation(site: Site) -> list[Step]:
    """Phase 2: the three steps of the rollout, each watched for `soak_s`."""
    steps = [Step("verify the health of v2", lambda: wait_healthy(str(site.candidate), VERSION))]
    for title, flags in ROLLOUT:
        steps.append(Step(title, lambda flags=flags: shift(site, flags)))  # type: ignore[misc]
    return steps


def cutover(site: Site) -> list[Step]:
    """Phase 3: pre-migration list, hold, convert, and release to v2; a refusal on the way releases to where it was."""
    steps = [
        Step("notify", lambda: tell(site)),
        Step("pause the active workflows", lambda: pause_active(str(site.baseline))),
        Step("hold the traffic", lambda: traffic(site, "hold")),
        Step("back up the v1 state", lambda: guarded(site, lambda: back_up_baseline(site))),
    ]
    if (stop := site.stop_baseline) is not None:
        steps.append(Step("stop v1", lambda: guarded(site, lambda: run_command(stop))))
    steps.append(Step("convert and validate", lambda: guarded(site, lambda: convert(site))))
    if (start := site.start_candidate) is not None:
        steps.append(Step("start v2", lambda: guarded(site, lambda: run_command(start))))
    return [
        *steps,
        Step("verify the health of v2", lambda: guarded(site, lambda: wait_healthy(str(site.candidate), VERSION))),
        Step("all users to v2", lambda: guarded(site, lambda: put_flags(site, 100))),
        Step("release the traffic", lambda: traffic(site, "release")),
    ]


def guarded(site: Site, act: Any) -> str:
    """Do a step of the cutover; when it is refused, the held requests are let go before the refusal is passed on."""
    try:
        return str(act())
    except Refused:
        with suppress(Refused):
            traffic(site, "release")
        raise


def back_up_baseline(site: Site) -> str:
    """Back up v1 and return the folder."""
    from orchestration_v2.tools.backup import back_up

    return str(back_up("v1", str(site.baseline_store), Path(str(site.backups)), datetime.now(UTC)))


def trial(site: Site) -> str:
    """Convert into a store of its own that is thrown away."""
    from orchestration_v2.tools.transfer import Migration, migrate_orchestration_state

    with tempfile.TemporaryDirectory() as folder:
        target = f"sqlite:///{folder}/trial.db"
        order = Migration(str(site.baseline_store), target, validate=True, keep_target=False, allow_active=True)
        return f"{len(migrate_orchestration_state(order)['work_items'])} work items"


def compatible(site: Site) -> str:
    """Run the pre-migration tests; refuses with what stands against it."""
    from orchestration_v2.tools.compatibility import compatibility_lines

    lines = list(compatibility_lines(str(site.baseline), str(site.candidate)))
    found = [f"{line.name}: {problem}" for line in lines for problem in line.problems]
    if found:
        raise Refused(*found)
    return f"{len(lines)} hold"


def shift(site: Site, flags: dict[str, Any]) -> str:
    """Set the flags of one step, watch it, and look at the health of v2 at its end."""
    demand(f"{str(site.gateway).rstrip('/')}/admin/flags", "PUT", flags)
    time.sleep(site.soak_s)
    return wait_healthy(str(site.candidate), VERSION)


def tell(site: Site) -> str:
    """Tell users that the cutover begins."""
    from orchestration_v2.tools.notify import notify

    if site.notify_file is None:
        return "no --notify-file: nobody told"
    notify(site.notify_file, "orchestration moves to v2 now")
    return str(site.notify_file)


def pause_active(baseline: str) -> str:
    """Pause all active workflows of v1 through its API and return how many."""
    place = f"{baseline.rstrip('/')}/api/workflows"
    paused = 0
    while rows := demand(f"{place}?status=active")["workflows"]:
        for row in rows:
            demand(f"{place}/{row['id']}/pause", "POST", {})
        paused += len(rows)
    return f"{paused} paused"


def traffic(site: Site, state: str) -> str:
    """Hold or release the requests at the gateway."""
    demand(f"{str(site.gateway).rstrip('/')}/admin/traffic", "PUT", {"state": state})
    return ""


def convert(site: Site) -> str:
    """Convert v1 into the candidate's store, validated before it counts."""
    from orchestration_v2.tools.transfer import Migration, migrate_orchestration_state

    order = Migration(
        str(site.baseline_store), str(site.candidate_store), validate=True, keep_target=False, allow_active=False
    )
    return f"{len(migrate_orchestration_state(order)['work_items'])} work items"


def put_flags(site: Site, percentage: int) -> str:
    """Send a share of all users to v2."""
    flags = {"use_v2_orchestration": True, "v2_user_percentage": percentage}
    demand(f"{str(site.gateway).rstrip('/')}/admin/flags", "PUT", flags)
    return f"{percentage}%"
