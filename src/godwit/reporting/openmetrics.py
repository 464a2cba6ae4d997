"""The verdict as an OpenMetrics text file for a textfile collector; gauges only, which Prometheus' older format reads as well."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from godwit.reporting.plain import one_line
from godwit.verdict import Measurement, Outcome, Verdict, Word

_MOST = 200


class _Gauges(Collector):
    """Gauges by name; a value that nobody has is left out, never 0."""

    def __init__(self, migration: str) -> None:
        self._migration = migration
        self._families: dict[str, GaugeMetricFamily] = {}

    def set(self, name: str, told: str, value: float, **labels: str) -> None:
        """Add one sample of `godwit_<name>`."""
        words = {"migration": self._migration, **labels}
        if name not in self._families:
            self._families[name] = GaugeMetricFamily(f"godwit_{name}", told, labels=list(words))
        self._families[name].add_metric([one_line(word, _MOST) for word in words.values()], value)

    def collect(self) -> Iterator[Metric]:
        """Give the families, as the library asks for them."""
        return iter(self._families.values())


def openmetrics(verdict: Verdict) -> bytes:
    """The text: the run, its gates, how many checks ended how, and each criterion with what was measured for it."""
    gauges = _Gauges(str(verdict.run.get("migration", "")))
    for word in Word:
        gauges.set("run_verdict", "1 for what the run says.", word is verdict.word, word=word)
    gauges.set("run_exit_code", "The run's exit code.", verdict.exit_code)
    gauges.set("run_troubles", "What went wrong outside any check.", len(verdict.trouble))
    _run(gauges, verdict.run_id, verdict.run)
    _gates(gauges, verdict)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(gauges)
    return generate_latest(registry)  # type: ignore[no-any-return,no-untyped-call,unused-ignore]


def _run(gauges: _Gauges, run_id: str, run: Mapping[str, object]) -> None:
    named = {name: str(run.get(name, "")) for name in ("baseline", "candidate", "profile", "phases")}
    gauges.set("run_info", "1; which run this is.", 1, run_id=run_id, **named)
    if started := run.get("started"):
        began = dt.datetime.fromisoformat(str(started)).timestamp()
        gauges.set("run_started_timestamp_seconds", "When the run began.", began)
    if (seconds := run.get("seconds")) is not None:
        gauges.set("run_duration_seconds", "How long the run took.", float(str(seconds)))


def _gates(gauges: _Gauges, verdict: Verdict) -> None:
    for gate in verdict.gates:
        named = {"gate": gate.id, "phase": gate.phase}
        for word in Word:
            gauges.set("gate_verdict", "1 for what the gate says.", word is gate.word, **named, word=word)
        gauges.set("gate_checks_expected", "Checks that the gate needs.", gate.checks_expected, **named)
        gauges.set("gate_checks_ran", "Checks of it that passed or failed.", gate.checks_ran, **named)
        for item in gate.criteria:
            whose = {"gate": gate.id, "criterion": item.id}
            for outcome in Outcome:
                ended = outcome is item.outcome
                gauges.set("criterion_outcome", "1 for how it ended.", ended, **whose, outcome=outcome)
            for side, found in (("actual", item.actual), ("baseline", item.baseline)):
                _measured(gauges, found, {**whose, "side": side})
    ended_as = Counter((check.phase, check.outcome) for check in verdict.checks)
    for (phase, outcome), n in ended_as.items():
        gauges.set("checks", "Checks by how they ended.", n, phase=phase, outcome=outcome)


def _measured(gauges: _Gauges, found: Measurement | None, whose: Mapping[str, str]) -> None:
    if found is None:
        return
    named = {**whose, "metric": found.metric, "unit": found.unit}
    gauges.set("criterion_value", "What was measured for it.", found.value, **named)
    gauges.set("criterion_samples", "On how many samples.", found.n, **named)
    if found.interval:
        gauges.set("criterion_value_low", "Lower end of the interval.", found.interval.low, **named)
        gauges.set("criterion_value_high", "Upper end of the interval.", found.interval.high, **named)
