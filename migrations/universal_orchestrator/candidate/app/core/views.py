"""Agents, tasks and status as the old paths showed them; computes nothing that is not shown."""

from typing import Any

from .roster import Agent, Task
from .universal_orchestrator import UniversalOrchestrator


def agent_view(agent: Agent) -> dict[str, Any]:
    """One agent."""
    return {
        "id": agent.id,
        "role": agent.role.value,
        "capabilities": sorted(agent.capabilities),
        "metadata": agent.metadata,
        "load": len(agent.tasks),
    }


def task_view(task: Task) -> dict[str, Any]:
    """One task."""
    return {
        "id": task.id,
        "type": task.type,
        "agent": task.agent,
        "priority": task.priority.value,
        "metadata": task.metadata,
        "state": task.state,
        "result": task.result,
    }


def status_view(orchestrator: UniversalOrchestrator) -> dict[str, Any]:
    """Counts of agents and tasks, and one word on health."""
    signs, roster = orchestrator.vital_signs, orchestrator.roster
    return {
        "status": "healthy" if orchestrator.is_ready else "stopped",
        "mode": orchestrator.config.mode.value,
        "agents": len(roster.agents),
        "busy": roster.busy,
        "active_tasks": len(roster.active),
        "completed": signs.completed,
        "failed": signs.failed,
    }
