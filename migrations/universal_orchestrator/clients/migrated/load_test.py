"""The documented load test: 60 agents, 100 tasks at once, and a clean end."""

import asyncio
import threading

from app.core.universal_orchestrator import AgentRole, TaskPriority, get_universal_orchestrator

from universal_orchestrator.clients.migrated.proof import Proof


async def load_test() -> None:
    """As the guide has it, with a pass mark."""
    proof = Proof()
    before = threading.active_count()
    orchestrator = await get_universal_orchestrator()
    for i in range(60):
        await orchestrator.register_agent(f"load_agent_{i:03d}", AgentRole.WORKER, ["python", "load_test"])
    tasks = [
        orchestrator.delegate_task(f"load_task_{i:03d}", "load_test", ["python"], TaskPriority.MEDIUM)
        for i in range(100)
    ]
    results = await asyncio.gather(*tasks)
    successful = sum(1 for r in results if r is not None)
    print(f"Successfully delegated {successful}/100 tasks")
    status = await orchestrator.get_system_status()
    proof.that("all 100 tasks are delegated", successful == 100)
    proof.that("60 agents are there and all of them work", status["agents"] == {"total": 60, "busy": 60})
    await orchestrator.shutdown()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    proof.that("no task and no thread is left", not left and threading.active_count() <= before)
    proof.end()


asyncio.run(load_test())
