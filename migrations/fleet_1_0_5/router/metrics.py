"""The router's own metrics as Prometheus text."""

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest


class RouterMetrics:
    """Counters of one router."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ("served_by", "code")
        self.requests = Counter("router_requests_total", "Answered user requests", labels, registry=self.registry)
        self.seconds = Histogram(
            "router_request_seconds", "Time to answer, holds included", ("served_by",), registry=self.registry
        )
        self.broken = Counter("router_broken_answers_total", "Answers that ended too early", registry=self.registry)
        self.flag_changes = Counter("router_flag_changes_total", "Changes of flags", registry=self.registry)

    def exposition(self) -> bytes:
        """All metrics."""
        return generate_latest(self.registry)
