"""The benchmark of either stack: registration, delegation, initialisation, memory, agents, code size; judges by limits."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from universal_orchestrator.tools.refusals import RefusedError
from universal_orchestrator.tools.sides import HOME, run_python

STARTS = 5
DOCUMENTED = {
    "registration_ms": 100.0,
    "delegation_ms": 500.0,
    "initialization_ms": 2000.0,
    "memory_mb": 50.0,
}
TUNED = {**DOCUMENTED, "registration_ms": 75.0, "delegation_ms": 300.0, "memory_mb": 40.0}
LIMITS = {"documented": DOCUMENTED, "tuned": TUNED}
FEWEST_AGENTS, MOST_LINES = 50, 3000
NOT_CORE = ("cli.py", "service.py", "settings.py", "views.py", "plugin_routes.py", "legacy_orchestrator.py")


def measure(side: str) -> dict[str, Any]:
    """All figures of a side: lists of samples in ms and MB, and counts."""
    runs = [_one_process(side, "full" if number == 0 else "start") for number in range(STARTS)]
    return {
        "side": side,
        "registration_ms": runs[0]["registration_ms"],
        "delegation_ms": runs[0]["delegation_ms"],
        "initialization_ms": [run["initialization_ms"] for run in runs],
        "memory_mb": [run["memory_mb"] for run in runs],
        "concurrent_agents": runs[0]["concurrent_agents"],
        "lines": lines(HOME / side / "app/core"),
    }


def lines(tree: Path) -> int:
    """Lines of code without blank ones and comments, of everything but the service and the kept legacy module."""
    files = [path for path in tree.rglob("*.py") if path.name not in NOT_CORE]
    texts = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return sum(bool(text) and not text.startswith("#") for text in texts)


def breaches(figures: Mapping[str, Any], limits: Mapping[str, float]) -> list[str]:
    """One line for each limit that is not kept; the worst sample decides."""
    over = [
        f"{name}: {max(figures[name]):.3f} is not under {limit:g}"
        for name, limit in limits.items()
        if max(figures[name]) >= limit
    ]
    if figures["concurrent_agents"] < FEWEST_AGENTS:
        over.append(f"only {figures['concurrent_agents']} agents work at the same time")
    if figures["lines"] > MOST_LINES:
        over.append(f"core and plugins have {figures['lines']} lines")
    return over


def compare(baseline: Path, candidate: Path, *, factor: float, floor_ms: float) -> list[str]:
    """One line for each duration that is worse than the baseline's by more than a factor and a floor."""
    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (baseline, candidate))
    worse = []
    for name in ("registration_ms", "delegation_ms", "initialization_ms"):
        before, after = (sorted(each[name])[len(each[name]) // 2] for each in (old, new))
        if after > before * factor and after - before > floor_ms:
            worse.append(f"{name}: median {after:.3f} after {before:.3f}")
    return worse


def _one_process(side: str, what: str) -> dict[str, Any]:
    ended = run_python(side, ["-m", "universal_orchestrator.tools.bench_process", side, what], timeout_s=120)
    if ended.returncode:
        raise RefusedError(
            f"the benchmark of the {side} ended with {ended.returncode}", *ended.stderr.splitlines()[-3:]
        )
    found: dict[str, Any] = json.loads(ended.stdout)
    return found
