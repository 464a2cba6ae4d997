"""The 40 commands that V2 documents, by application; 25 of them were never written."""

from v3_roadmap.baseline import coordination, registry, xavos
from v3_roadmap.baseline.tables import Command

APPS: dict[str, dict[str, Command]] = {
    "coordination": coordination.COMMANDS,
    "registry": registry.COMMANDS,
    "xavos": xavos.COMMANDS,
}

MISSING = {
    "coordination": (
        "analyze-priorities",
        "archive-work",
        "groom-backlog",
        "kanban-board",
        "plan-increment",
        "rebalance",
        "restore-state",
        "scrum-of-scrums",
        "snapshot-state",
        "sync-trains",
        "value-stream",
    ),
    "registry": ("export-audit", "optimize-team", "rotate-logs", "self-heal", "suggest-assignment"),
    "xavos": (
        "analyze-health",
        "cost-report",
        "inspect-and-adapt",
        "portfolio-view",
        "retrospective",
        "sprint-review",
        "stream-analysis",
        "system-demo",
        "trace-report",
    ),
}


def documented() -> list[dict[str, object]]:
    """All commands by name, with the application that has or should have each."""
    present = [(name, app, True) for app, commands in APPS.items() for name in commands]
    missing = [(name, app, False) for app, names in MISSING.items() for name in names]
    return [{"name": name, "app": app, "present": there} for name, app, there in sorted(present + missing)]
