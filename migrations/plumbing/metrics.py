"""The metrics that every orchestration service exposes as Prometheus text; counts what it is told."""

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class ServiceMetrics:
    """The counters and histograms of one service, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = self._counter("requests_total", "Answered requests to /api/ by status code", "code")
        self._errors = self._counter("errors_total", "Requests to /api/ that were answered with 5xx")
        self._request_seconds = self._histogram("request_seconds", "Time to answer a request to /api/")
        self.delegation_seconds = self._histogram("delegation_seconds", "Time to find an agent for one task")
        self.events = self._counter("events_total", "Events processed")
        self._failures = self._counter("workflow_failures_total", "Workflow steps that failed", "critical")
        self.corruption = self._counter("corruption_total", "Spoiled rows found in the store")
        self.tasks_completed = self._counter("tasks_completed_total", "Tasks that were completed")
        for critical in ("true", "false"):
            self._failures.labels(critical)

    def observe_request(self, code: int, seconds: float) -> None:
        """Counts one answered request."""
        self._requests.labels(str(code)).inc()
        self._request_seconds.observe(seconds)
        if code >= 500:
            self._errors.inc()

    def count_workflow_failure(self, *, critical: bool) -> None:
        """Counts one failed workflow step."""
        self._failures.labels("true" if critical else "false").inc()

    def exposition(self) -> bytes:
        """All metrics as Prometheus text."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"orchestration_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(f"orchestration_{name}", text, buckets=BUCKETS_S, registry=self.registry)


class SpoiledRows:
    """Counts each spoiled row once, however often it is found; a row that was mended may be counted again."""

    def __init__(self, metrics: ServiceMetrics) -> None:
        self._metrics = metrics
        self._known: frozenset[str] = frozenset()

    def found(self, ids: frozenset[str]) -> None:
        """Takes note of all rows that are spoiled now."""
        self._metrics.corruption.inc(len(ids - self._known))
        self._known = ids
