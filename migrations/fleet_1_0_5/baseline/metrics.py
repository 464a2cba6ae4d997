"""What the fleet counts; the names stay the same in every version."""

from plumbing.metrics import RequestMetrics

PATHS = ("/tasks", "/agents", "/tools", "/memory")


class FleetMetrics(RequestMetrics):
    """Tasks, agents and money."""

    def __init__(self) -> None:
        super().__init__("fleet", "tasks, agents, tools and memory")
        self.completed = self.counter("tasks_completed_total", "Tasks that were completed")
        self.failed = self.counter("tasks_failed_total", "Tasks that failed")
        self.billed_usd = self.counter("cost_usd_total", "What the model API billed, in USD")
        self.spawn_seconds = self.histogram("spawn_seconds", "Time to spawn an agent")
