"""The four known issues, each provoked and shown remedied; and the way back to the legacy class."""

import asyncio
import inspect
from typing import Any

import app.core
import app.core.legacy_orchestrator
from app.core.orchestrator import AgentOrchestrator
from app.core.orchestrator_plugins import OrchestratorPlugin, PluginMetadata, PluginType
from app.core.production_orchestrator import ProductionOrchestrator
from app.core.universal_orchestrator import OrchestratorConfig, OrchestratorMode, UniversalOrchestrator

from universal_orchestrator.clients.migrated.proof import Proof


class Brake(OrchestratorPlugin):  # type: ignore[misc]
    """Makes every delegation slow."""

    def __init__(self) -> None:
        super().__init__(PluginMetadata("brake", "1", PluginType.WORKFLOW))

    async def pre_task_execution(self, task_context: dict[str, Any]) -> dict[str, Any]:
        """Wait 30 ms."""
        await asyncio.sleep(0.03)
        return task_context


def configurations(proof: Proof) -> None:
    """Issue 2: a legacy configuration does not fit, and the adapter makes it fit."""
    old = {"mode": "testing", "max_agents": 12, "max_tasks": 34, "tasks_per_agent": 2, "legacy_timeout": 9}
    try:
        OrchestratorConfig(**old)
        proof.that("the old configuration as it is does not fit", False)
    except TypeError:
        proof.that("the old configuration as it is does not fit", True)
    new = app.core.migrate_config(old)
    proof.that(
        "mode, agents and tasks are carried over",
        (new.mode, new.max_agents, new.max_concurrent_tasks) == ("testing", 12, 34),
    )
    proof.that("and so is everything else", (new.max_tasks_per_agent, new.call_timeout_s) == (2, 9))
    plain = app.core.migrate_config({})
    proof.that(
        "defaults are production, 100, 1000",
        (plain.mode, plain.max_agents, plain.max_concurrent_tasks) == ("production", 100, 1000),
    )
    proof.that("the mode is one of the enumeration", isinstance(plain.mode, OrchestratorMode))
    for wrong in ({"mode": "holiday"}, {"colour": "blue"}):
        try:
            app.core.migrate_config(wrong)
            proof.that(f"{wrong} is refused", False)
        except ValueError as error:
            proof.that(
                f"{wrong} is refused by name",
                next(iter(wrong.values())) in str(error) or next(iter(wrong)) in str(error),
            )


async def main() -> None:
    """Issue by issue."""
    proof = Proof()
    proof.that(
        "issue 1: old import paths work", inspect.isclass(AgentOrchestrator) and inspect.isclass(ProductionOrchestrator)
    )
    proof.that(
        "and their calls are still synchronous", not inspect.iscoroutinefunction(AgentOrchestrator.register_agent)
    )
    configurations(proof)
    desk = await UniversalOrchestrator(OrchestratorConfig(max_task_delegation_ms=20.0, max_agents=5)).start()
    desk.plugin_manager.register_plugin(Brake())
    await desk.delegate_task("slow", "x", [])
    before = desk.vital_signs.worst["delegation_ms"]
    proof.that(
        "issue 3: a plugin makes delegation slow", (await desk.get_system_status())["health_status"] == "degraded"
    )
    proof.that(
        "the configuration tells how it deviates",
        set(desk.config.deviations()) == {"max_task_delegation_ms", "max_agents"},
    )
    await desk.plugin_manager.unregister_plugin("brake")
    desk.vital_signs.worst["delegation_ms"] = 0.0
    await desk.delegate_task("quick", "x", [])
    proof.that("without it delegation is quick again", desk.vital_signs.worst["delegation_ms"] < before)
    legacy = app.core.legacy_orchestrator.AgentOrchestrator
    proof.that(
        "the legacy class is kept and is another one",
        legacy is not AgentOrchestrator and legacy is not UniversalOrchestrator,
    )
    desk_of_old = legacy()
    desk_of_old.register_agent("a", "worker", ["x"])
    proof.that("and it works", desk_of_old.delegate_task("t", "x", ["x"]) == "a")
    proof.end()


asyncio.run(main())
