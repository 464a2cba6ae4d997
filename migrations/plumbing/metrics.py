"""The metrics that the reference services expose as Prometheus text; counts what it is told."""

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class RequestMetrics:
    """What every service counts: requests and their times, in a registry of its own, under names with a prefix."""

    def __init__(self, prefix: str, asked: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._prefix = prefix
        self._requests = self.counter("requests_total", f"Answered requests to {asked} by status code", "code")
        self._errors = self.counter("errors_total", f"Requests to {asked} that were answered with 5xx")
        self._request_seconds = self.histogram("request_seconds", f"Time to answer a request to {asked}")

    def observe_request(self, code: int, seconds: float) -> None:
        """Counts one answered request."""
        self._requests.labels(str(code)).inc()
        self._request_seconds.observe(seconds)
        if code >= 500:
            self._errors.inc()

    def exposition(self) -> bytes:
        """All metrics as Prometheus text."""
        return generate_latest(self.registry)

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """A new counter."""
        return Counter(f"{self._prefix}_{name}", text, labels, registry=self.registry)

    def histogram(self, name: str, text: str) -> Histogram:
        """A new histogram of seconds."""
        return Histogram(f"{self._prefix}_{name}", text, buckets=BUCKETS_S, registry=self.registry)


class ServiceMetrics(RequestMetrics):
    """The counters and histograms of one orchestration service."""

    def __init__(self) -> None:
        super().__init__("orchestration", "/api/")
        self.delegation_seconds = self.histogram("delegation_seconds", "Time to find an agent for one task")
        self.events = self.counter("events_total", "Events processed")
        self._failures = self.counter("workflow_failures_total", "Workflow steps that failed", "critical")
        self.corruption = self.counter("corruption_total", "Spoiled rows found in the store")
        self.tasks_completed = self.counter("tasks_completed_total", "Tasks that were completed")
        for critical in ("true", "false"):
            self._failures.labels(critical)

    def count_workflow_failure(self, *, critical: bool) -> None:
        """Counts one failed workflow step."""
        self._failures.labels("true" if critical else "false").inc()


class SpoiledRows:
    """Counts each spoiled row once, however often it is found; a row that was mended may be counted again."""

    def __init__(self, metrics: ServiceMetrics) -> None:
        self._metrics = metrics
        self._known: frozenset[str] = frozenset()

    def found(self, ids: frozenset[str]) -> None:
        """Takes note of all rows that are spoiled now."""
        self._metrics.corruption.inc(len(ids - self._known))
        self._known = ids
