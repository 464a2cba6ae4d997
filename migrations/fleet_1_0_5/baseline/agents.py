"""Agents: what every agent is, and the types that the fleet brings along; a task is done by performTask."""

from dataclasses import dataclass
from typing import Any

from fleet_1_0_5.baseline.model_client import ModelClient, Prompt


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
    """An agent; subclasses implement performTask."""

    def __init__(self, id: str, type: str, models: ModelClient) -> None:  # noqa: A002 - the words of its users
        self.id = id
        self.type = type
        self.status = "idle"
        self._models = models

    async def executeTask(self, task: QETask) -> Any:
        """Does a task and returns its result."""
        self.status = "busy"
        try:
            return await self.performTask(task)
        finally:
            self.status = "idle"

    async def performTask(self, task: QETask) -> Any:
        """What the agent does; to be implemented."""
        raise NotImplementedError(f"{type(self).__name__} does not implement performTask")

    async def askModel(self, task: QETask) -> str:
        """The model's answer to a task."""
        prompt = "\n".join((task.type, task.description, *task.context))
        return await self._models.ask(Prompt(prompt, task.inputTokens, task.outputTokens))


class TestGeneratorAgent(BaseAgent):
    """Writes test cases."""

    async def performTask(self, task: QETask) -> Any:
        """One case for each line of the model's answer."""
        lines = (await self.askModel(task)).splitlines()
        return {"cases": lines, "count": len(lines)}


class CoverageAnalyzerAgent(BaseAgent):
    """Says what is not covered."""

    async def performTask(self, task: QETask) -> Any:
        """The model's answer as a report."""
        return {"report": await self.askModel(task), "files": list(task.context)}


class QualityGateAgent(BaseAgent):
    """Decides whether a change may pass."""

    async def performTask(self, task: QETask) -> Any:
        """Passes when the model has found nothing that weighs more than the priority allows."""
        weight = len(await self.askModel(task)) % 5
        return {"passed": weight <= task.priority, "weight": weight}


OWN_TYPES: dict[str, type[BaseAgent]] = {
    "test-generator": TestGeneratorAgent,
    "coverage-analyzer": CoverageAnalyzerAgent,
    "quality-gate": QualityGateAgent,
}
