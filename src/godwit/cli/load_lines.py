"""What `godwit load` says while it goes on and at its end: lines for people, or JSON lines for a pipeline; decides nothing."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from godwit.checks import Knee, Use, percentiles_ms, uses
from godwit.load import Progress
from godwit.plan import LoadProfile
from godwit.session.loads import Ended
from godwit.session.stopping import recent
from godwit.verdict import Series, Turns

_OFTEN_S = 10.0
_MUCH = 0.8
_PERCENTS = (50.0, 95.0, 99.0, 99.9)
_COLOURS = {"held": "green", "broken": "red", "undecided": "yellow", "interrupted": "yellow"}


class Lines:
    """Lines for people: one a second on a terminal, one every ten seconds elsewhere."""

    def __init__(self, profile: LoadProfile) -> None:
        self._profile = profile
        self._every_s = 0.0 if sys.stdout.isatty() else _OFTEN_S
        self._said_s = -_OFTEN_S

    def begin(self, target: str, out: str) -> None:
        """Say what is asked of whom."""
        _say(f"{self._profile.id}: {self._profile.told} to {target}; samples in {out}")

    def progress(self, progress: Progress) -> None:
        """Rate, percentiles and failures of the last ten seconds, and how much of each limit is used."""
        used = _used(self._profile, progress)
        is_past = any(use.is_past for use in used)
        if not is_past and progress.seconds < self._said_s + self._every_s:
            return
        self._said_s = progress.seconds
        much = any(use.seen > _MUCH * use.limit for use in used)
        _say(line(progress, used), "red" if is_past else "yellow" if much else None)

    def end(self, ended: Ended) -> None:
        """The exact figures by operation, the knee, and how it ended."""
        for text in _table(ended):
            _say(text)
        for text in _knee(ended.knee) if ended.knee else ():
            _say(text)
        _say(f"{ended.outcome}: {ended.why}" if ended.why else ended.outcome, _COLOURS[ended.outcome])


class JsonLines:
    """The same as JSON lines: `begin`, `progress` once a second, `end`."""

    def __init__(self, profile: LoadProfile) -> None:
        self._profile = profile

    def begin(self, target: str, out: str) -> None:
        """What is asked of whom."""
        profile = self._profile
        _write("begin", profile=profile.id, told=profile.told, target=target, out=out)

    def progress(self, progress: Progress) -> None:
        """The load so far; `limits` with what was seen of each."""
        names = ("seconds", "sent", "failed", "rate_per_s", "recent_n", "recent_failed", "p50_ms", "p95_ms", "p99_ms")
        limits = [_limit(use) for use in _used(self._profile, progress)]
        _write("progress", **{name: getattr(progress, name) for name in names}, limits=limits)

    def end(self, ended: Ended) -> None:
        """How it ended, with exact figures."""
        knee = ended.knee
        found = {"held_per_s": knee.held_per_s, "broke_per_s": knee.broke_per_s} if knee else None
        _write("end", outcome=ended.outcome, why=ended.why, knee=found, sides=_figures(ended))


def line(progress: Progress, used: tuple[Use, ...]) -> str:
    """One line of progress."""
    percentiles = " ".join(
        f"{name} {'none' if value is None else f'{value:.1f}'}"
        for name, value in (("p50", progress.p50_ms), ("p95", progress.p95_ms), ("p99", progress.p99_ms))
    )
    told = f"{progress.seconds:6.0f} s  {progress.rate_per_s:8.1f}/s  {percentiles} ms  {_errors(progress)}"
    return "  ".join([told, *(f"[{use}]" for use in used)])


def _errors(progress: Progress) -> str:
    share = 100 * progress.recent_failed / progress.recent_n if progress.recent_n else 0.0
    return f"errors {share:.1f} % ({progress.failed} of {progress.sent})"


def _used(profile: LoadProfile, progress: Progress) -> tuple[Use, ...]:
    return uses(profile.stop_at, recent(progress)) if profile.stop_at else ()


def _limit(use: Use) -> dict[str, Any]:
    seen = None if use.seen == float("inf") else use.seen
    return {"name": use.name, "seen": seen, "limit": use.limit, "unit": use.unit, "past": use.is_past}


def _figures(ended: Ended) -> dict[str, dict[str, dict[str, Any]]]:
    if ended.run is None:
        return {}
    return {
        side: {name: _figure(series) for name, series in [*each.items(), *_parts(ended.run.parts.get(side))]}
        for side, each in ended.run.sides.items()
    }


def _parts(turns: Turns | None) -> Iterator[tuple[str, Series]]:
    """What was timed of streams."""
    for place, name in enumerate(turns.names if turns else ()):
        its = [us for us, at in zip(turns.latencies_us, turns.operations, strict=True) if at == place] if turns else []
        if its:
            yield name, Series([us for us in its if us], its.count(0))


def _figure(series: Series) -> dict[str, Any]:
    values = percentiles_ms(series.latencies_us, series.failed, _PERCENTS)
    told = {f"p{percent:g}_ms".replace(".", "_"): value for percent, value in zip(_PERCENTS, values, strict=True)}
    return {"n": series.n, "failed": series.failed, **told, "errors": list(series.errors)}


def _table(ended: Ended) -> Iterator[str]:
    """Figures by operation; a percentile among those that failed is a dash."""
    heads = ("n", "failed", "p50", "p95", "p99", "p99.9 ms")
    yield f"{'operation':<24}" + "".join(f"{head:>10}" for head in heads)
    for operations in _figures(ended).values():
        for name, figure in operations.items():
            times = [value for key, value in figure.items() if key.endswith("_ms")]
            told = [str(figure["n"]), str(figure["failed"]), *("-" if ms is None else f"{ms:.2f}" for ms in times)]
            yield f"{name:<24}" + "".join(f"{each:>10}" for each in told)
            yield from (f"  {error}" for error in figure["errors"][:3])


def _knee(knee: Knee) -> Iterator[str]:
    for step in knee.steps:
        yield f"{step.per_s:10.1f}/s  {step.state:<6}{step.n:8} requests  {step.why}".rstrip()
    held = "no rate is proven to hold" if knee.held_per_s is None else f"held {knee.held_per_s:.4g}/s"
    yield f"{held}, {'none broke' if knee.broke_per_s is None else f'broke at {knee.broke_per_s:.4g}/s'}"


def _say(text: str, colour: str | None = None) -> None:
    click.secho(text, fg=None if "NO_COLOR" in os.environ else colour)


def _write(event: str, **words: Any) -> None:
    click.echo(json.dumps({"event": event, **words}, ensure_ascii=False))
