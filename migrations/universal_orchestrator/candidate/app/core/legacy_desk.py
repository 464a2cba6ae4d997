"""LegacyDesk: lets synchronous callers of old names use a universal orchestrator; shapes no answer for any of them."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, TypeVar

from .orchestrator_config import OrchestratorConfig, migrate_config
from .roster import Agent, Task
from .universal_orchestrator import UniversalOrchestrator

T = TypeVar("T")


class _Loop:
    """One event loop in a thread of its own, for all old callers; it ends with the process."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, or its exception."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="legacy-desk", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(deed, self._loop).result()


_LOOP = _Loop()


class LegacyDesk:
    """A universal orchestrator of its own, started at the first call."""

    def __init__(self, config: Mapping[str, Any] | OrchestratorConfig | None = None) -> None:
        self.config = config if isinstance(config, OrchestratorConfig) else migrate_config(config or {})
        self._orchestrator: UniversalOrchestrator | None = None

    @property
    def orchestrator(self) -> UniversalOrchestrator:
        """The orchestrator behind the old name."""
        if self._orchestrator is None:
            self._orchestrator = _LOOP.run(UniversalOrchestrator(self.config).start())
        return self._orchestrator

    def enlist(
        self, name: str, capabilities: Iterable[str], role: str = "worker", metadata: Mapping[str, Any] | None = None
    ) -> bool:
        """Register an agent."""
        return _LOOP.run(self.orchestrator.register_agent(name, role, capabilities, metadata))

    def assign(
        self,
        task: str,
        needs: Iterable[str],
        kind: str = "general",
        priority: str = "medium",
        metadata: Mapping[str, Any] | None = None,
    ) -> str | None:
        """Delegate a task."""
        return _LOOP.run(self.orchestrator.delegate_task(task, kind, needs, priority, metadata))

    def finish(self, task: str, result: Any = None, success: bool = True, agent: str | None = None) -> bool:
        """Complete a task, of whichever agent has it where none is named; KeyError for an unknown one."""
        holder = agent if agent is not None else self.task(task).agent
        return _LOOP.run(self.orchestrator.complete_task(task, str(holder), result, success))

    def move(self, task: str, needs: Iterable[str]) -> str | None:
        """Give an active task to whoever is free beside its holder; None, and it stays where it is, if nobody is."""
        roster = self.orchestrator.roster
        chosen = roster.choose(needs)
        if chosen is None:
            return None
        moved = roster.tasks[task]
        roster.close(moved, None, success=True)
        moved.needs = frozenset(needs)
        roster.assign(moved, chosen)
        return chosen.id

    def forget(self, task: str) -> None:
        """Drop a task that has ended, so that its name may be used again."""
        self.orchestrator.roster.tasks.pop(task, None)

    def task(self, task: str) -> Task:
        """A task; KeyError for an unknown one."""
        return self.orchestrator.roster.tasks[task]

    def agent(self, name: str) -> Agent:
        """An agent; KeyError for an unknown one."""
        return self.orchestrator.roster.agents[name]

    @property
    def agents(self) -> Mapping[str, Agent]:
        """Agents in the order of registration."""
        return self.orchestrator.roster.agents

    def holder(self, task: str) -> str | None:
        """Who has an active task; None where nobody has it."""
        known = self.orchestrator.roster.tasks.get(task)
        return known.agent if known is not None and known.state == "active" else None

    @property
    def held(self) -> dict[str, str]:
        """Active tasks and who has them, in the order of delegation."""
        return {task.id: str(task.agent) for task in self.orchestrator.roster.tasks.values() if task.state == "active"}

    def states(self) -> list[str]:
        """The states of all tasks."""
        return [task.state for task in self.orchestrator.roster.tasks.values()]

    def close(self) -> None:
        """Shut the orchestrator down."""
        _LOOP.run(self.orchestrator.shutdown())
