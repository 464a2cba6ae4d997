"""The table of metrics: each a name, a unit, which way is better, and one function from what was observed to raw evidence."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from godwit.checks.intervals import Floats, floats
from godwit.checks.measured import Growth, Measured, Missing, Proportion, Quotient, Samples, Tally
from godwit.checks.slices import response_blocks
from godwit.checks.streaming import event_gap_ms, first_byte_ms, first_event_ms, streamed_events_per_s
from godwit.checks.timings import benchmark_us, recovery_ms, startup_ms
from godwit.verdict import Observation, Sample, Series

Measure = Callable[[Observation, str, str | None], Measured]


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table.

    `measure` takes an observation, a side and an operation (or None for all). `units` are the units that a plan may
    use, each with how many of the metric's own unit it is.
    """

    name: str
    unit: str
    better: Literal["lower", "higher"]
    statistics: tuple[str, ...]
    measure: Measure
    units: Mapping[str, float]

    @property
    def says(self) -> str:
        """What the metric is, for people."""
        return " ".join((self.measure.__doc__ or "").split())


def response_ms(observation: Observation, side: str, operation: str | None) -> Measured:
    """Time from the intended start of a request to its whole answer; a failed request took forever."""
    series = _series(observation, side, operation)
    if isinstance(series, Missing):
        return series
    failed = sum(one.failed for one in series)
    blocks = response_blocks(observation.load, side, operation)
    if blocks is not None and len(blocks.values) == sum(one.n for one in series):
        return Samples(blocks.values, failed, blocks)
    latencies = [us / 1000 for one in series for us in one.latencies_us]
    return Samples(floats([*latencies, *([float("inf")] * failed)]), failed)


def delegation_ms(observation: Observation, side: str, operation: str | None) -> Measured:
    """Response time of the operation that delegates work; the criterion must name the operation."""
    if operation is None:
        return Missing("the criterion names no operation that delegates")
    return response_ms(observation, side, operation)


def error_rate_percent(observation: Observation, side: str, operation: str | None) -> Measured:
    """Share of the requests that failed."""
    series = _series(observation, side, operation)
    if isinstance(series, Missing):
        return series
    return Proportion(sum(one.failed for one in series), sum(one.n for one in series))


def completion_percent(observation: Observation, side: str, operation: str | None) -> Measured:
    """Share of what was asked for that was completed.

    By the stack's own series `tasks_processed` of `tasks_asked` where it has both, else by its good answers.
    """
    series = _series(observation, side, operation)
    if isinstance(series, Missing):
        return series
    if "tasks_asked" in observation.counters.get(side, {}):
        return _part(observation, side, "tasks_processed", "tasks_asked")
    asked = sum(one.n for one in series)
    return Proportion(asked - sum(one.failed for one in series), asked)


def reported_error_rate_percent(observation: Observation, side: str, _: str | None) -> Measured:
    """Share of its requests that the stack itself reports as failed: series `reported_errors` of `reported_requests`."""
    return _part(observation, side, "reported_errors", "reported_requests")


def failed_requests(observation: Observation, side: str, operation: str | None) -> Measured:
    """Number of requests that failed."""
    series = _series(observation, side, operation)
    if isinstance(series, Missing):
        return series
    return Tally(sum(one.failed for one in series), observation.load.seconds)


def throughput_per_s(observation: Observation, side: str, operation: str | None) -> Measured:
    """Requests answered well, per second."""
    series = _series(observation, side, operation)
    if isinstance(series, Missing):
        return series
    return Tally(sum(len(one.latencies_us) for one in series), observation.load.seconds)


def events_per_s(observation: Observation, side: str, _: str | None) -> Measured:
    """Events processed per second, by the growth of the stack's own counter, from the beginning of the warm-up on."""
    grown = _counter(observation, side, "events_per_s")
    return replace(grown, seconds=grown.seconds + observation.warmup_s) if isinstance(grown, Tally) else grown


def tasks_processed(observation: Observation, side: str, _: str | None) -> Measured:
    """Tasks processed, by the growth of the stack's own counter."""
    return _counter(observation, side, "tasks_processed")


def critical_failures(observation: Observation, side: str, _: str | None) -> Measured:
    """Failures that the stack itself counts as critical."""
    return _counter(observation, side, "critical_failures")


def corruptions(observation: Observation, side: str, _: str | None) -> Measured:
    """Spoiled state that the stack itself has noticed."""
    return _counter(observation, side, "corruptions")


def statements_per_request(observation: Observation, side: str, _: str | None) -> Measured:
    """Statements that the store was sent, over the requests that the stack counts as `reported_requests`.

    By the stack's own series `statements`, or by PostgreSQL's pg_stat_statements. Without `reported_requests` those of the
    warm-up are spread over the measured ones.
    """
    sent, series = _counter(observation, side, "statements"), _series(observation, side, None)
    if isinstance(series, Missing) or not isinstance(sent, Tally):
        return series if isinstance(series, Missing) else sent
    asked = _counter(observation, side, "reported_requests")
    requests = int(asked.count) if isinstance(asked, Tally) else sum(one.n for one in series)
    if requests < 1:
        return Missing(f"the {side} counts no request")
    return Quotient(sent.count / requests, requests)


def cost_per_task_usd(observation: Observation, side: str, _: str | None) -> Measured:
    """What one processed task cost: growth of the stack's own series `cost_usd` over that of `tasks_processed`."""
    return _each(observation, side, "cost_usd", "tasks_processed", f"the {side} processed no task")


def cost_saving_percent(observation: Observation, side: str, _: str | None) -> Measured:
    """How much less one processed task costs than on the baseline, in percent of the baseline's cost."""
    own, against = (cost_per_task_usd(observation, role, None) for role in (side, "baseline"))
    if not isinstance(own, Quotient) or not isinstance(against, Quotient):
        return next(each for each in (own, against) if isinstance(each, Missing))
    if against.value <= 0:
        return Missing("tasks of the baseline cost nothing: there is nothing to save")
    return Quotient(100 * (1 - own.value / against.value), min(own.n, against.n))


def memory_mb(observation: Observation, side: str, _: str | None) -> Measured:
    """Memory of all processes of the stack, shared pages counted once (PSS)."""
    seen = _memory(observation.resources.get(side, ()))
    return Samples(np.sort(seen)) if len(seen) else Missing(f"memory of the {side} was not sampled")


def memory_growth_mb(observation: Observation, side: str, _: str | None) -> Measured:
    """Growth of memory: median of the last fifth of the run less median of its first fifth."""
    seen = _memory(_timed(observation, side))
    fifth = len(seen) // 5
    if fifth < 1:
        return Missing(f"{len(seen)} memory samples of the {side} have no first and last fifth")
    return Growth(np.sort(seen[:fifth]), np.sort(seen[-fifth:]), len(seen))


def cpu_percent(observation: Observation, side: str, _: str | None) -> Measured:
    """CPU time of all processes of the stack, in percent of one core, from sample to sample."""
    samples = _timed(observation, side)
    if len(samples) < 2:
        return Missing(f"{len(samples)} CPU sample(s) of the {side} span no time")
    walls = np.diff([sample.at_s for sample in samples])
    spent = np.diff([sample.cpu_s for sample in samples])
    if np.any(spent < 0) or np.any(walls <= 0):
        return Missing(f"CPU time of the {side} went backwards: a process was replaced while it was measured")
    return Samples(floats(list(100 * spent / walls)))


def descriptors(observation: Observation, side: str, _: str | None) -> Measured:
    """Open files of all processes of the stack, sockets and pipes included."""
    return _seen(observation, side, "descriptors")


def threads(observation: Observation, side: str, _: str | None) -> Measured:
    """Threads of all processes of the stack."""
    return _seen(observation, side, "threads")


def connections(observation: Observation, side: str, _: str | None) -> Measured:
    """Open sockets of all processes of the stack, listening ones included."""
    return _seen(observation, side, "connections")


def disk_growth_mb(observation: Observation, side: str, _: str | None) -> Measured:
    """By how much the size on disk of what the stack `writes_to` grew from the first look to the last."""
    sizes = [each.disk_mb for each in _timed(observation, side) if each.disk_mb is not None]
    if len(sizes) < 2:
        return Missing(f"stacks.{side}.writes_to names nothing, or its size was not looked at twice")
    return Quotient(sizes[-1] - sizes[0], len(sizes))


def cpu_ms_per_request(observation: Observation, side: str, _: str | None) -> Measured:
    """CPU time of all processes of the stack over the requests that were measured; that of the warm-up is in it."""
    samples, series = _timed(observation, side), _series(observation, side, None)
    if isinstance(series, Missing):
        return series
    if len(samples) < 2 or samples[-1].cpu_s < samples[0].cpu_s:
        return Missing(f"CPU time of the {side} was not sampled from beginning to end of one life")
    requests = sum(one.n for one in series)
    return Quotient(1000 * (samples[-1].cpu_s - samples[0].cpu_s) / requests, requests)


def gc_pause_percent(observation: Observation, side: str, _: str | None) -> Measured:
    """Share of the time, from the beginning of the warm-up on, that the stack stood still to collect garbage.

    By its own series `gc_pause_s` in seconds, over as many collections as `gc_pauses` counts.
    """
    paused = _each(observation, side, "gc_pause_s", "gc_pauses", f"the {side} collected no garbage")
    seconds = observation.load.seconds + observation.warmup_s
    if not isinstance(paused, Quotient):
        return paused
    if seconds <= 0:
        return Missing("no time passed while it was counted")
    return Quotient(100 * paused.value * paused.n / seconds, paused.n)


def gc_pause_ms(observation: Observation, side: str, _: str | None) -> Measured:
    """How long one collection of garbage made the stack stand still: its own series `gc_pause_s` over `gc_pauses`."""
    paused = _each(observation, side, "gc_pause_s", "gc_pauses", f"the {side} collected no garbage")
    return Quotient(1000 * paused.value, paused.n) if isinstance(paused, Quotient) else paused


def _timed(observation: Observation, side: str) -> list[Sample]:
    return sorted(observation.resources.get(side, ()), key=lambda sample: sample.at_s)


def _seen(observation: Observation, side: str, of: str) -> Measured:
    values = [value for each in observation.resources.get(side, ()) if (value := getattr(each, of)) is not None]
    return Samples(floats(values)) if values else Missing(f"{of} of the {side} were not sampled")


def _memory(samples: Iterable[Sample]) -> Floats:
    """In the order of the samples, those that did not look at memory left out."""
    return np.array([sample.pss_mb for sample in samples if sample.pss_mb is not None], dtype=np.float64)


def _series(observation: Observation, side: str, operation: str | None) -> list[Series] | Missing:
    operations = observation.load.sides.get(side, {})
    if operation is not None and operation not in operations:
        return Missing(f"no request of operation {operation!r} on the {side}")
    chosen = list(operations.values()) if operation is None else [operations[operation]]
    return chosen if sum(one.n for one in chosen) else Missing(f"no request on the {side}")


def _counter(observation: Observation, side: str, name: str) -> Tally | Missing:
    growth = observation.counters.get(side, {}).get(name)
    if growth is None:
        return Missing(f"the {side} has no series {name}")
    if growth < 0:
        return Missing(f"series {name} of the {side} went backwards: the stack was restarted")
    return Tally(growth, observation.load.seconds)


def _each(observation: Observation, side: str, total: str, number: str, nothing: str) -> Quotient | Missing:
    """The growth of one series over that of another, which counts; `nothing` says why there is none where it did not grow."""
    sums, counts = (_counter(observation, side, name) for name in (total, number))
    if isinstance(sums, Missing):
        return sums
    if isinstance(counts, Missing):
        return counts
    if counts.count < 1:
        return Missing(nothing)
    return Quotient(sums.count / counts.count, int(counts.count))


def _part(observation: Observation, side: str, part: str, whole: str) -> Measured:
    counts = [_counter(observation, side, name) for name in (part, whole)]
    tallies = [int(count.count) for count in counts if isinstance(count, Tally)]
    if len(tallies) < 2:
        return next(count for count in counts if not isinstance(count, Tally))
    if tallies[1] == 0 or tallies[0] > tallies[1]:
        return Missing(f"the {side} counts {tallies[0]} {part} of {tallies[1]} {whole}")
    return Proportion(*tallies)


_MS = {"ms": 1.0, "s": 1000.0}
_US = {"us": 1.0, "µs": 1.0, "ns": 0.001, "ms": 1000.0, "s": 1_000_000.0}
_PERCENT = {"%": 1.0, "percent": 1.0}
_MB = {"MB": 1.0, "MiB": 1.0, "GB": 1024.0, "GiB": 1024.0}
_LEVELS = ("max", "mean", "p50", "p95")
_TIMES = ("p50", "p95", "p99", "p99.9", "mean", "max")


def _per_s(*things: str) -> dict[str, float]:
    return dict.fromkeys(["/s", "1/s", "per_s", *(f"{thing}/s" for thing in things)], 1.0)


def _number_of(*things: str) -> dict[str, float]:
    return dict.fromkeys(["", "count", *things], 1.0)


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("response_ms", "ms", "lower", _TIMES, response_ms, _MS),
        Metric("delegation_ms", "ms", "lower", _TIMES, delegation_ms, _MS),
        Metric("benchmark_us", "us", "lower", _TIMES, benchmark_us, _US),
        Metric("startup_ms", "ms", "lower", _LEVELS, startup_ms, _MS),
        Metric("recovery_ms", "ms", "lower", _LEVELS, recovery_ms, _MS),
        Metric("first_byte_ms", "ms", "lower", _TIMES, first_byte_ms, _MS),
        Metric("first_event_ms", "ms", "lower", _TIMES, first_event_ms, _MS),
        Metric("event_gap_ms", "ms", "lower", _TIMES, event_gap_ms, _MS),
        Metric("streamed_events_per_s", "/s", "higher", ("rate",), streamed_events_per_s, _per_s("events")),
        Metric("error_rate_percent", "%", "lower", ("share", "rate"), error_rate_percent, _PERCENT),
        Metric("reported_error_rate_percent", "%", "lower", ("share", "rate"), reported_error_rate_percent, _PERCENT),
        Metric("completion_percent", "%", "higher", ("share", "rate"), completion_percent, _PERCENT),
        Metric("failed_requests", "requests", "lower", ("count",), failed_requests, _number_of("requests")),
        Metric("throughput_per_s", "/s", "higher", ("rate",), throughput_per_s, _per_s("requests")),
        Metric("events_per_s", "/s", "higher", ("rate",), events_per_s, _per_s("events")),
        Metric("tasks_processed", "tasks", "higher", ("count",), tasks_processed, _number_of("tasks")),
        Metric("critical_failures", "failures", "lower", ("count",), critical_failures, _number_of("failures")),
        Metric("corruptions", "corruptions", "lower", ("count",), corruptions, _number_of("corruptions")),
        Metric("cost_per_task_usd", "USD", "lower", ("mean",), cost_per_task_usd, {"USD": 1.0}),
        Metric("cost_saving_percent", "%", "higher", ("mean",), cost_saving_percent, _PERCENT),
        Metric("memory_mb", "MB", "lower", _LEVELS, memory_mb, _MB),
        Metric("memory_growth_mb", "MB", "lower", ("p50", "max"), memory_growth_mb, _MB),
        Metric("descriptors", "files", "lower", _LEVELS, descriptors, _number_of("files")),
        Metric("threads", "threads", "lower", _LEVELS, threads, _number_of("threads")),
        Metric("connections", "sockets", "lower", _LEVELS, connections, _number_of("sockets")),
        Metric("disk_growth_mb", "MB", "lower", ("max",), disk_growth_mb, _MB),
        Metric("cpu_ms_per_request", "ms", "lower", ("mean",), cpu_ms_per_request, _MS),
        Metric(
            "statements_per_request", "statements", "lower", ("mean",), statements_per_request, _number_of("statements")
        ),
        Metric("gc_pause_percent", "%", "lower", ("share", "mean"), gc_pause_percent, _PERCENT),
        Metric("gc_pause_ms", "ms", "lower", ("mean",), gc_pause_ms, _MS),
        Metric("cpu_percent", "%", "lower", ("mean", "max", "p50", "p95"), cpu_percent, _PERCENT),
    )
}
"""Every metric by its name; plans, documentation and error hints read this table."""
