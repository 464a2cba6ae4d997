"""The gateway's own metrics as Prometheus text."""

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class GatewayMetrics:
    """Counters of one gateway."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "gateway_requests_total", "Answered user requests", ("served_by", "code"), registry=self.registry
        )
        self.seconds = Histogram("gateway_request_seconds", "Time to answer, holds included", registry=self.registry)
        self.fallbacks = self._counter("gateway_fallbacks_total", "Requests that the baseline served instead")
        self.replicated = self._counter("gateway_replications_total", "Records written to the other side as well")
        self.replication_failures = self._counter(
            "gateway_replication_failures_total", "Records that did not reach the other side"
        )
        self.flag_changes = self._counter("gateway_flag_changes_total", "Changes of flags")

    def exposition(self) -> bytes:
        """All metrics."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(name, text, registry=self.registry)
