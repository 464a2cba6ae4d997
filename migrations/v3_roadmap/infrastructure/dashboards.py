"""The dashboards of Grafana, made from one table of panels, so that every query can be asked of Prometheus as well."""

from dataclasses import dataclass
from typing import Any

RATE = "[1m]"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its title, Grafana's unit, its query; a legend where the query gives several series."""

    title: str
    unit: str
    expression: str
    legend: str = ""


COORDINATION = (
    Panel("Commands per second", "ops", f"sum by (result) (rate(coordination_operations_total{RATE}))", "{{result}}"),
    Panel(
        "Mean response",
        "ms",
        f"1000 * sum(rate(coordination_request_seconds_sum{RATE})) / sum(rate(coordination_request_seconds_count{RATE}))",
    ),
    Panel(
        "95th percentile of responses",
        "ms",
        f"1000 * histogram_quantile(0.95, sum by (le) (rate(coordination_request_seconds_bucket{RATE})))",
    ),
    Panel("Requests per second", "ops", f"sum by (code) (rate(coordination_requests_total{RATE}))", "{{code}}"),
    Panel("Errors per second", "ops", f"sum(rate(coordination_errors_total{RATE}))"),
    Panel("Work done by agents", "ops", f"sum by (team) (rate(coordination_agent_tasks_total{RATE}))", "{{team}}"),
    Panel(
        "Coordination success",
        "percent",
        f'100 * sum(rate(coordination_operations_total{{result="ok"}}{RATE})) / sum(rate(coordination_operations_total{RATE}))',
    ),
    Panel("Work by state", "short", "coordination_work", "{{status}}"),
    Panel(
        "Model calls that succeed",
        "percent",
        f'100 * sum(rate(coordination_model_calls_total{{result!="failed"}}{RATE})) / sum(rate(coordination_model_calls_total{RATE}))',
    ),
    Panel(
        "Deployments that succeed",
        "percent",
        '100 * sum(coordination_deployments_total{result="ok"}) / sum(coordination_deployments_total)',
    ),
)
SYSTEM = (
    Panel("CPU", "percent", f"100 * rate(process_cpu_seconds_total{RATE})", "{{job}}"),
    Panel("Memory", "bytes", "process_resident_memory_bytes", "{{job}}"),
    Panel("Memory of the host", "bytes", "system_memory_used_bytes"),
    Panel("CPU of the host", "percent", f"100 * rate(system_cpu_seconds_total{RATE})"),
    Panel("Disk", "bytes", "system_disk_used_bytes"),
    Panel("Network", "Bps", f"rate(system_network_bytes_total{RATE})", "{{direction}}"),
    Panel("Up", "short", "up", "{{job}}"),
    Panel("Uptime", "percent", "100 * avg_over_time(up[5m])", "{{job}}"),
)
DASHBOARDS = {"coordination": ("Agent coordination", COORDINATION), "system": ("System", SYSTEM)}


def dashboard(name: str) -> dict[str, Any]:
    """A dashboard as Grafana reads it: two panels side by side in each row."""
    title, panels = DASHBOARDS[name]
    return {
        "uid": f"v3-{name}",
        "title": title,
        "tags": ["v3"],
        "schemaVersion": 38,
        "editable": False,
        "refresh": "15s",
        "time": {"from": "now-1h", "to": "now"},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    target = {"refId": "A", "expr": panel.expression}
    return {
        "id": number + 1,
        "title": panel.title,
        "type": "timeseries",
        "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [target | ({"legendFormat": panel.legend} if panel.legend else {})],
    }
