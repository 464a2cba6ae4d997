"""The old import path of AsyncOrchestrator: awaited calls that wait for a free agent, on a universal orchestrator."""

import asyncio
from collections.abc import Iterable
from typing import Any

from .orchestrator_config import OrchestratorConfig
from .universal_orchestrator import UniversalOrchestrator


class AsyncOrchestrator:
    """AsyncOrchestrator as it was used before."""

    def __init__(self) -> None:
        config = OrchestratorConfig(max_agents=1_000_000, max_tasks_per_agent=1, queue_when_full=False)
        self._orchestrator = UniversalOrchestrator(config)
        self._freed = asyncio.Condition()
        self._results: dict[str, Any] = {}

    async def __aenter__(self) -> "AsyncOrchestrator":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def register_agent(self, name: str, skills: Iterable[str] = ()) -> bool:
        """Whether the agent is new."""
        async with self._freed:
            new = await self._orchestrator.register_agent(name, "worker", skills)
            self._freed.notify_all()
            return new

    async def delegate_task(self, task: str, needs: Iterable[str] = (), wait_s: float | None = None) -> str:
        """The agent, as soon as one is free; LookupError if nobody ever could, TimeoutError after `wait_s` seconds."""
        needed = frozenset(needs)
        roster = self._orchestrator.roster
        if not roster.able(needed):
            raise LookupError(f"no agent can do {task}")
        async with asyncio.timeout(wait_s), self._freed:
            await self._freed.wait_for(lambda: roster.choose(needed) is not None)
            return str(await self._orchestrator.delegate_task(task, "general", needed))

    async def complete_task(self, task: str, result: Any = None) -> str:
        """The agent that is free again; KeyError for a task that nobody has."""
        async with self._freed:
            if task not in self._orchestrator.roster.active:
                raise KeyError(task)
            name = str(self._orchestrator.roster.tasks[task].agent)
            await self._orchestrator.complete_task(task, name, result)
            del self._orchestrator.roster.tasks[task]
            self._results[task] = result
            self._freed.notify_all()
            return name

    async def result(self, task: str) -> Any:
        """What the task was completed with; KeyError before that."""
        return self._results[task]

    async def close(self) -> None:
        """Let go of all tasks."""
        async with self._freed:
            roster = self._orchestrator.roster
            for task in [roster.tasks[name] for name in roster.active]:
                roster.close(task, None, success=False)
                del roster.tasks[task.id]
            self._freed.notify_all()
