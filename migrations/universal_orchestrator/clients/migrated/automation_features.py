"""What the automation plugin promises: sleep and wake, recovery in tiers, breakers, routing by speed, rules on events."""

import asyncio

from app.core.universal_orchestrator import OrchestratorConfig, UniversalOrchestrator

from universal_orchestrator.clients.migrated.proof import Proof


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


async def main() -> None:
    """Feature by feature."""
    proof, clock = Proof(), Clock()
    desk = await UniversalOrchestrator(OrchestratorConfig(enable_automation_plugin=True)).start()
    desk.context.clock = clock
    plugin = desk.plugin_manager.get_plugins()[0]
    heard: list[str] = []
    plugin.when("agent.woken", lambda topic, details: heard.append(details["agent_id"]))
    await desk.register_agent("a", "worker", ["x"])
    proof.that("a new agent is awake", plugin.put_to_sleep() == [])
    clock.now_s += 301
    proof.that("an idle agent falls asleep", plugin.put_to_sleep() == ["a"] and desk.roster.agents["a"].asleep)
    await desk.delegate_task("t0", "x", ["x"])
    proof.that(
        "it wakes with its next task, and the rule on that acts", not desk.roster.agents["a"].asleep and heard == ["a"]
    )
    await desk.complete_task("t0", "a", None, True)
    for number in range(4):
        await desk.delegate_task(f"f{number}", "x", ["x"])
        await desk.complete_task(f"f{number}", "a", None, False)
    tiers = [tier for _, tier in plugin.recoveries]
    proof.that("tiers escalate in order", tiers == ["retry", "restart-agent", "replace-agent", "call-a-person"])
    proof.that("the last tier is a critical alert", desk.context.critical_alerts == 1)
    proof.that("the breaker is open", plugin.breaker("a") == "open")
    clock.now_s += 31
    proof.that("and half open after a rest", plugin.breaker("a") == "half-open")
    await desk.delegate_task("good", "x", ["x"])
    await desk.complete_task("good", "a", None, True)
    proof.that("and closed after a success", plugin.breaker("a") == "closed")
    await routed(proof)
    proof.end()


async def routed(proof: Proof) -> None:
    """A slow agent gets less."""
    desk = await UniversalOrchestrator(OrchestratorConfig(enable_automation_plugin=True)).start()
    for name in ("slow", "quick"):
        await desk.register_agent(name, "worker", [name, "both"])
        await desk.delegate_task(f"of-{name}", "x", [name])
    await desk.complete_task("of-quick", "quick", None, True)
    await asyncio.sleep(0.2)
    await desk.complete_task("of-slow", "slow", None, True)
    given = [await desk.delegate_task(f"both-{number}", "x", ["both"]) for number in range(3)]
    proof.that("a slow agent is asked less", given.count("quick") == 2)


asyncio.run(main())
