"""The old import path of CallbackOrchestrator: callbacks in the old order, on a universal orchestrator."""

from collections.abc import Callable
from typing import Any

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig

Told = Callable[..., Any]


class CallbackOrchestrator:
    """Tells `on_assigned(task, agent)`, `on_waiting(task)` and `on_finished(task, agent, value)`."""

    def __init__(
        self, on_assigned: Told | None = None, on_finished: Told | None = None, on_waiting: Told | None = None
    ) -> None:
        self.on_assigned = on_assigned
        self.on_finished = on_finished
        self.on_waiting = on_waiting
        self._desk = LegacyDesk(OrchestratorConfig(max_agents=1_000_000, max_tasks_per_agent=1, queue_when_full=False))
        self._then: dict[str, Told | None] = {}
        self._needs: dict[str, tuple[str, ...]] = {}

    def add_agent(self, name: str, *skills: str) -> None:
        """A new agent takes what has waited for it at once."""
        self._desk.enlist(name, skills)
        self._retry()

    def submit(self, task: str, *needs: str, then: Told | None = None) -> None:
        """Assign the task, or let it wait until somebody can do it; `then(value)` is called last when it is done."""
        self._then[task] = then
        if not self._assign(task, needs):
            self._needs[task] = needs
            if self.on_waiting:
                self.on_waiting(task)

    def finish(self, task: str, value: Any = None) -> None:
        """Tell everybody that the task is done; KeyError for one that nobody has."""
        name = self._desk.held[task]
        self._desk.finish(task, value)
        self._desk.forget(task)
        if self.on_finished:
            self.on_finished(task, name, value)
        then = self._then.pop(task)
        if then:
            then(value)
        self._retry()

    @property
    def waiting(self) -> list[str]:
        """Tasks that nobody could take yet, oldest first."""
        return list(self._needs)

    def _assign(self, task: str, needs: tuple[str, ...]) -> bool:
        name = self._desk.assign(task, needs)
        if name is not None and self.on_assigned:
            self.on_assigned(task, name)
        return name is not None

    def _retry(self) -> None:
        for task, needs in list(self._needs.items()):
            if self._assign(task, needs):
                self._needs.pop(task, None)
