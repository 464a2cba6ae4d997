"""One task on its way through the fleet: its model, its stream if it has one, and what it has run up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fleet_1_0_5.candidate.agents import BaseAgent, QETask
from fleet_1_0_5.candidate.model_client import Answer, ModelClient, Question, Tab
from fleet_1_0_5.candidate.routing import ModelSelection
from fleet_1_0_5.candidate.settings import Routing, Streaming
from fleet_1_0_5.candidate.streaming import Stream, StreamManager

ONLY_MODEL = ("claude-sonnet-4.5", "claude-sonnet-4-5-20250929")


@dataclass(slots=True)
class TaskRun:
    """A task that was accepted; `selection` is None when the router is off, `routing` is as it was then."""

    agent: BaseAgent
    task: QETask
    label: str | None
    created_at: str
    selection: ModelSelection | None
    routing: Routing
    tracks_costs: bool
    stream: Stream | None = None
    tab: Tab = field(default_factory=Tab)

    @property
    def model(self) -> tuple[str, str]:
        """Name and provider id of the model that does it."""
        return (self.selection.modelName, self.selection.providerId) if self.selection else ONLY_MODEL

    async def ask(self, task: QETask, client: ModelClient, streaming: Streaming, on_chunk: Callable[[], None]) -> str:
        """The model's answer to the agent's question."""
        name, provider_id = self.model
        prompt = "\n".join([task.type, task.description, *task.context])
        question = Question(provider_id, prompt, task.inputTokens, task.outputTokens)
        answer = await self._answer(question, client, streaming, on_chunk)
        self.tab.add(name, answer)
        return answer.text

    async def _answer(
        self, question: Question, client: ModelClient, streaming: Streaming, on_chunk: Callable[[], None]
    ) -> Answer:
        if self.stream is None:
            return await client.whole(question)
        return await StreamManager(client).answer(question, self.stream, streaming, on_chunk)

    def view(self, result: Any, status: str) -> dict[str, Any]:
        """The task as callers see it."""
        task = self.task
        return {
            "id": task.id,
            "agentType": task.type,
            "description": task.description,
            "status": status,
            "priority": task.priority,
            "label": self.label,
            "result": result,
            "model": self.tab.asked[-1] if self.tab.asked else None,
            "usage": {"inputTokens": self.tab.tokens_in, "outputTokens": self.tab.tokens_out},
            "createdAt": self.created_at,
        }

    def selection_record(self) -> dict[str, Any] | None:
        """What the router remembers of the task."""
        if self.selection is None:
            return None
        chosen = self.selection
        record = {"taskId": self.task.id, "complexity": chosen.complexity, "model": chosen.modelName}
        return record | {"reason": chosen.reason}
