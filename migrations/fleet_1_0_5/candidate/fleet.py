"""The fleet of 1.0.5: spawns agents, chooses models, has tasks done whole or streamed, keeps costs; knows no HTTP."""

import importlib
import os
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from fleet_1_0_5.candidate.agents import TYPES, BaseAgent, QETask, asking
from fleet_1_0_5.candidate.costs import CostTracker, price_of
from fleet_1_0_5.candidate.documents import NewTask
from fleet_1_0_5.candidate.feature_flags import FeatureFlags, Source
from fleet_1_0_5.candidate.memory import AccessLevel, SwarmMemoryManager
from fleet_1_0_5.candidate.metrics import FleetMetrics
from fleet_1_0_5.candidate.model_client import ModelClient, ModelTrouble
from fleet_1_0_5.candidate.refusals import Declined
from fleet_1_0_5.candidate.routing import ModelRouter, ModelSelection, Size
from fleet_1_0_5.candidate.settings import GivenSettings, Settings, SettingsError, WatchedSettings
from fleet_1_0_5.candidate.streaming import Stream, StreamCallbacks
from fleet_1_0_5.candidate.task_run import TaskRun
from fleet_1_0_5.candidate.tools import TOOLS, BaseMCPTool, unknown_tool
from plumbing.identifiers import Identifiers, now_text
from plumbing.store import open_engine

ROUTER_OFF = "ModelRouter not initialized"


class FleetManager:
    """A fleet of agents by a configuration (a mapping, or a watched file); initialize() comes first."""

    def __init__(
        self,
        config: Any,
        *,
        engine: Engine | None = None,
        models_url: str | None = None,
        flagd: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.source: Source = config if isinstance(config, WatchedSettings) else GivenSettings(config, environ)
        self.flags = FeatureFlags(self.source, flagd, environ)
        self.metrics = FleetMetrics()
        database = Path(self.settings.database.filename).absolute()
        self.memory = SwarmMemoryManager(open_engine(f"sqlite:///{database}") if engine is None else engine)
        self.costs = CostTracker(self.memory, lambda period: self.metrics.alerts.labels(period).inc())
        url = models_url or environ.get("FLEET_MODELS_URL") or self.settings.api.modelsUrl or ""
        self._client = ModelClient(url.rstrip("/"), environ.get("ANTHROPIC_API_KEY") or self.settings.api_key or "")
        self._types = dict(TYPES)
        self._agents: dict[str, list[BaseAgent]] = {}
        self._served: dict[str, int] = {}
        self.new_id = Identifiers().new
        self.tools: dict[str, BaseMCPTool] = {tool.name: tool() for tool in TOOLS}

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.source.now().settings

    def load(self) -> None:
        """Loads the user's own agents and tools; raises SettingsError."""
        for agent in self.settings.agents:
            if agent.class_ is not None:
                self._types[agent.type] = _own_class(agent.class_, BaseAgent)
        for part in self.settings.tools:
            tool = _own_class(part.class_, BaseMCPTool)()
            self.tools[tool.name] = tool

    async def initialize(self) -> None:
        """Spawns the agents of the configuration."""
        self.load()
        for agent in self.settings.agents:
            await self.spawnAgent(agent.type)

    async def shutdown(self) -> None:
        """Ends all connections."""
        await self._client.close()

    async def spawnAgent(self, type: str) -> BaseAgent:  # noqa: A002 - the words of its users
        """A new agent of a type; raises Declined for a type that nobody knows."""
        begun = time.perf_counter()
        self._known(type, "invalid_agent", "type")
        peers = self._agents.setdefault(type, [])
        agent = self._types[type](f"{type}-{len(peers) + 1}", type, self._ask_alone)
        peers.append(agent)
        self.metrics.spawn_seconds.observe(time.perf_counter() - begun)
        return agent

    def agents(self) -> list[BaseAgent]:
        """All agents, by type and in the order of their spawning."""
        return [agent for _, peers in sorted(self._agents.items()) for agent in peers]

    def getModelRouter(self) -> ModelRouter | None:
        """The router if routing is in effect, None otherwise."""
        return ModelRouter(self.settings.routing) if self.flags.is_on("multiModelRouter") else None

    def router(self) -> ModelRouter:
        """As getModelRouter; raises Declined when routing is off."""
        router = self.getModelRouter()
        if router is None:
            raise Declined.conflict("router_not_initialized", ROUTER_OFF)
        return router

    async def accept(self, order: NewTask) -> TaskRun:
        """A task on its way, with the switches as they are now; raises Declined."""
        kind = order.agentType
        self._known(kind, "invalid_task", "agentType")
        agent = await self._agent_for(kind)
        words = {"inputTokens": order.inputTokens, "outputTokens": order.outputTokens, "steps": order.steps}
        task = QETask(
            self.new_id("task"), kind, order.description, order.priority, **words, context=tuple(order.context)
        )
        tracks = self.flags.tracks_costs(kind)
        selection = self._select(task, tracks=tracks) if self.flags.is_on("multiModelRouter", kind) else None
        return TaskRun(agent, task, order.label, now_text(), selection, self.settings.routing, tracks)

    async def carry_out(self, run: TaskRun) -> dict[str, Any]:
        """Has an accepted task done and remembers it; raises Declined when no model answers."""
        ask = partial(
            run.ask, client=self._client, streaming=self.settings.streaming, on_chunk=lambda: self._chunk(run)
        )
        token = asking.set(ask)
        try:
            result = await run.agent.executeTask(run.task, run.selection)
        except ModelTrouble as trouble:
            self._keep(run, None, "failed")
            raise Declined(HTTPStatus.BAD_GATEWAY, "model_unavailable", str(trouble)) from trouble
        finally:
            asking.reset(token)
        return self._keep(run, result, "completed")

    def open_stream(self, callbacks: StreamCallbacks) -> Stream:
        """A stream that begins now."""
        return Stream(self.new_id("stream"), callbacks, started_at=now_text())

    def keep_stream(self, stream: Stream, state: str, **more: Any) -> None:
        """Remembers a stream that has ended: completed, fallback, failed or abandoned."""
        record = {"streamId": stream.id, "chunks": stream.sent, "state": state, "startedAt": stream.started_at}
        record |= {"firstChunkAt": stream.first_chunk_at, "endedAt": now_text()} | more
        options = {"partition": "streaming/sessions", "owner": "stream-manager", "accessLevel": AccessLevel.SYSTEM}
        self.memory.store(stream.id, record, options)
        self.metrics.streams.labels(state).inc()

    def tool(self, name: str) -> BaseMCPTool:
        """A tool; raises Declined for a name that nobody knows."""
        if name not in self.tools:
            raise unknown_tool(name)
        return self.tools[name]

    def _select(self, task: QETask, *, tracks: bool) -> ModelSelection:
        router, tracking = ModelRouter(self.settings.routing), self.settings.routing.costTracking
        selection = router.select(Size(task.inputTokens + task.outputTokens, task.steps, len(task.context)))
        spent = self.costs.used_up(tracking) if tracks else None
        if spent and tracking.enforcement == "refuse":
            self.metrics.refused.inc()
            text = f"the {spent.period} budget of {spent.limit:g} USD is used up"
            raise Declined(HTTPStatus.TOO_MANY_REQUESTS, "budget_exceeded", text)
        if spent:
            selection = router.downgraded(selection.complexity)
        self.metrics.selections.labels(selection.modelName).inc()
        return selection

    def _keep(self, run: TaskRun, result: Any, status: str) -> dict[str, Any]:
        view = run.view(result, status)
        self.memory.keep_task(view, run.selection_record())
        self.metrics.billed_usd.inc(run.tab.usd)
        if run.tracks_costs and run.tab.asked:
            self.charge(run)
        (self.metrics.completed if status == "completed" else self.metrics.failed).inc()
        return view

    def charge(self, run: TaskRun) -> None:
        """Records what a task has cost by the prices of the configuration, and tells when a budget nears its end."""
        routing = run.routing
        name, tokens = run.tab.asked[-1], (run.tab.tokens_in, run.tab.tokens_out)
        price = ModelRouter(routing).model(name).capabilities.costPer1kTokens
        usd = price_of(price, routing.costUnitTokens, *tokens)
        self.costs.record(run.task.id, name, tokens, usd)
        self.metrics.tracked_usd.inc(usd)
        self.costs.alert(routing.costTracking)

    def _chunk(self, run: TaskRun) -> None:
        if run.stream and run.stream.first_chunk_at is None:
            run.stream.first_chunk_at = now_text()

    async def _ask_alone(self, task: QETask) -> str:
        """For a program that calls an agent itself: the model is selected here."""
        routed = self.flags.is_on("multiModelRouter", task.type)
        selection = self._select(task, tracks=False) if routed else None
        run = TaskRun(
            BaseAgent("", task.type, self._ask_alone), task, None, now_text(), selection, self.settings.routing, False
        )
        return await run.ask(task, self._client, self.settings.streaming, lambda: None)

    def _known(self, kind: str, code: str, field: str) -> None:
        if kind not in self._types:
            known = ", ".join(sorted(self._types))
            raise Declined.wrong(code, field, f"there are no agents of type {kind!r}, but {known}")

    async def _agent_for(self, kind: str) -> BaseAgent:
        peers = self._agents.get(kind) or [await self.spawnAgent(kind)]
        self._served[kind] = self._served.get(kind, -1) + 1
        return peers[self._served[kind] % len(peers)]


def _own_class(words: str, kind: type) -> Any:
    module, _, name = words.partition(":")
    try:
        own = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"class {words!r} cannot be loaded: {error}") from None
    if isinstance(own, type) and issubclass(own, kind):
        return own
    raise SettingsError(f"class {words!r} is no {kind.__name__}")
