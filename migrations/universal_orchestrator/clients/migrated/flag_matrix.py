"""All assignments of the plugin flags: a plugin is loaded if and only if its flag is on, and old behaviour stays."""

import asyncio
import itertools
from collections.abc import Mapping

from app.core.universal_orchestrator import OrchestratorConfig, UniversalOrchestrator

from universal_orchestrator.clients.migrated.proof import Proof

FLAGS = ("performance", "security", "context", "automation")


async def tried(on: Mapping[str, bool | None]) -> tuple[set[str], list[object]]:
    """Which plugins are loaded, and what a few calls answer."""
    config = OrchestratorConfig(**{f"enable_{name}_plugin": value for name, value in on.items()})
    desk = await UniversalOrchestrator(config).start()
    loaded = {plugin.metadata.name for plugin in desk.plugin_manager.get_plugins()}
    answers: list[object] = [
        await desk.register_agent("a", "worker", ["x"]),
        await desk.delegate_task("t", "x", ["x"]),
        await desk.delegate_task("u", "x", ["y"]),
        await desk.complete_task("t", "a", {"n": 1}, True),
        desk.roster.tasks["t"].result,
        (await desk.get_system_status())["health_status"],
    ]
    await desk.shutdown()
    return loaded, answers


async def main() -> None:
    """Sixteen cases, and the flag that need not be there."""
    proof = Proof()
    for values in itertools.product((False, True), repeat=len(FLAGS)):
        on = dict(zip(FLAGS, values, strict=True))
        wanted = {name for name, value in on.items() if value}
        loaded, answers = await tried(on)
        proof.that(f"{sorted(wanted)} are loaded", loaded == wanted)
        proof.that(f"{sorted(wanted)} change no answer", answers == [True, "a", None, True, {"n": 1}, "healthy"])
    for optional, wanted in ((None, set()), (False, set()), (True, {"production"})):
        loaded, _ = await tried({"production": optional})
        proof.that(f"production={optional}: {sorted(wanted)}", loaded == wanted)
    proof.end()


asyncio.run(main())
