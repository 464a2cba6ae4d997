"""AsyncOrchestrator: everything is awaited, and delegating waits for a free agent; is used inside one event loop."""

import asyncio
from collections.abc import Iterable
from typing import Any


class AsyncOrchestrator:
    """Each agent has one task at a time; who asks first is served first."""

    def __init__(self) -> None:
        self._skills: dict[str, set[str]] = {}
        self._holders: dict[str, str] = {}
        self._freed = asyncio.Condition()
        self._results: dict[str, Any] = {}

    async def __aenter__(self) -> "AsyncOrchestrator":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def register_agent(self, name: str, skills: Iterable[str] = ()) -> bool:
        """Whether the agent is new."""
        async with self._freed:
            new = name not in self._skills
            self._skills.setdefault(name, set(skills))
            self._freed.notify_all()
            return new

    async def delegate_task(self, task: str, needs: Iterable[str] = (), wait_s: float | None = None) -> str:
        """The agent, as soon as one is free; LookupError if nobody ever could, TimeoutError after `wait_s` seconds."""
        needed = set(needs)
        if not any(needed <= skills for skills in self._skills.values()):
            raise LookupError(f"no agent can do {task}")
        async with asyncio.timeout(wait_s), self._freed:
            await self._freed.wait_for(lambda: self._free(needed) is not None)
            chosen = str(self._free(needed))
            self._holders[task] = chosen
            return chosen

    async def complete_task(self, task: str, result: Any = None) -> str:
        """The agent that is free again; KeyError for a task that nobody has."""
        async with self._freed:
            name = self._holders.pop(task)
            self._results[task] = result
            self._freed.notify_all()
            return name

    async def result(self, task: str) -> Any:
        """What the task was completed with; KeyError before that."""
        return self._results[task]

    async def close(self) -> None:
        """Let go of all tasks."""
        async with self._freed:
            self._holders.clear()
            self._freed.notify_all()

    def _free(self, needed: set[str]) -> str | None:
        busy = set(self._holders.values())
        return next((name for name, has in self._skills.items() if needed <= has and name not in busy), None)
