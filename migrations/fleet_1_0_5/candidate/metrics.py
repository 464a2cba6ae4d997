"""What the fleet counts: all that 1.0.4 counted under the same names, and selections, streams and budgets."""

from plumbing.metrics import RequestMetrics

COUNTED = ("/tasks", "/agents", "/tools", "/memory")


class FleetMetrics(RequestMetrics):
    """Tasks, agents, money, selections and streams."""

    def __init__(self) -> None:
        super().__init__("fleet", "tasks, agents, tools and memory")
        self.completed = self.counter("tasks_completed_total", "Tasks that were completed")
        self.failed = self.counter("tasks_failed_total", "Tasks that failed")
        self.billed_usd = self.counter("cost_usd_total", "What the model API billed, in USD")
        self.spawn_seconds = self.histogram("spawn_seconds", "Time to spawn an agent")
        self.tracked_usd = self.counter("tracked_usd_total", "Costs that were recorded, in USD")
        self.selections = self.counter("selections_total", "Tasks by the model that the router chose", "model")
        self.alerts = self.counter("budget_alerts_total", "Alerts by period", "period")
        self.refused = self.counter("budget_refusals_total", "Tasks that were refused for want of budget")
        self.streams = self.counter("streams_total", "Streams by how they ended", "state")
        self.pauses = self.counter("stream_pauses_total", "Times that a model waited for a reader")
        self.first_chunk_seconds = self.histogram("first_chunk_seconds", "Time to the first chunk of a stream")
