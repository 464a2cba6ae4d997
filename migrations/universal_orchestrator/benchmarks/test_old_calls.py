"""Registration, delegation and routing by their old names, as old code calls them: 60 agents, 100 tasks."""

from collections.abc import Callable
from itertools import count
from typing import Any

from app.core.orchestrator import AgentOrchestrator
from app.core.performance_orchestrator import PerformanceOrchestrator

AGENTS, TASKS = 60, 100
SKILLS = [f"skill-{number}" for number in range(12)]


def test_register_an_agent(benchmark: Any) -> None:
    """One agent more."""
    desk, numbers = AgentOrchestrator({"max_agents": 1_000_000}), count()
    desk.register_agent("first")  # which starts what new code has behind its old names
    benchmark(lambda: desk.register_agent(f"agent-{next(numbers)}", "worker", SKILLS[:4]))


def test_delegate_a_task(benchmark: Any) -> None:
    """One task after the other, to whoever is the least busy of those who can."""
    desk, numbers = AgentOrchestrator(), count()
    _enlist(desk.register_agent, "worker")
    benchmark.pedantic(lambda: desk.delegate_task(f"task-{next(numbers)}", "work", SKILLS[8:]), rounds=TASKS)


def test_route_a_task(benchmark: Any) -> None:
    """One task after the other, by the weight of what everybody has."""
    desk, numbers = PerformanceOrchestrator(), count()
    _enlist(desk.register_agent)
    benchmark.pedantic(lambda: desk.route_task(f"task-{next(numbers)}", SKILLS[8:]), rounds=TASKS)


def _enlist(register: Callable[..., Any], *words: str) -> None:
    for number in range(AGENTS):
        register(f"agent-{number:02}", *words, SKILLS[number % 4 :])
