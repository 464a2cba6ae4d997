"""Status in all four states, its arithmetic, breached limits, debug logs, profiling as the guide has it."""

import asyncio
import cProfile
import logging
import pstats
import tracemalloc
from typing import Any

from app.core.orchestrator_plugins import OrchestratorPlugin, PluginMetadata, PluginType
from app.core.universal_orchestrator import OrchestratorConfig, UniversalOrchestrator

from universal_orchestrator.clients.migrated.proof import Proof


class SlowPlugin(OrchestratorPlugin):  # type: ignore[misc]
    """Takes 20 ms before each task and at its start."""

    def __init__(self) -> None:
        super().__init__(PluginMetadata("slow", "1", PluginType.WORKFLOW))

    async def pre_task_execution(self, task_context: dict[str, Any]) -> dict[str, Any]:
        """Wait."""
        await asyncio.sleep(0.02)
        return dict(task_context)


async def worked(desk: Any, number: int, success: bool) -> None:
    """One task."""
    await desk.delegate_task(f"t{number}", "x", [])
    await desk.complete_task(f"t{number}", "a", None, success)


async def main() -> None:
    """All of it."""
    proof = Proof()
    desk = await UniversalOrchestrator(OrchestratorConfig(max_task_delegation_ms=10.0)).start()
    empty = await desk.get_system_status()
    proof.that("without agents nobody is busy", empty["agents"] == {"total": 0, "busy": 0})
    proof.that("healthy, and no critical alert", empty["health_status"] == "healthy" and "critical_alerts" not in empty)
    await desk.register_agent("a", "worker", [])
    await desk.register_agent("b", "worker", [])
    await desk.delegate_task("first", "x", [])
    proof.that("one of two is busy", (await desk.get_system_status())["agents"] == {"total": 2, "busy": 1})
    desk.plugin_manager.register_plugin(SlowPlugin())
    await desk.complete_task("first", "a", None, True)
    await desk.delegate_task("second", "x", [])
    slow = await desk.get_system_status()
    proof.that(
        "a breached limit degrades health",
        slow["health_status"] == "degraded" and slow["limits"]["delegation_ms"]["breached"],
    )
    await desk.plugin_manager.unregister_plugin("slow")
    await desk.complete_task("second", "a", None, True)
    for number in range(2):
        await worked(desk, number, success=False)
    bad = await desk.get_system_status()
    proof.that("two of four failed: 50 %", bad["performance"]["error_rate_percent"] == 50.0)
    proof.that("too many failures are unhealthy", bad["health_status"] == "unhealthy")
    proof.that("the average duration is a number", bad["performance"]["average_task_duration_ms"] >= 0.0)
    desk.context.alert("drill", "all is lost", "critical")
    worst = await desk.get_system_status()
    proof.that(
        "a critical alert is critical, and counted",
        (worst["health_status"], worst["critical_alerts"]) == ("critical", 1),
    )
    await limits(proof)
    await debugging(proof)
    proof.end()


async def limits(proof: Proof) -> None:
    """Each of the four limits reports its breach."""
    tight = OrchestratorConfig(
        max_agent_registration_ms=0.0, max_task_delegation_ms=0.0, max_system_initialization_ms=0.0, max_memory_mb=0.5
    )
    desk = await UniversalOrchestrator(tight).start()
    await desk.register_agent("a", "worker", [])
    await desk.delegate_task("t", "x", [])
    ballast = bytearray(b"x") * (8 * 1024 * 1024)
    status = await desk.get_system_status()
    breached = sorted(name for name, each in status["limits"].items() if each["breached"])
    wanted = ["delegation_ms", "initialization_ms", "memory_mb", "registration_ms"]
    proof.that("all four limits report their breach", breached == wanted and ballast)


async def debugging(proof: Proof) -> None:
    """Debug log, profile, memory."""
    lines: list[str] = []
    logger, handler = logging.getLogger("universal_orchestrator"), logging.Handler()
    handler.emit = lambda record: lines.append(record.levelname)  # type: ignore[method-assign]
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    desk = await UniversalOrchestrator().start()
    await desk.delegate_task("t", "x", [])
    proof.that("DEBUG shows a delegation", "DEBUG" in lines)
    try:
        compile("await orchestrator.delegate_task()", "cProfile.run", "exec")
        proof.that("the documented way to profile is no valid Python", False)
    except SyntaxError:
        proof.that("the documented way to profile is no valid Python", True)
    profile = cProfile.Profile()
    profile.enable()
    await desk.delegate_task("u", "x", [])
    profile.disable()
    proof.that("a delegation can be profiled", any("delegate_task" in key[2] for key in pstats.Stats(profile).stats))  # type: ignore[attr-defined]
    tracemalloc.start()
    await desk.delegate_task("v", "x", [])
    current, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    proof.that("current and peak memory are told", 0 < current <= peak)


asyncio.run(main())
