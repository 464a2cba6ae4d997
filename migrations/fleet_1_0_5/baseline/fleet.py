"""The fleet: spawns agents, has tasks done by them and remembers the results; knows no HTTP."""

import importlib
import itertools
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fleet_1_0_5.baseline.agents import OWN_TYPES, BaseAgent, QETask
from fleet_1_0_5.baseline.documents import TaskOrder
from fleet_1_0_5.baseline.memory import SwarmMemoryManager
from fleet_1_0_5.baseline.metrics import FleetMetrics
from fleet_1_0_5.baseline.model_client import Bill, ModelClient, ModelError, bill
from fleet_1_0_5.baseline.refusals import FleetError
from fleet_1_0_5.baseline.settings import Settings, SettingsError, settings_of
from fleet_1_0_5.baseline.tools import OWN_TOOLS, BaseMCPTool
from plumbing.identifiers import Identifiers, now_text
from plumbing.store import open_engine


class FleetManager:
    """A fleet of agents by a configuration; initialize() comes first."""

    def __init__(self, config: Any, *, engine: sa.Engine | None = None, models_url: str | None = None) -> None:
        self.settings = config if isinstance(config, Settings) else settings_of(config)
        url = models_url or os.environ.get("FLEET_MODELS_URL") or self.settings.api.modelsUrl or ""
        file = Path(self.settings.database.filename).absolute()
        self.memory = SwarmMemoryManager(engine if engine is not None else open_engine(f"sqlite:///{file}"))
        self.metrics = FleetMetrics()
        key = os.environ.get("ANTHROPIC_API_KEY") or self.settings.ai.apiKey or ""
        self._models = ModelClient(url.rstrip("/"), key)
        self._types = dict(OWN_TYPES)
        self._agents: dict[str, list[BaseAgent]] = defaultdict(list)
        self._turns: dict[str, itertools.count[int]] = defaultdict(itertools.count)
        self._new_id = Identifiers().new
        self.tools: dict[str, BaseMCPTool] = {tool.name: tool() for tool in OWN_TOOLS}

    async def initialize(self) -> None:
        """Spawns the agents of the configuration."""
        self.load()
        for agent in self.settings.agents:
            await self.spawnAgent(agent.type)

    def load(self) -> None:
        """Loads the user's own agents and tools; raises SettingsError."""
        for agent in self.settings.agents:
            if agent.class_:
                self._types[agent.type] = _loaded(agent.class_, BaseAgent)
        for tool in self.settings.tools:
            own = _loaded(tool.class_, BaseMCPTool)()
            self.tools[own.name] = own

    async def spawnAgent(self, type: str) -> BaseAgent:  # noqa: A002 - the words of its users
        """A new agent of a type; raises FleetError for a type that nobody knows."""
        begun = time.perf_counter()
        if type not in self._types:
            known = ", ".join(sorted(self._types))
            raise FleetError(422, "invalid_agent", f"type: there are no agents of type {type!r}, but {known}", ["type"])
        agent = self._types[type](f"{type}-{len(self._agents[type]) + 1}", type, self._models)
        self._agents[type].append(agent)
        self.metrics.spawn_seconds.observe(time.perf_counter() - begun)
        return agent

    def agents(self) -> list[BaseAgent]:
        """All agents, by type and in the order of their spawning."""
        return [agent for kind in sorted(self._agents) for agent in self._agents[kind]]

    async def submit(self, order: TaskOrder) -> dict[str, Any]:
        """Has a task done and remembers it; raises FleetError, after remembering it as failed, without a model."""
        agent = await self._agent_for(order.agentType)
        task = QETask(
            id=self._new_id("task"),
            type=order.agentType,
            description=order.description,
            priority=order.priority,
            inputTokens=order.inputTokens,
            outputTokens=order.outputTokens,
            steps=order.steps,
            context=tuple(order.context),
        )
        created, spent = now_text(), Bill()
        token = bill.set(spent)
        try:
            result = await agent.executeTask(task)
        except ModelError as error:
            self._keep(_view(task, order, None, spent, created, "failed"))
            raise FleetError(502, "model_unavailable", str(error)) from error
        finally:
            bill.reset(token)
        return self._keep(_view(task, order, result, spent, created, "completed"))

    async def call_tool(self, name: str, params: dict[str, Any]) -> Any:
        """What a tool returns; raises FleetError for a tool that nobody knows."""
        if name not in self.tools:
            raise FleetError(404, "tool_not_found", f"there is no tool {name!r}")
        return await self.tools[name].execute(params)

    async def shutdown(self) -> None:
        """Ends all connections."""
        await self._models.close()

    async def _agent_for(self, kind: str) -> BaseAgent:
        if kind not in self._types:
            known = ", ".join(sorted(self._types))
            message = f"agentType: there are no agents of type {kind!r}, but {known}"
            raise FleetError(422, "invalid_task", message, ["agentType"])
        if not self._agents[kind]:
            return await self.spawnAgent(kind)
        return self._agents[kind][next(self._turns[kind]) % len(self._agents[kind])]

    def _keep(self, view: dict[str, Any]) -> dict[str, Any]:
        self.memory.keep_task({name: value for name, value in view.items() if name != "usd"})
        self.metrics.billed_usd.inc(view.pop("usd"))
        (self.metrics.completed if view["status"] == "completed" else self.metrics.failed).inc()
        return view


def _view(task: QETask, order: TaskOrder, result: Any, spent: Bill, created: str, status: str) -> dict[str, Any]:
    return {
        "id": task.id,
        "agentType": task.type,
        "description": task.description,
        "status": status,
        "priority": task.priority,
        "label": order.label,
        "result": result,
        "model": spent.model,
        "usage": {"inputTokens": spent.input_tokens, "outputTokens": spent.output_tokens},
        "createdAt": created,
        "usd": spent.usd,
    }


def _loaded(words: str, kind: type) -> Any:
    module, _, name = words.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"class {words!r} cannot be loaded: {error}") from None
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise SettingsError(f"class {words!r} is no {kind.__name__}")
    return found
