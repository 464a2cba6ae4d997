"""What V3 counts: requests, commands, work, calls of the model API, the cache, its store, and the machine it runs on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from plumbing.metrics import RequestMetrics

DEVICES = Path("/proc/net/dev")


class ServiceMetrics(RequestMetrics):
    """The counters of V3."""

    def __init__(self) -> None:
        super().__init__("coordination", "commands, agents, work, status and models")
        self._operations = self.counter("operations_total", "Commands by how they ended", "command", "result")
        self._tasks = self.counter("agent_tasks_total", "Work that agents ended", "team", "result")
        self._model_calls = self.counter("model_calls_total", "Calls of the model API by how they ended", "result")
        self._attempts = self.counter("model_attempts_total", "Requests to the model API")
        self._cache = self.counter("cache_total", "Reads by whether the cache had the answer", "result")
        self._fallback = self._gauge("fallback", "Whether a part does without what it is meant to run on", "part")
        self.connections = self._gauge("store_connections", "Open connections to the store")
        self.statements = self._gauge("store_statements", "Statements sent to the store since it was opened")
        self.work = self._gauge("work", "Work by status", "status")
        self.registry.register(Machine())
        for result in ("ok", "failed", "fallback"):
            self._model_calls.labels(result)

    def declare(self, part: str, *, is_fallback: bool) -> None:
        """Says whether the store or the cache is the one for want of a better."""
        self._fallback.labels(part).set(is_fallback)

    def count_command(self, command: str, result: str) -> None:
        """Counts a command: ok or failed."""
        self._operations.labels(command, result).inc()

    def count_task(self, team: str, status: str) -> None:
        """Counts work that has ended."""
        self._tasks.labels(team, "ok" if status == "done" else "failed").inc()

    def count_model(self, word: str) -> None:
        """Counts an attempt, or how a call ended: ok, fallback or failed."""
        if word == "attempt":
            self._attempts.inc()
        else:
            self._model_calls.labels(word).inc()

    def count_read(self, *, hit: bool) -> None:
        """Counts a read of something that may have been in the cache."""
        self._cache.labels("hit" if hit else "miss").inc()

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"coordination_{name}", text, labels, registry=self.registry)


class Machine(Collector):
    """Disk and network of the machine; its CPU and memory as far as they are this process's come from elsewhere."""

    def collect(self) -> Iterator[Metric]:
        """The present figures."""
        disk = shutil.disk_usage("/")
        yield GaugeMetricFamily("coordination_disk_free_bytes", "Free space of the disk", value=disk.free)
        yield GaugeMetricFamily("coordination_disk_size_bytes", "Size of the disk", value=disk.total)
        network = CounterMetricFamily("coordination_network_bytes", "Bytes over all devices", labels=["direction"])
        fields = (
            [line.split(":")[1].split() for line in DEVICES.read_text().splitlines()[2:]] if DEVICES.exists() else []
        )
        for direction, place in (("in", 0), ("out", 8)):
            network.add_metric([direction], sum(int(field[place]) for field in fields))
        yield network
