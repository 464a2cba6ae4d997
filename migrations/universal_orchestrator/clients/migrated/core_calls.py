"""The five steps of the core migration, as migrated code makes them: configure, register, delegate, complete, shut down."""

import ast
import asyncio
from pathlib import Path

import app.core
from app.core.universal_orchestrator import (
    AgentRole,
    OrchestratorConfig,
    OrchestratorMode,
    TaskPriority,
    UniversalOrchestrator,
    get_universal_orchestrator,
)

from universal_orchestrator.clients.migrated.proof import Proof

OLD_MODULES = {"app.core.orchestrator", "app.core.production_orchestrator", "app.core.performance_orchestrator"}
ABOUT_OLD_NAMES = {"known_issues.py", "legacy_again.py"}


def imported(path: Path) -> set[str]:
    """What a module imports, as it is written."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {f"{'.' * node.level}{node.module}" for node in nodes if isinstance(node, ast.ImportFrom)}


def sources(proof: Proof) -> None:
    """Who imports whom."""
    here = Path(__file__).parent
    migrated = [path for path in here.glob("*.py") if path.name not in ABOUT_OLD_NAMES]
    proof.that(
        "migrated code imports no old module",
        len(migrated) > 5 and not OLD_MODULES & set().union(*map(imported, migrated)),
    )
    core = [
        Path(app.core.__file__).with_name(f"{name}.py") for name in ("universal_orchestrator", "roster", "vital_signs")
    ]
    proof.that(
        "the core imports no plugin", not [name for path in core for name in imported(path) if name.endswith("_plugin")]
    )


async def main() -> None:
    """Walk through."""
    proof = Proof()
    sources(proof)
    proof.that(
        "AgentOrchestrator of the package is UniversalOrchestrator", app.core.AgentOrchestrator is UniversalOrchestrator
    )
    proof.that(
        "get_orchestrator is get_universal_orchestrator", app.core.get_orchestrator is get_universal_orchestrator
    )
    config = OrchestratorConfig(mode=OrchestratorMode("production"), max_agents=7, max_concurrent_tasks=9)
    await configured(proof)
    desk = await get_universal_orchestrator(config)
    proof.that("the instance is ready and shared", desk.is_ready and desk is await get_universal_orchestrator())
    done = [
        await desk.register_agent(f"agent-{role}", role, ["python", str(role)], {"version": "1.0"})
        for role in AgentRole
    ]
    proof.that("one agent of each of six roles registers", done == [True] * 6)
    proof.that("a known agent is not registered again", not await desk.register_agent("agent-worker", "worker", []))
    await desk.register_agent("seventh", AgentRole.WORKER, ["sql"])
    proof.that("one agent too many is refused", not await desk.register_agent("eighth", AgentRole.WORKER, []))
    proof.that("the status counts one agent a call", (await desk.get_system_status())["agents"]["total"] == 7)
    agent = await desk.delegate_task("t1", "work", ["python", "worker"], TaskPriority.HIGH, {"project": "x"})
    proof.that("all capabilities are asked for", agent == "agent-worker")
    proof.that("nobody can: None", await desk.delegate_task("t2", "work", ["python", "sql"], "low") is None)
    proof.that("the wrong agent completes nothing", not await desk.complete_task("t1", "seventh", None, True))
    proof.that("the right agent completes", await desk.complete_task("t1", "agent-worker", {"artifacts": []}, True))
    proof.that("a task is completed once", not await desk.complete_task("t1", "agent-worker", None, True))
    status = await desk.get_system_status()
    proof.that("a completed task frees its agent", (status["agents"]["busy"], status["tasks"]["active"]) == (0, 0))
    await priorities(proof)
    await desk.shutdown()
    proof.that("after shutdown a new one is made", await get_universal_orchestrator() is not desk)
    proof.end()


async def configured(proof: Proof) -> None:
    """Documented values, tuned values, refusals."""
    plain = OrchestratorConfig()
    limits = (plain.max_agent_registration_ms, plain.max_task_delegation_ms, plain.max_system_initialization_ms)
    proof.that(
        "documented limits", (plain.max_agents, plain.max_concurrent_tasks, plain.max_memory_mb) == (100, 1000, 50.0)
    )
    proof.that("documented budgets", limits == (100.0, 500.0, 2000.0))
    proof.that("three modes", [mode.name for mode in OrchestratorMode] == ["PRODUCTION", "DEVELOPMENT", "TESTING"])
    proof.that("three priorities", [each.name for each in TaskPriority] == ["HIGH", "MEDIUM", "LOW"])
    try:
        OrchestratorConfig(mode="holiday")
        refused = False
    except ValueError:
        refused = True
    proof.that("another mode is refused", refused)
    many = await UniversalOrchestrator(
        OrchestratorConfig(max_agents=200, max_concurrent_tasks=2000, max_tasks_per_agent=10)
    ).start()
    agents = [await many.register_agent(f"a{number}", "worker", ["x"]) for number in range(201)]
    proof.that("200 agents, and not one more", (agents.count(True), agents[-1]) == (200, False))
    tasks = [await many.delegate_task(f"t{number}", "x", ["x"]) for number in range(2000)]
    proof.that("2000 tasks at once", all(tasks))
    try:
        await many.delegate_task("one more", "x", ["x"])
        proof.that("task 2001 is refused", False)
    except RuntimeError:
        proof.that("task 2001 is refused", True)


async def priorities(proof: Proof) -> None:
    """What waits is served by priority."""
    desk = await UniversalOrchestrator(OrchestratorConfig(max_tasks_per_agent=1)).start()
    await desk.register_agent("only", "worker", ["x"])
    await desk.delegate_task("now", "x", ["x"])
    waiting = [await desk.delegate_task(name, "x", ["x"], name) for name in ("low", "medium", "high")]
    served = []
    for _ in range(3):
        running = next(iter(desk.roster.active))
        await desk.complete_task(running, "only", None, True)
        served.append(next(iter(desk.roster.active)))
    proof.that(
        "a queued high task is served before a low one", (waiting, served) == ([None] * 3, ["high", "medium", "low"])
    )


if __name__ == "__main__":
    asyncio.run(main())
