"""What the performance plugin promises: samples, alerts, advice, export, bottlenecks; registered by hand."""

import asyncio

from app.core.orchestrator_plugins.performance_plugin import PerformancePlugin
from app.core.universal_orchestrator import OrchestratorConfig, UniversalOrchestrator

from universal_orchestrator.clients.migrated.proof import Proof


async def main() -> None:
    """Feature by feature."""
    proof = Proof()
    desk = await UniversalOrchestrator(OrchestratorConfig(max_tasks_per_agent=1)).start()
    plugin = PerformancePlugin({"memory_percent": 0.0})
    desk.plugin_manager.register_plugin(plugin)
    await desk.get_system_status()
    try:
        desk.plugin_manager.register_plugin(PerformancePlugin())
        proof.that("a second plugin of the name is refused", False)
    except ValueError:
        proof.that("a second plugin of the name is refused", True)
    first, second = plugin.sample(), plugin.sample()
    proof.that("CPU, memory and disk are sampled", {"cpu_percent", "memory_percent", "disk_percent"} <= set(first))
    proof.that("each sample is a fresh one", second["at_s"] > first["at_s"])
    alerts = [alert for alert in desk.context.alerts if "memory_percent" in alert["message"]]
    proof.that("a breached threshold raises one alert", len(alerts) == 1)
    for name in ("slow", "quick", "brisk"):
        await desk.register_agent(name, "worker", [name])
        await desk.delegate_task(f"of-{name}", "x", [name])
    await desk.delegate_task("waits", "x", ["slow"])
    await asyncio.sleep(0.001)
    for name in ("quick", "brisk"):
        await desk.complete_task(f"of-{name}", name, None, True)
    await asyncio.sleep(0.3)
    proof.that(
        "waiting tasks make a recommendation", any("register more agents" in text for text in plugin.recommendations())
    )
    await desk.complete_task("of-slow", "slow", None, True)
    proof.that("the slow agent is named as the bottleneck", plugin.bottlenecks() == ["slow"])
    proof.that("and work is to be taken off it", any("take work off slow" in text for text in plugin.recommendations()))
    series = plugin.export()
    proof.that("all series are exported", len(series) == 4 and len({len(values) for values in series.values()}) == 1)
    proof.that("over a threshold it says so of itself", (await plugin.health_check())["status"] == "degraded")
    proof.end()


asyncio.run(main())
