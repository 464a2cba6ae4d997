"""What identifies a run, so that it can be repeated: versions, seed, machine, times, hashes of its inputs."""

import datetime as dt
import hashlib
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from importlib.metadata import version

from godwit.session import Setting

_LIBRARIES = ("pytest-godwit", "pytest", "locust", "testcontainers", "hypothesis", "allure-pytest")


def identity(setting: Setting, only: Sequence[str], started: dt.datetime, finished: dt.datetime) -> dict[str, object]:
    """The run's identity as plain words and numbers."""
    plan = setting.plan
    return {
        "migration": plan.migration.id,
        "baseline": plan.stacks.baseline.version,
        "candidate": plan.stacks.candidate.version,
        "candidate_as": "baseline" if setting.candidate_as_baseline else "candidate",
        "defect": setting.defect or "",
        "profile": setting.profile,
        "phases": ", ".join(only) or "all",
        "seed": plan.migration.seed,
        "plan": str(plan.path),
        "plan_sha256": hashlib.sha256(plan.path.read_bytes()).hexdigest(),
        "allowed": ", ".join(setting.allow),
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((finished - started).total_seconds(), 1),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores",
        "python": sys.version.split()[0],
        "versions": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
        "command": shlex.join(["python", "-m", "pytest", *sys.argv[1:]]),
    }
