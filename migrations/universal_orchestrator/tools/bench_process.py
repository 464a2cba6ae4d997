"""python -m universal_orchestrator.tools.bench_process SIDE full|start: one process of the benchmark; prints JSON.

Memory is what the orchestrator adds (USS) to this interpreter after everything that it imports has been imported. Code
of both sides lives under `app`, so it is imported by name.
"""

import asyncio
import gc
import importlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psutil

MB = 1024 * 1024
AGENTS, TASKS, SKILLS = 60, 300, 12


class LegacyAdapter:
    """The benchmark's calls as AgentOrchestrator takes them."""

    def __init__(self) -> None:
        self._kind = importlib.import_module("app.core.orchestrator").AgentOrchestrator
        importlib.import_module("app.core.production_orchestrator")

    async def start(self) -> None:
        """Make it."""
        self._desk = self._kind({"max_agents": 1000, "max_tasks": 10_000})

    async def register(self, name: str, skills: list[str]) -> bool:
        """One agent."""
        return bool(self._desk.register_agent(name, "worker", skills))

    async def delegate(self, task: str, needs: list[str]) -> Any:
        """One task."""
        return self._desk.delegate_task(task, "bench", needs)

    async def busy(self) -> int:
        """How many agents have work."""
        return int(self._desk.get_status()["busy"])


class UniversalAdapter:
    """The benchmark's calls as UniversalOrchestrator takes them, with all four plugins on."""

    def __init__(self) -> None:
        self._module = importlib.import_module("app.core.universal_orchestrator")
        for name in ("performance", "security", "context", "automation"):
            importlib.import_module(f"app.core.orchestrator_plugins.{name}_plugin")

    async def start(self) -> None:
        """Make it."""
        on = {f"enable_{name}_plugin": True for name in ("performance", "security", "context", "automation")}
        config = self._module.OrchestratorConfig(max_agents=1000, max_concurrent_tasks=10_000, **on)
        self._desk = await self._module.get_universal_orchestrator(config)

    async def register(self, name: str, skills: list[str]) -> bool:
        """One agent."""
        return bool(await self._desk.register_agent(name, "worker", skills))

    async def delegate(self, task: str, needs: list[str]) -> Any:
        """One task."""
        return await self._desk.delegate_task(task, "bench", needs)

    async def busy(self) -> int:
        """How many agents have work."""
        return int((await self._desk.get_system_status())["agents"]["busy"])


async def measure(side: str, what: str) -> dict[str, Any]:
    """All figures of one process."""
    adapter = LegacyAdapter() if side == "baseline" else UniversalAdapter()
    gc.collect()
    idle_mb = _uss_mb()
    found: dict[str, Any] = {"initialization_ms": await _timed(adapter.start)}
    found["memory_mb"] = max(_uss_mb() - idle_mb, 0.0)
    if what == "full":
        skills = [f"skill-{number}" for number in range(SKILLS)]
        found["registration_ms"] = [
            await _timed(lambda number=number: adapter.register(f"agent-{number:03}", skills[number % 4 :]))  # type: ignore[misc]
            for number in range(AGENTS)
        ]
        found["delegation_ms"] = [
            await _timed(lambda number=number: adapter.delegate(f"task-{number:03}", skills[4 + number % 4 :]))  # type: ignore[misc]
            for number in range(TASKS)
        ]
        found["concurrent_agents"] = await adapter.busy()
    return found


async def _timed(act: Callable[[], Awaitable[Any]]) -> float:
    began_s = time.perf_counter()
    await act()
    return (time.perf_counter() - began_s) * 1000


def _uss_mb() -> float:
    return float(psutil.Process().memory_full_info().uss) / MB


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], sys.argv[2]))))
