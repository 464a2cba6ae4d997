"""Fills a store of 1.0.4 with tasks made from a seed, and has a copy of it opened by 1.0.5; touches no running service."""

import random
from pathlib import Path
from typing import Any

from fleet_1_0_5.tools.backup import copy_database, file_of
from fleet_1_0_5.tools.refusals import RefusedError

TYPES = ("test-generator", "coverage-analyzer", "quality-gate")
WORDS = ("login", "cart", "Grüße", "支払い", "a < b & c", "  edges  ", "🚀 launch", "report")


def fill(store: str, count: int, seed: int) -> int:
    """Write tasks into a store; refuses one that has some already."""
    from fleet_1_0_5.baseline.memory import SwarmMemoryManager
    from plumbing.store import open_engine

    engine = open_engine(store)
    memory, chance = SwarmMemoryManager(engine), random.Random(seed)
    if memory.task_page(1, None)["tasks"]:
        engine.dispose()
        raise RefusedError("the store has tasks already")
    for number in range(count):
        memory.keep_task(task(number, chance))
    engine.dispose()
    return count


def task(number: int, chance: random.Random) -> dict[str, Any]:
    """One finished task."""
    kind = chance.choice(TYPES)
    return {
        "id": f"seeded-{number:06}",
        "agentType": kind,
        "description": f"Look at {chance.choice(WORDS)} {number}",
        "status": "completed" if chance.random() < 0.97 else "failed",
        "priority": chance.randint(1, 5),
        "label": chance.choice((None, "simple", "medium", "complex")),
        "result": {"count": number, "deep": [None, {"n": 9007199254740995}]},
        "model": "claude-sonnet-4.5",
        "usage": {"inputTokens": chance.randint(0, 4000), "outputTokens": chance.randint(0, 2000)},
        "createdAt": f"2026-11-{1 + number % 20:02}T08:00:00.{number % 1000:03}+00:00",
    }


def adopt(source: str, target: str, *, only_copy: bool) -> int:
    """Copy the rows of a store into another file, and open that by 1.0.5 unless it is only a copy that is wanted."""
    place: Path = file_of(target)
    rows = copy_database(file_of(source), place)
    if not only_copy:
        from fleet_1_0_5.candidate.memory import SwarmMemoryManager
        from plumbing.store import open_engine

        engine = open_engine(target)
        SwarmMemoryManager(engine)
        engine.dispose()
    return rows
