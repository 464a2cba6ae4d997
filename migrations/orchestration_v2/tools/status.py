"""Says where the migration stands: phase, flags and backups, from gateway and audit log; it changes nothing."""

from pathlib import Path
from typing import Any

from orchestration_v2.tools.answers import demand
from orchestration_v2.tools.audit import read_records

PHASES = {1: "preparation", 2: "parallel operation", 3: "migration"}


def read_status(gateway: str, audit: Path) -> dict[str, Any]:
    """Return phase (1 to 3) and its title, the flags in force, backups (oldest first) and the last rollback, if any."""
    flags = demand(f"{gateway.rstrip('/')}/admin/flags")
    records = [record for record in read_records(audit) if record.get("outcome") == "ok"]
    phase = current_phase(flags)
    rollbacks = [record["at"] for record in records if record["command"] == "rollback"]
    return {
        "phase": phase,
        "title": PHASES[phase],
        "flags": flags,
        "backups": [record["detail"] for record in records if record["command"] == "backup"],
        "rolled_back": rollbacks[-1] if rollbacks else None,
    }


def current_phase(flags: dict[str, Any]) -> int:
    """Return the phase that the flags are those of: all users on v2 is the third, none the first."""
    if not flags.get("use_v2_orchestration"):
        return 1
    return 3 if flags.get("v2_user_percentage") == 100 else 2


def status_lines(status: dict[str, Any]) -> list[str]:
    """Return a status as lines for people."""
    return [
        f"phase: {status['phase']} ({status['title']})",
        *(f"flag {name}: {value}" for name, value in sorted(status["flags"].items())),
        f"backups: {len(status['backups'])}",
        *(f"backup: {path}" for path in status["backups"]),
        f"rolled back: {status['rolled_back'] or 'never'}",
    ]
