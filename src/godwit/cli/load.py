"""`godwit load`: sends one load to a running system and tells how it goes; whether a candidate may go live it does not say."""

import datetime as dt
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from godwit.cli.addresses import check_system
from godwit.cli.find import read_plan
from godwit.cli.load_lines import JsonLines, Lines
from godwit.load import LoadDocument, read_load, told
from godwit.plan import LoadProfile
from godwit.reporting import refuse_used
from godwit.session.loads import drive
from godwit.session.shipped import LOADTESTS, folder
from godwit.verdict import GodwitError, PlanError

_EXITS = {"held": 0, "broken": 10, "undecided": 11, "interrupted": 2}
_STOP = re.compile(r"\s*(errors|p50|p95|p99)\s*>\s*(\d+(?:\.\d+)?)\s*(%|ms|s)\s*")


@click.command()
@click.argument("profile")
@click.option("--plan", metavar="PLAN", help="The plan that has this profile: a file, its folder, or a migration.")
@click.option("--url", metavar="URL", help="The system to load, such as http://127.0.0.1:8000.")
@click.option("--seconds", type=click.FloatRange(1), help="Take so long; shapes keep their form.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="The highest rate; shapes keep their form.")
@click.option("--processes", type=click.IntRange(1, 64), help="Send from so many processes.")
@click.option(
    "--stop-when",
    "stops",
    multiple=True,
    metavar="LIMIT",
    help="Stop when 'errors>5%' or 'p99>500ms' (may be repeated), not at the profile's limits.",
)
@click.option("--seed", type=int, help="Another order of operations and users.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines: begin, progress once a second, end.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the samples go [default: reports/out/load-...].")
@click.option("--allow", "allowed", multiple=True, metavar="HOST", help="A host other than loopback that may be asked.")
def load(
    profile: str, plan: str | None, url: str | None, seconds: float | None, rate: float | None, processes: int | None,
    stops: tuple[str, ...], seed: int | None, as_json: bool, out: Path | None, allowed: tuple[str, ...],
) -> None:  # fmt: skip
    """Send the load PROFILE (smoke, average, ramp, spike, stress, soak, knee, stream, commands, a file, or one of a plan) to a system.

    Exit codes: 0 it ran as asked and kept to its limits, 10 a limit broke, 11 nothing can be said of it (the generator
    could not keep up, or too few answers), 2 interrupted, 4 wrong use or no load could be run.
    """
    document = _of_plan(plan, profile) if plan else read_load(_shipped(profile))
    asked = _changed(document.profile, seconds, rate, processes, _limits(stops))
    targets = {"candidate": url} if url else dict(document.targets)
    if not targets:
        raise GodwitError("name the system to load with --url http://HOST:PORT")
    for target in targets.values():
        check_system("--url", target, allowed)
    out = (out or Path(f"reports/out/load-{asked.id}-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S-%f}")).absolute()
    refuse_used(out)
    if (out / "parameters.json").exists():
        raise GodwitError(f"the folder {out} holds the samples of another load; name another with --out")
    teller = JsonLines(asked) if as_json else Lines(asked)
    teller.begin(", ".join(targets.values()), str(out))
    with _interruptible():
        ended = drive(
            asked,
            targets,
            seed=document.seed if seed is None else seed,
            timeout_s=document.timeout_s,
            out=out,
            tell=teller.progress,
        )
    teller.end(ended)
    sys.exit(_EXITS[ended.outcome])


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let both ways to end a command raise KeyboardInterrupt; a shell has its background jobs ignore the one."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _of_plan(plan: str, name: str) -> LoadDocument:
    found = read_plan(plan)
    profile = next((each for each in found.profiles if each.id == name), None)
    if profile is None:
        known = ", ".join(each.id for each in found.profiles) or "none"
        raise PlanError(f"{plan} has no profile {name!r}; it has: {known}")
    return LoadDocument(profile, seed=found.migration.seed)


def _shipped(name: str) -> Path:
    if name.endswith(".json"):
        return Path(name)
    documents = {path.stem: path for path in sorted(folder(LOADTESTS).glob("*.json"))}
    if name not in documents:
        raise PlanError(f"no load {name!r}; there are: {', '.join(documents)}; or name a .json file, or a --plan")
    return documents[name]


def _changed(
    profile: LoadProfile, seconds: float | None, rate: float | None, processes: int | None, limits: dict[str, float]
) -> LoadProfile:
    """The profile with what the command line says in place of its own; times and rates of its shape in proportion."""
    words: dict[str, Any] = profile.model_dump()
    shape = words["shape"] or {}
    if seconds:
        _scale(shape, ("peak_s", "rise_s"), seconds / profile.duration_s)
        words["duration_s"] = seconds
    if rate:
        if profile.rate_per_s is None:
            raise GodwitError("--rate is for an open loop; this profile's loop is closed")
        _scale(shape, ("from_per_s",), rate / profile.rate_per_s)
        words["rate_per_s"] = rate
    words["workers"] = processes or profile.workers
    if limits:
        words["stop_at"] = limits
    try:
        return LoadProfile.model_validate(words)
    except ValidationError as error:
        raise PlanError(f"profile {profile.id}, changed: {told(error)}") from None


def _scale(shape: dict[str, Any], names: tuple[str, ...], by: float) -> None:
    shape.update({name: shape[name] * by for name in names if shape.get(name) is not None})


def _limits(stops: tuple[str, ...]) -> dict[str, float]:
    """Limits as a plan's `stop_at` holds them: percent, and seconds."""
    found = {}
    for stop in stops:
        match = _STOP.fullmatch(stop)
        if match is None or (match[1] == "errors") != (match[3] == "%") or (match[3] == "%" and float(match[2]) > 100):
            raise GodwitError(f"--stop-when {stop!r}: write errors>5%, or p50, p95 or p99 as in p99>500ms or p99>2s")
        name = "errors" if match[1] == "errors" else f"{match[1]}_s"
        found[name] = float(match[2]) / (1000 if match[3] == "ms" else 1)
    return found
