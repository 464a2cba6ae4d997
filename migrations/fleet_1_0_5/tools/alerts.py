"""The alert rules of an environment: made as a Prometheus rule file, and held against figures; it sends nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

ENVIRONMENTS = ("dev", "staging", "beta", "production")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alert: the figure, the limit that it must stay under, the expression for a Prometheus server."""

    name: str
    figure: str
    limit: float
    expression: str


RULES = (
    AlertRule(
        "FleetErrorRate", "error_percent", 0.1, "100 * rate(fleet_errors_total[5m]) / rate(fleet_requests_total[5m])"
    ),
    AlertRule("FleetLatency", "p95_s", 2.0, "histogram_quantile(0.95, rate(fleet_request_seconds_bucket[5m]))"),
    AlertRule("FleetMemory", "memory_mb", 600.0, "process_resident_memory_bytes / 1e6"),
)
BETA = (*RULES, AlertRule("FleetCostPerTask", "cost_usd", 0.0096, "fleet_cost_usd_total / fleet_tasks_completed_total"))


def rules_of(environment: str) -> tuple[AlertRule, ...]:
    """The rules of an environment; costs are watched where the router may be on."""
    return BETA if environment in ("beta", "production") else RULES


def write_rules(environment: str, path: Path) -> int:
    """Write the rule file; how many rules it has."""
    rules = rules_of(environment)
    document = {
        "groups": [
            {
                "name": f"fleet-{environment}",
                "rules": [
                    {"alert": rule.name, "expr": f"{rule.expression} >= {rule.limit:g}", "for": "5m"} for rule in rules
                ],
            }
        ]
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(document, file)
    return len(rules)


def breached(environment: str, figures: Mapping[str, float | None]) -> list[str]:
    """The alerts that figures call for; a figure that is missing calls for its alert, too."""
    return [
        rule.name
        for rule in rules_of(environment)
        if (value := figures.get(rule.figure)) is None or value >= rule.limit
    ]
