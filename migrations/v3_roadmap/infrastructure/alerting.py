"""The alerts of each phase, as rule files for Prometheus and as unit tests for promtool; it sends nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

WINDOW, HOLDS = "5m", "2m"
# What is accepted differs by phase (250 ms, later 100 ms); the document's limits are those of production: 120 and 150 %.
ACCEPTED_MS = {"infrastructure": 250, "production": 100}
PHASES = tuple(ACCEPTED_MS)

RESPONSE = (
    "1000 * sum by (instance) (rate(coordination_request_seconds_sum[{window}]))"
    " / sum by (instance) (rate(coordination_request_seconds_count[{window}]))"
)
MODEL = (
    '100 * sum by (instance) (rate(coordination_model_calls_total{{result!="failed"}}[{window}]))'
    " / sum by (instance) (rate(coordination_model_calls_total[{window}]))"
)
MEMORY = 'process_resident_memory_bytes{{job="app"}} / 1e6'
UPTIME = '100 * avg_over_time(up{{job="app"}}[{window}])'


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: `expression` compared by `sign` with `limit`; `origin` is the document, a band below its target, or fail-closed."""

    name: str
    severity: str
    expression: str
    sign: str
    limit: float
    unit: str
    origin: str = "document"

    @property
    def summary(self) -> str:
        """What is so when it fires, the value aside."""
        return f"the value is {self.sign} {self.limit:g} {self.unit}".rstrip()


def alerts_of(phase: str) -> tuple[Alert, ...]:
    """The alerts of a phase: five of the document, two warnings where its alert leaves a gap to its target, one for silence."""
    accepted = ACCEPTED_MS[phase]
    return (
        Alert("ResponseSlow", "warning", RESPONSE, ">", accepted * 1.2, "ms"),
        Alert("ResponseVerySlow", "critical", RESPONSE, ">", accepted * 1.5, "ms"),
        Alert("ModelFailing", "critical", MODEL, "<", 99, "%"),
        Alert("MemoryHigh", "warning", MEMORY, ">", 80, "MB"),
        Alert("UptimeLow", "critical", UPTIME, "<", 99, "%"),
        Alert("ModelBelowTarget", "warning", MODEL, "<", 99.9, "%", "band"),
        Alert("UptimeBelowTarget", "warning", UPTIME, "<", 99.99, "%", "band"),
        Alert("AppUnseen", "critical", 'absent(up{{job="app"}})', "==", 1, "", "fail-closed"),
    )


def rules(phase: str, window: str = WINDOW, holds: str = HOLDS) -> dict[str, Any]:
    """The rule file of a phase, for the window that rates are taken over and the time that an alert must hold before it fires."""
    entries = [
        {
            "alert": alert.name,
            "expr": f"{alert.expression.format(window=window)} {alert.sign} {alert.limit:g}",
            "for": holds,
            "labels": {"severity": alert.severity, "origin": alert.origin},
            "annotations": {"summary": alert.summary},
        }
        for alert in alerts_of(phase)
    ]
    return {"groups": [{"name": f"coordination-{phase}", "rules": entries}]}


def unit_tests(phase: str, rule_file: str) -> dict[str, Any]:
    """promtool's tests of a phase: on either side of every limit, by one unit of what the document counts in."""
    slow, very_slow = (alert.limit for alert in alerts_of(phase)[:2])
    both = [(f"{slow - 1:g} ms", _response(slow - 1), ()), (f"{slow + 1:g} ms", _response(slow + 1), ("ResponseSlow",))]
    both += [
        (f"{very_slow - 1:g} ms", _response(very_slow - 1), ("ResponseSlow",)),
        (f"{very_slow + 1:g} ms", _response(very_slow + 1), ("ResponseSlow", "ResponseVerySlow")),
        ("98.9 % of calls", _model(989), ("ModelFailing", "ModelBelowTarget")),
        ("99.1 % of calls", _model(991), ("ModelBelowTarget",)),
        ("99.95 % of calls", _model(999.5), ()),
        ("79 MB", {MEMORY_SERIES: f"79e6x{SAMPLES}"}, ()),
        ("81 MB", {MEMORY_SERIES: f"81e6x{SAMPLES}"}, ("MemoryHigh",)),
        ("98.9 % up", _up(11), ("UptimeLow", "UptimeBelowTarget")),
        ("99.1 % up", _up(9), ("UptimeBelowTarget",)),
        ("always up", _up(0), ()),
    ]
    tests = [_test(name, _up(0) | series, alerts_of(phase), due) for name, series, due in both]
    tests.append(_test("nothing is seen", {'up{job="other"}': f"1x{SAMPLES}"}, alerts_of(phase), ("AppUnseen",)))
    return {"rule_files": [rule_file], "evaluation_interval": "15s", "tests": tests}


APP = 'instance="app:4000", job="app"'
MEMORY_SERIES = f"process_resident_memory_bytes{{{APP}}}"
# 1000 samples in a window of 5 minutes, so that a tenth of a percent is one sample.
EVERY_MS, SAMPLES, AT_S = 300, 3400, 1000


def _response(ms: float) -> dict[str, str]:
    counted = f"coordination_request_seconds_count{{{APP}}}", f"coordination_request_seconds_sum{{{APP}}}"
    return {counted[0]: f"0+1000x{SAMPLES}", counted[1]: f"0+{ms:g}x{SAMPLES}"}


def _model(good: float) -> dict[str, str]:
    name = "coordination_model_calls_total"
    return {
        f'{name}{{{APP}, result="ok"}}': f"0+{good:g}x{SAMPLES}",
        f'{name}{{{APP}, result="failed"}}': f"0+{1000 - good:g}x{SAMPLES}",
    }


def _up(down: int) -> dict[str, str]:
    before = 800_000 // EVERY_MS
    return {f"up{{{APP}}}": " ".join([f"1x{before}", *([f"0x{down - 1}"] if down else []), f"1x{SAMPLES - before}"])}


def _test(name: str, given: dict[str, str], alerts: Iterable[Alert], due: tuple[str, ...]) -> dict[str, Any]:
    checks = []
    for alert in alerts:
        labels = {"severity": alert.severity, "origin": alert.origin}
        labels |= {} if alert.name == "AppUnseen" else {"instance": "app:4000"}
        labels |= {"job": "app"} if 'job="app"' in alert.expression else {}
        expected = [{"exp_labels": labels, "exp_annotations": {"summary": alert.summary}}] if alert.name in due else []
        checks.append({"eval_time": f"{AT_S}s", "alertname": alert.name, "exp_alerts": expected})
    return {
        "name": name,
        "interval": f"{EVERY_MS}ms",
        "input_series": [{"series": key, "values": values} for key, values in given.items()],
        "alert_rule_test": checks,
    }


def write_yaml(document: dict[str, Any], path: Path) -> None:
    """Writes a document as YAML."""
    yaml = YAML()
    yaml.width = 200
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
