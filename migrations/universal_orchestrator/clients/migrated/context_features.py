"""What the context plugin promises: compression without loss, cleaning, sessions that go on, usage of the window."""

import asyncio

from app.core.universal_orchestrator import OrchestratorConfig, UniversalOrchestrator

from universal_orchestrator.clients.migrated.proof import Proof


async def main() -> None:
    """Feature by feature."""
    proof = Proof()
    desk = await UniversalOrchestrator(OrchestratorConfig(enable_context_plugin=True)).start()
    plugin = desk.plugin_manager.get_plugins()[0]
    value = {"notes": ["the same words again and again"] * 500, "n": None, "deep": {"ü": [1.5, True]}}
    empty = plugin.usage_percent
    plugin.remember("one", value)
    half = plugin.usage_percent
    plugin.remember("two", value)
    proof.that("usage of the window grows", empty < half < plugin.usage_percent)
    sizes = plugin.optimise()
    proof.that("compressed it is smaller", sizes["after"] < sizes["before"] / 10)
    proof.that(
        "and the session goes on with the same value", plugin.recall("one") == value and plugin.recall("two") == value
    )
    now_s = desk.context.clock()
    desk.context.clock = lambda: now_s + 4000
    plugin.recall("two")
    proof.that("what nobody used is cleaned up", plugin.clean_up() == 1 and plugin.recall("two") == value)
    before = plugin.size_bytes
    plugin.clean_up(idle_s=-1)
    proof.that("memory is given back", plugin.size_bytes == 0 < before)
    plugin.window_bytes = 1
    plugin.remember("three", value)
    proof.that("a full window is said", (await plugin.health_check())["status"] == "degraded")
    proof.end()


asyncio.run(main())
