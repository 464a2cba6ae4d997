"""Agents of 1.0.5: they implement performTaskImpl, and those that implement performTask as in 1.0.4 run as they are."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from fleet_1_0_5.candidate.routing import ModelSelection

Asking = Callable[["QETask"], Awaitable[str]]
asking: ContextVar[Asking] = ContextVar("asking")
selected: ContextVar[ModelSelection | None] = ContextVar("selected", default=None)


@dataclass(frozen=True, slots=True)
class QETask:
    """A task as agents see it."""

    id: str
    type: str
    description: str
    priority: int = 3
    inputTokens: int = 1000
    outputTokens: int = 600
    steps: int = 0
    context: tuple[str, ...] = ()


class BaseAgent:
    """An agent; subclasses implement performTaskImpl, or performTask if they were written for 1.0.4."""

    def __init__(self, id: str, type: str, ask: Asking) -> None:  # noqa: A002 - the words of its users
        self.id = id
        self.type = type
        self.busy = 0
        self._ask = ask

    @property
    def status(self) -> str:
        """'idle' or 'busy'."""
        return "busy" if self.busy else "idle"

    async def executeTask(self, task: QETask, selection: ModelSelection | None = None) -> Any:
        """Does a task and returns its result."""
        self.busy += 1
        token = selected.set(selection)
        try:
            if _speaks_as_in_1_0_4(type(self)):
                return await self.performTask(task)
            return await self.performTaskImpl(task, selection)
        finally:
            selected.reset(token)
            self.busy -= 1

    async def performTaskImpl(self, task: QETask, selection: ModelSelection | None = None) -> Any:
        """What the agent does; without one of its own, what performTask of 1.0.4 does."""
        if type(self).performTask is BaseAgent.performTask:
            raise NotImplementedError(f"{type(self).__name__} implements neither performTaskImpl nor performTask")
        return await self.performTask(task)

    async def performTask(self, task: QETask) -> Any:
        """The name of 1.0.4, for those who call it."""
        return await self.performTaskImpl(task, selected.get())

    async def askModel(self, task: QETask) -> str:
        """The answer to a task, of the model that was selected for it."""
        return await asking.get(self._ask)(task)


def _speaks_as_in_1_0_4(agent: type[BaseAgent]) -> bool:
    """Whether the most special class that implements either method has performTask alone."""
    for kind in agent.__mro__:
        if "performTaskImpl" in vars(kind):
            return False
        if "performTask" in vars(kind):
            return True
    return False


class TestGeneratorAgent(BaseAgent):
    """Writes test cases."""

    async def performTaskImpl(self, task: QETask, selection: ModelSelection | None = None) -> Any:
        """Each line of the answer is a case."""
        cases = [line for line in (await self.askModel(task)).split("\n") if line]
        return {"cases": cases, "count": len(cases)}


class CoverageAnalyzerAgent(BaseAgent):
    """Says what is not covered."""

    async def performTaskImpl(self, task: QETask, selection: ModelSelection | None = None) -> Any:
        """The answer is the report."""
        report = await self.askModel(task)
        return {"report": report, "files": [*task.context]}


class QualityGateAgent(BaseAgent):
    """Decides whether a change may pass."""

    async def performTaskImpl(self, task: QETask, selection: ModelSelection | None = None) -> Any:
        """The weight of what was found must not exceed the priority."""
        found = await self.askModel(task)
        weight = len(found) % 5
        return {"passed": not weight > task.priority, "weight": weight}


TYPES: dict[str, type[BaseAgent]] = {
    "coverage-analyzer": CoverageAnalyzerAgent,
    "quality-gate": QualityGateAgent,
    "test-generator": TestGeneratorAgent,
}
