"""`python -m v3_roadmap.infrastructure.exporter`: figures of the host, and deployments by their journal, for Prometheus."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plumbing.journal import Journal
from plumbing.metrics import CONTENT_TYPE
from plumbing.server import serve, service_parser

NAME = "exporter"


class HostFigures(Collector):
    """CPU, memory, disk and network of the host."""

    def collect(self) -> Iterator[Metric]:
        """All of them as they are now."""
        spent = psutil.cpu_times()
        yield CounterMetricFamily("system_cpu_seconds", "CPU time that was not idle", value=sum(spent) - spent.idle)
        yield GaugeMetricFamily("system_memory_used_bytes", "Memory in use", value=psutil.virtual_memory().used)
        yield GaugeMetricFamily("system_disk_used_bytes", "Disk in use", value=psutil.disk_usage("/").used)
        network = CounterMetricFamily("system_network_bytes", "Bytes over all interfaces", labels=["direction"])
        seen = psutil.net_io_counters()
        network.add_metric(["sent"], seen.bytes_sent)
        network.add_metric(["received"], seen.bytes_recv)
        yield network


class Deployments(Collector):
    """How many deployments ended well and how many did not, by the journal of the deployment tool."""

    def __init__(self, journal: Path) -> None:
        self._journal = Journal(journal)

    def collect(self) -> Iterator[Metric]:
        """Counts the entries of kind `deployed`."""
        ended = Counter(entry["result"] for entry in self._journal.entries() if entry["event"] == "deployed")
        family = CounterMetricFamily("coordination_deployments", "Deployments that ended", labels=["result"])
        for result in ("ok", "failed"):
            family.add_metric([result], ended[result])
        yield family


def main() -> None:
    """Serves /metrics and /health until SIGTERM."""
    parser = service_parser(NAME, "Figures of the host and of deployments, for Prometheus.")
    parser.add_argument("--deployments", required=True, type=Path, help="the journal of the deployment tool")
    options = parser.parse_args()
    registry = CollectorRegistry()
    registry.register(HostFigures())
    registry.register(Deployments(options.deployments))

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "healthy"})

    app = Starlette(routes=[Route("/metrics", metrics), Route("/health", health)])
    serve(app, host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
