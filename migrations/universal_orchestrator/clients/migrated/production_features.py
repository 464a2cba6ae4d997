"""What the production plugin promises: SLA, anomalies, scaling, security, recovery, Prometheus, audit."""

import asyncio

from app.core.universal_orchestrator import OrchestratorConfig, UniversalOrchestrator
from prometheus_client.parser import text_string_to_metric_families

from universal_orchestrator.clients.migrated.proof import Proof


async def worked(desk, number: int, took_s: float = 0.0) -> None:  # type: ignore[no-untyped-def]
    """One task from beginning to end."""
    await desk.delegate_task(f"task-{number}", "x", ["x"])
    await asyncio.sleep(took_s)
    await desk.complete_task(f"task-{number}", "a", None, True)


async def main() -> None:
    """Feature by feature."""
    proof = Proof()
    desk = await UniversalOrchestrator(
        OrchestratorConfig(enable_production_plugin=True, enable_security_plugin=True, max_tasks_per_agent=1)
    ).start()
    plugin = next(each for each in desk.plugin_manager.get_plugins() if each.metadata.name == "production")
    await desk.register_agent("a", "worker", ["x"])
    for number in range(12):
        await worked(desk, number)
    proof.that("quiet work is no anomaly and meets the SLA", not plugin.decisions and plugin.sla_percent == 100.0)
    await worked(desk, 12, took_s=0.2)
    proof.that("a spike is an anomaly", [each["decision"] for each in plugin.decisions] == ["anomaly"])
    plugin.keep("before")
    for number in range(4):
        await desk.delegate_task(f"queued-{number}", "x", ["x"])
    proof.that("a long queue asks for more agents", plugin.decisions[-1]["decision"] == "scale-up")
    proof.that("a harmful name is refused and seen", not await desk.register_agent("../etc", "worker", []))
    proof.that("security events are counted", plugin.security_events == 1)
    desk.roster.restore({"agents": [], "tasks": []})
    plugin.recover("before")
    proof.that(
        "after a disaster agents and tasks are back", list(desk.roster.agents) == ["a"] and len(desk.roster.tasks) == 13
    )
    families = text_string_to_metric_families(plugin.exposition().decode())
    names = {family.name for family in families if not family.name.endswith("_created")}
    proof.that("Prometheus can read the metrics", {"orchestrator_tasks", "orchestrator_task_seconds"} <= names)
    queried = " ".join(target["expr"] for panel in plugin.dashboard()["panels"] for target in panel["targets"])
    proof.that("the dashboard asks for metrics that are there", all(name in queried for name in names))
    actions = [entry["action"] for entry in plugin.audit]
    proof.that(
        "every deed is audited", actions.count("task.completed") == 13 and actions.count("agent.registered") == 1
    )
    proof.that("the audit log is a chain", len({entry["hash"] for entry in plugin.audit}) == len(plugin.audit))
    plugin.sla_ms = 0.0
    await worked(desk, 99)
    status = await desk.get_system_status()
    proof.that(
        "a broken SLA is a critical alert", status["critical_alerts"] == 1 and status["health_status"] == "critical"
    )
    proof.end()


asyncio.run(main())
