"""Who works on what: agents, tasks, matching and the queue, as plain synchronous bookkeeping; knows no plugin."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .orchestrator_config import AgentRole, OrchestratorConfig, TaskPriority


@dataclass(slots=True)
class Agent:
    """One agent; `weight` says how much work it takes beside others, `asleep` that it must be woken first."""

    id: str
    role: AgentRole
    capabilities: frozenset[str]
    metadata: dict[str, Any]
    weight: float = 1.0
    tasks: dict[str, float] = field(default_factory=dict)
    asleep: bool = False
    penalty: float = 0.0

    @property
    def load(self) -> float:
        """Work that it has, for its weight."""
        return sum(self.tasks.values()) / self.weight + self.penalty


@dataclass(slots=True)
class Task:
    """One task; `state` is queued, active, completed or failed."""

    id: str
    type: str
    needs: frozenset[str]
    priority: TaskPriority
    metadata: dict[str, Any]
    agent: str | None = None
    state: str = "queued"
    result: Any = None
    cost: float = 1.0
    begun_s: float = 0.0


class Roster:
    """Agents by id in the order of registration, tasks by id, and a queue by priority."""

    def __init__(self, config: OrchestratorConfig) -> None:
        self.config = config
        self.agents: dict[str, Agent] = {}
        self.tasks: dict[str, Task] = {}
        self.active: set[str] = set()
        self._queue: list[tuple[int, int, str]] = []
        self._number = count()

    def enlist(self, agent: Agent) -> bool:
        """Whether the agent is new and fits."""
        if agent.id in self.agents or len(self.agents) >= self.config.max_agents:
            return False
        self.agents[agent.id] = agent
        return True

    def has_room(self) -> bool:
        """Whether one more task may be active."""
        return len(self.active) < self.config.max_concurrent_tasks

    def able(self, needs: Iterable[str]) -> list[Agent]:
        """Agents with every needed capability, busy or not."""
        wanted = frozenset(needs)
        return [agent for agent in self.agents.values() if wanted <= agent.capabilities]

    def choose(self, needs: Iterable[str]) -> Agent | None:
        """The one with the least load who has room; ties go to whoever came first."""
        free = [agent for agent in self.able(needs) if len(agent.tasks) < self.config.max_tasks_per_agent]
        return min(free, key=lambda agent: agent.load, default=None)

    def assign(self, task: Task, agent: Agent) -> None:
        """Give the task to the agent."""
        task.agent, task.state = agent.id, "active"
        agent.tasks[task.id] = task.cost
        self.tasks[task.id] = task
        self.active.add(task.id)

    def queue(self, task: Task) -> None:
        """Let the task wait; high priority first, then first come."""
        self.tasks[task.id] = task
        heapq.heappush(self._queue, (task.priority.rank, next(self._number), task.id))

    def close(self, task: Task, result: Any, success: bool) -> None:
        """End an active task."""
        if task.agent in self.agents:
            self.agents[task.agent].tasks.pop(task.id, None)
        self.active.discard(task.id)
        task.state, task.result = ("completed" if success else "failed"), result

    def drain(self) -> list[Task]:
        """Give out what waits, as far as agents are free; the tasks that were given out."""
        left, given = [], []
        while self._queue and self.has_room():
            entry = heapq.heappop(self._queue)
            agent = self.choose(self.tasks[entry[2]].needs)
            if agent is None:
                left.append(entry)
                continue
            self.assign(self.tasks[entry[2]], agent)
            given.append(self.tasks[entry[2]])
        for entry in left:
            heapq.heappush(self._queue, entry)
        return given

    @property
    def queued(self) -> int:
        """How many tasks wait."""
        return len(self._queue)

    @property
    def busy(self) -> int:
        """How many agents have work."""
        return sum(bool(agent.tasks) for agent in self.agents.values())

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values, for a restore."""
        return {
            "agents": [
                {"id": a.id, "role": a.role.value, "capabilities": sorted(a.capabilities), "metadata": a.metadata}
                for a in self.agents.values()
            ],
            "tasks": [
                {"id": t.id, "type": t.type, "needs": sorted(t.needs), "priority": t.priority.value, "agent": t.agent,
                 "state": t.state, "result": t.result, "metadata": t.metadata}
                for t in self.tasks.values()
            ],
        }  # fmt: skip

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put back what snapshot() told; everything else is gone."""
        self.agents.clear()
        self.tasks.clear()
        self.active.clear()
        self._queue.clear()
        for each in kept["agents"]:
            role = AgentRole(each["role"])
            self.enlist(Agent(each["id"], role, frozenset(each["capabilities"]), dict(each["metadata"])))
        for each in kept["tasks"]:
            task = Task(
                each["id"],
                each["type"],
                frozenset(each["needs"]),
                TaskPriority(each["priority"]),
                dict(each["metadata"]),
            )
            if each["state"] == "active" and each["agent"] in self.agents:
                self.assign(task, self.agents[each["agent"]])
            elif each["state"] == "queued":
                self.queue(task)
            else:
                task.agent, task.state, task.result = each["agent"], each["state"], each["result"]
                self.tasks[task.id] = task
