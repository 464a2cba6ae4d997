"""Streams a line of figures a second about the running services; measures between scrapes, judges nothing."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestration_v2.tools.answers import ask
from orchestration_v2.tools.refusals import Refused

SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(\{.*\})?\s+(\S+)")
DECLARED = re.compile(r"^# TYPE (\S+) counter")


@dataclass(frozen=True, slots=True)
class Scrape:
    """Each metric summed over its labels at one moment (`at_s`, monotonic); `figures` is None without an answer."""

    at_s: float
    figures: dict[str, float] | None


def parse_metrics(text: str) -> dict[str, float]:
    """Return metric name to the sum over its labels, from Prometheus text; lines that are none are passed over."""
    figures: dict[str, float] = {}
    for line in text.split("\n"):
        if declared := DECLARED.match(line):
            # A counter with labels has no sample before its first event: that is a zero, not a gap.
            figures.setdefault(declared[1], 0.0)
        found = SAMPLE.match(line)
        if found:
            try:
                figures[found[1]] = figures.get(found[1], 0.0) + float(found[3])
            except ValueError:
                continue
    return figures


def scrape(url: str) -> Scrape:
    """Return the figures at `/metrics` of a service."""
    try:
        answer = ask(f"{url.rstrip('/')}/metrics", timeout_s=2.0)
    except Refused:
        return Scrape(time.monotonic(), None)
    figures = parse_metrics(answer.body) if answer.status == 200 and isinstance(answer.body, str) else None
    return Scrape(time.monotonic(), figures)


def describe(name: str, before: Scrape, after: Scrape) -> str:
    """Return one service's part of a line: rates a second since the scrape before, errors, memory."""
    if after.figures is None:
        return f"{name}: no answer"
    parts = [f"{name}:"]
    span_s = after.at_s - before.at_s
    for metric, label in RATES.items():
        if metric in after.figures:
            rose = after.figures[metric] - (before.figures or after.figures).get(metric, 0.0)
            parts.append(f"{label}={max(rose, 0.0) / span_s if span_s > 0 else 0.0:.1f}/s")
    for metric, (label, unit) in LEVELS.items():
        if metric in after.figures:
            parts.append(f"{label}={after.figures[metric] / unit:.0f}")
    return " ".join(parts)


RATES = {
    "gateway_requests_total": "requests",
    "gateway_fallbacks_total": "fallbacks",
    "orchestration_requests_total": "requests",
    "orchestration_errors_total": "errors",
    "orchestration_events_total": "events",
}
LEVELS = {
    "orchestration_tasks_completed_total": ("completed", 1.0),
    "orchestration_corruption_total": ("corrupt", 1.0),
    "process_resident_memory_bytes": ("memory_mb", 1e6),
}


def stream(services: dict[str, str], lines: int | None, sleep: Callable[[float], None]) -> Iterator[str]:
    """Yield a line a second for the named services (name to URL), `lines` of them or without end."""
    before = {name: scrape(url) for name, url in services.items()}
    made = 0
    while lines is None or made < lines:
        sleep(1.0)
        after = {name: scrape(url) for name, url in services.items()}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        yield f"{now} " + " | ".join(describe(name, before[name], after[name]) for name in services)
        before, made = after, made + 1
