"""What the reports are about: each figure with its target, each box with the trials that decide it; it holds no result."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of the dashboard: its target, `>=` or `<=` or `==`, its unit; some only people can tell."""

    id: str
    title: str
    group: str
    sign: str
    target: float | str
    unit: str
    is_of_people: bool = False


KPIS = (
    Kpi("uptime", "System Uptime", "Technical Excellence", ">=", 99.99, "%"),
    Kpi("response-p95", "Response Time P95", "Technical Excellence", "<=", 100, "ms"),
    Kpi("model-success", "Claude AI Success Rate", "Technical Excellence", ">=", 99.9, "%"),
    Kpi("memory", "Memory Usage", "Technical Excellence", "<=", 80, "MB"),
    Kpi("operations", "Coordination Ops/Hour", "Technical Excellence", ">=", 1000, "1/h"),
    Kpi("critical-bugs", "Critical Bugs", "Quality", "==", 0, "bugs"),
    Kpi("coverage", "Test Coverage", "Quality", ">=", 95, "%"),
    Kpi("security", "Security Score", "Quality", "==", "A+", "grade"),
    Kpi("deployment", "Deployment Success", "Quality", ">=", 95, "%"),
    Kpi("maintenance", "Maintenance Overhead", "Business Value", ">=", 75, "% less", is_of_people=True),
    Kpi("productivity", "Developer Productivity", "Business Value", ">=", 50, "% more", is_of_people=True),
    Kpi("time-to-deploy", "Time to Deploy", "Business Value", "<=", 15, "min"),
    Kpi("satisfaction", "Team Satisfaction", "Business Value", ">=", 90, "%", is_of_people=True),
)


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a report card, and the trials that must all pass for it; none means that people sign it off by its title."""

    week: str
    title: str
    trials: tuple[str, ...]


BOXES = (
    Box(
        "1", "Claude AI Integration: 0 % to 99.9 %", ("model-calls", "model-retry", "model-recovery", "model-fallback")
    ),
    Box("1", "Script Consolidation: 164 to 45 scripts", ("scripts-consolidated", "scripts-parity", "scripts-rollback")),
    Box("1", "Environment Portability", ("portability-layouts", "portability-paths", "portability-detection")),
    Box("1", "Performance: baseline maintained", ("baseline-figures", "workflows")),
    Box("2", "Single Application: 3 to 1", ("one-application", "features")),
    Box("2", "Integration Tests: 100 % pass rate", ("workflows", "features")),
    Box("2", "Foundation Validation", ("scripts-parity", "portability-layouts", "model-calls", "one-application")),
    Box("2", "User Experience: improved", ()),
    Box("3-4", "Infrastructure Stack: operational", ("stack-up", "stack-pairs", "stack-identical")),
    Box(
        "3-4",
        "Monitoring: comprehensive",
        ("alerts-rules", "alerts-fire", "dashboards", "series", "traces", "retention"),
    ),
    Box("3-4", "Enterprise Readiness", ()),
    Box("3-4", "Performance: under 100 ms", ("deploy-staging",)),
    Box("5-6", "100+ Agent Support", ("cluster-balance", "agents")),
    Box("5-6", "Distributed Systems", ("cluster-forms", "cluster-consistent", "cluster-tls")),
    Box("5-6", "Fault Tolerance", ("cluster-node-loss", "cluster-partition", "cluster-balancer")),
    Box("5-6", "Scalability: enterprise ready", ()),
    Box("7-8", "Production Deployment", ("deploy-order", "deploy-blue-green", "schema-change", "rollback-in-time")),
    Box("7-8", "99.99 % Uptime", ("uptime-simulated",)),
    Box("7-8", "Business Value", ()),
    Box("7-8", "Team Confidence", ()),
)
WEEKLY = {
    "Milestones": "Milestone completion status",
    "Metrics": "Success metrics progress",
    "Risks": "Risk and issue escalation",
    "Resources": "Resource needs and timeline",
}
MONTHLY = {
    "Value": "Business value realization",
    "Alignment": "Strategic alignment validation",
    "Resources": "Resource allocation",
    "Planning": "Future planning",
}
