"""The emergency rollback as steps: traffic to v1, its state from the newest backup, people told; never unasked."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration_v2.tools.answers import demand, health_problem
from orchestration_v2.tools.refusals import Refused
from orchestration_v2.tools.runbooks import Step, run_command

# The selector would go on choosing v2 after a rollback that leaves the flags alone.
V1_FLAGS = {"use_v2_orchestration": False, "v2_user_percentage": 0, "v2_enabled_teams": []}


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a rollback can reach; a part that is not named is not touched, and its step is left out."""

    gateway: str | None = None
    stop_candidate: str | None = None
    candidate_store: str | None = None
    keep: Path | None = None
    store: str | None = None
    backups: Path | None = None
    start_baseline: str | None = None
    baseline: str | None = None
    notify_file: Path | None = None


def is_confirmed(confirm: bool) -> bool:
    """Return whether the rollback may run."""
    return confirm


def rollback_steps(order: Rollback) -> list[Step]:
    """Return the steps of the document's rollback that `order` names, the reset of the flags first."""
    steps = []
    if (gateway := order.gateway) is not None:
        steps.append(Step("reset the flags to v1", lambda: reset_flags(gateway)))
    if (stop := order.stop_candidate) is not None:
        steps.append(Step("stop v2", lambda: run_command(stop)))
    if (v2 := order.candidate_store) is not None and (keep := order.keep) is not None:
        steps.append(Step("keep a snapshot of the v2 state", lambda: snapshot(v2, keep)))
    if (store := order.store) is not None and (backups := order.backups) is not None:
        steps.append(Step("restore the v1 state", lambda: restore_latest(store, backups)))
    if (start := order.start_baseline) is not None:
        steps.append(Step("start v1", lambda: run_command(start)))
    if (baseline := order.baseline) is not None:
        steps.append(Step("verify the health of v1", lambda: wait_healthy(baseline, None)))
    if steps and (file := order.notify_file) is not None:
        steps.append(Step("notify", lambda: notify_rolled_back(file)))
    return steps


def reset_flags(gateway: str) -> str:
    """Put the flags back to v1 for everybody."""
    demand(f"{gateway.rstrip('/')}/admin/flags", "PUT", V1_FLAGS)
    return ", ".join(f"{name}={value}" for name, value in V1_FLAGS.items())


def snapshot(store: str, keep: Path) -> str:
    """Back the v2 state up for analysis and return where to."""
    from orchestration_v2.tools.backup import back_up

    return str(back_up("v2", store, keep, datetime.now(UTC)))


def restore_latest(store: str, backups: Path) -> str:
    """Restore the newest v1 backup and return its name."""
    from orchestration_v2.tools.restore import latest_backup, restore

    backup = latest_backup(backups)
    restore(store, backup)
    return backup.name


def wait_healthy(url: str, version: str | None, within_s: float = 15.0) -> str:
    """Wait until a service is healthy; refuses with the last reason when it is not in time."""
    end_s = time.monotonic() + within_s
    while (problem := health_problem(url, version)) is not None:
        if time.monotonic() > end_s:
            raise Refused(f"{problem}; waited {within_s:g} s")
        time.sleep(0.1)
    return "healthy"


def notify_rolled_back(file: Path) -> str:
    """Tell people."""
    from orchestration_v2.tools.notify import notify

    notify(file, "orchestration was rolled back to v1")
    return str(file)
