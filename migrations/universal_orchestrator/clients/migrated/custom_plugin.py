"""The documented custom plugin, and everything around it: hooks, order, dependencies, conflicts, coordination, listing."""

import asyncio
import logging
from typing import Any

from app.core.orchestrator_plugins import DependencyError, OrchestratorPlugin, PluginMetadata, PluginType
from app.core.universal_orchestrator import OrchestratorConfig, UniversalOrchestrator

from universal_orchestrator.clients.migrated.proof import Proof


class CustomPlugin(OrchestratorPlugin):  # type: ignore[misc]
    """As in the guide."""

    def __init__(self) -> None:
        metadata = PluginMetadata(
            name="custom_plugin",
            version="1.0.0",
            plugin_type=PluginType.WORKFLOW,
            description="Custom business logic plugin",
            dependencies=["redis", "database"],
        )
        super().__init__(metadata)

    async def initialize(self, orchestrator_context: Any) -> bool:
        """Initialize plugin."""
        return True


class Recorder(OrchestratorPlugin):  # type: ignore[misc]
    """Writes down its hooks, sets a route, and does what it is told."""

    def __init__(self, name: str, priority: int, told: list[str], starts: bool = True, fails: bool = False) -> None:
        super().__init__(PluginMetadata(name, "1", PluginType.WORKFLOW, priority=priority))
        self.told, self.starts, self.fails = told, starts, fails

    async def initialize(self, orchestrator_context: Any) -> bool:
        """As told."""
        return self.starts

    async def pre_task_execution(self, task_context: dict[str, Any]) -> dict[str, Any]:
        """Before."""
        if self.fails:
            raise RuntimeError("out of order")
        self.told.append(f"{self.metadata.name} before")
        return {**task_context, "route": self.metadata.name}

    async def post_task_execution(self, task_context: dict[str, Any], result: Any) -> Any:
        """After."""
        self.told.append(f"{self.metadata.name} after")
        return [*result, self.metadata.name]


async def one_task(desk: Any, name: str) -> Any:
    """The result that is kept of a task."""
    await desk.delegate_task(name, "x", [])
    await desk.complete_task(name, "a", [], True)
    return desk.roster.tasks[name].result


async def main() -> None:
    """All of it."""
    proof = Proof()
    await dependencies(proof)
    told: list[str] = []
    desk = await UniversalOrchestrator().start()
    await desk.register_agent("a", "worker", [])
    manager = desk.plugin_manager
    for plugin in (Recorder("late", 200, told), Recorder("early", 1, told), Recorder("off", 2, told, starts=False)):
        manager.register_plugin(plugin)
    result = await one_task(desk, "t1")
    proof.that("hooks run by priority, and back", told == ["early before", "late before", "late after", "early after"])
    proof.that("the result passes through all of them", result == ["late", "early"])
    proof.that("a plugin that does not start stays inactive", not manager.is_active("off"))
    proof.that("who writes the same key is named", manager.conflicts == {"route": ["early", "late"]})
    settled: list[Any] = []

    def first(_: str, values: list[tuple[str, Any]]) -> Any:
        settled.append(values)
        return values[0][1]

    manager.coordinate("route", first)
    context = await manager.before_task({"task_id": "x"})
    proof.that("a coordinator decides between the two", context["route"] == "early" and len(settled[0]) == 2)
    await manager.unregister_plugin("early")
    await one_task(desk, "t2")
    proof.that("without one of them the conflict is gone", not manager.conflicts)
    found = {kind: [each.metadata.name for each in manager.get_plugins(kind)] for kind in PluginType}
    proof.that(
        "plugins are listed by type", found[PluginType.WORKFLOW] == ["late", "off"] and not found[PluginType.SECURITY]
    )
    await sick(proof, desk, told)
    proof.end()


async def dependencies(proof: Proof) -> None:
    """A plugin without what it needs is refused."""
    bare = await UniversalOrchestrator().start()
    try:
        bare.plugin_manager.register_plugin(CustomPlugin())
        proof.that("without redis and a database the plugin is refused", False)
    except DependencyError as error:
        proof.that("without redis and a database the plugin is refused", "redis" in str(error))
    ready = await UniversalOrchestrator(OrchestratorConfig(services=("redis", "database"))).start()
    ready.plugin_manager.register_plugin(CustomPlugin())
    await ready.plugin_manager.activate()
    metadata = ready.plugin_manager.get_plugins(PluginType.WORKFLOW)[0].metadata
    proof.that("with them it loads", ready.plugin_manager.is_active("custom_plugin") and metadata.version == "1.0.0")


async def sick(proof: Proof, desk: Any, told: list[str]) -> None:
    """A plugin that fails is named, and can be switched off."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("universal_orchestrator").addHandler(handler)
    await desk.plugin_manager.unregister_plugin("off")
    desk.plugin_manager.register_plugin(Recorder("broken", 3, told, fails=True))
    await one_task(desk, "t3")
    status = await desk.get_system_status()
    proof.that("a failing plugin degrades health and loses no task", status["health_status"] == "degraded")
    proof.that("and is logged by name", any("broken" in line and "health issue" in line for line in lines))
    await desk.plugin_manager.unregister_plugin("broken")
    proof.that("without it health is back", (await desk.get_system_status())["health_status"] == "healthy")


asyncio.run(main())
