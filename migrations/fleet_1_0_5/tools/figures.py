"""Figures of a running fleet from its metrics: error rate, P95, memory, cost a task, tasks a second; judges nothing."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from fleet_1_0_5.tools.refusals import RefusedError

TIMEOUT_S = 10
Series = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the dashboard shows; None where nothing was counted yet."""

    error_percent: float | None
    p95_s: float | None
    memory_mb: float | None
    cost_usd: float | None
    tasks_per_s: float | None


def scrape(url: str) -> dict[str, float]:
    """Every sample of a service's metrics, those of one name with other labels added up; buckets by their bound."""
    try:
        with urllib.request.urlopen(f"{url}/metrics", timeout=TIMEOUT_S) as answer:  # noqa: S310 - the operator names it
            text = answer.read().decode()
    except (OSError, urllib.error.URLError) as error:
        raise RefusedError(f"{url}/metrics does not answer: {error}") from None
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = f"{sample.name}<={sample.labels['le']}" if "le" in sample.labels else sample.name
            found[name] = found.get(name, 0.0) + sample.value
    return found


def figures(after: Series, before: Series, seconds: float) -> Figures:
    """The figures of the time between two scrapes."""
    grown = {name: value - before.get(name, 0.0) for name, value in after.items()}
    requests, tasks = grown.get("fleet_requests_total", 0.0), grown.get("fleet_tasks_completed_total", 0.0)
    memory = after.get("process_resident_memory_bytes")
    return Figures(
        error_percent=100 * grown.get("fleet_errors_total", 0.0) / requests if requests else None,
        p95_s=quantile(grown, 0.95),
        memory_mb=memory / 1e6 if memory else None,
        cost_usd=grown.get("fleet_cost_usd_total", 0.0) / tasks if tasks else None,
        tasks_per_s=tasks / seconds if seconds > 0 else None,
    )


def quantile(grown: Series, share: float) -> float | None:
    """The bound of the bucket in which the quantile of the request times lies."""
    prefix = "fleet_request_seconds_bucket<="
    buckets = sorted((float(name.removeprefix(prefix)), n) for name, n in grown.items() if name.startswith(prefix))
    if not buckets or buckets[-1][1] <= 0:
        return None
    return next(bound for bound, n in buckets if n >= share * buckets[-1][1])
