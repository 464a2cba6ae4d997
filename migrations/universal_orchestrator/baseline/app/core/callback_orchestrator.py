"""CallbackOrchestrator: returns nothing and tells by callbacks what became of a task; swallows no exception of theirs."""

from collections.abc import Callable
from typing import Any

Told = Callable[..., Any]


class CallbackOrchestrator:
    """Tells `on_assigned(task, agent)`, `on_waiting(task)` and `on_finished(task, agent, value)`."""

    def __init__(
        self, on_assigned: Told | None = None, on_finished: Told | None = None, on_waiting: Told | None = None
    ) -> None:
        self.on_assigned = on_assigned
        self.on_finished = on_finished
        self.on_waiting = on_waiting
        self._skills: dict[str, set[str]] = {}
        self._holders: dict[str, str] = {}
        self._then: dict[str, Told | None] = {}
        self._waiting: list[tuple[str, set[str]]] = []

    def add_agent(self, name: str, *skills: str) -> None:
        """A new agent takes what has waited for it at once."""
        self._skills[name] = set(skills)
        self._retry()

    def submit(self, task: str, *needs: str, then: Told | None = None) -> None:
        """Assign the task, or let it wait until somebody can do it; `then(value)` is called last when it is done."""
        self._then[task] = then
        if not self._assign(task, set(needs)):
            self._waiting.append((task, set(needs)))
            if self.on_waiting:
                self.on_waiting(task)

    def finish(self, task: str, value: Any = None) -> None:
        """Tell everybody that the task is done; KeyError for one that nobody has."""
        name = self._holders.pop(task)
        if self.on_finished:
            self.on_finished(task, name, value)
        then = self._then.pop(task)
        if then:
            then(value)
        self._retry()

    @property
    def waiting(self) -> list[str]:
        """Tasks that nobody could take yet, oldest first."""
        return [task for task, _ in self._waiting]

    def _assign(self, task: str, needs: set[str]) -> bool:
        busy = set(self._holders.values())
        for name, skills in self._skills.items():
            if name not in busy and needs <= skills:
                self._holders[task] = name
                if self.on_assigned:
                    self.on_assigned(task, name)
                return True
        return False

    def _retry(self) -> None:
        self._waiting = [(task, needs) for task, needs in self._waiting if not self._assign(task, needs)]
