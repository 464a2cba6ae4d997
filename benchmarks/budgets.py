"""Verdicts of a "at most 10 % slower" budget on candidates that are slower by a known amount; asserts nothing."""

import argparse
import asyncio
import json
import math
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from aiohttp import web

from godwit.checks import judge_criterion, unfit
from godwit.checks.intervals import Floats
from godwit.load import run_load
from godwit.plan import Criterion, Floor, Limit, LoadProfile, Operation
from godwit.verdict import LoadRun, Observation, Outcome, Series, Turns

SLOWDOWNS = (0, 5, 10, 20, 40)
STATISTICS = ("p50", "p95", "mean")
OUTCOMES = (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE)
RATE_PER_S, SECONDS = 200, 20
MEDIAN_MS, SPREAD = 20.0, 0.2
DELAY_MS, DELAYED = 250.0, 0.005
SMOKE = json.loads((Path(__file__).parents[1] / "loadtests" / "smoke.json").read_text(encoding="utf-8"))["profile"]
TAIL = Criterion(
    id="tail",
    sentence="All but one request in a thousand take 100 ms at most.",
    metric="response_ms",
    statistic="p99.9",
    unit="ms",
    comparison="<=",
    limit=Limit(absolute=100),
    evidence=Floor(n=10_000),
)

Disturbance = Callable[[np.random.Generator, Floats], Floats]


def criterion(statistic: str) -> Criterion:
    """At most 10 % slower than the baseline; below 0.5 ms no change counts."""
    return Criterion(
        id="not-slower",
        sentence="The candidate is at most 10 % slower.",
        metric="response_ms",
        statistic=statistic,
        unit="ms",
        comparison="<=",
        limit=Limit(worse_than_baseline_by="10%", floor=0.5),
        evidence=Floor(n=200),
    )


def quiet(_: np.random.Generator, at_s: Floats) -> Floats:
    """Nothing else goes on."""
    return np.ones(len(at_s))


def neighbours(chance: np.random.Generator, at_s: Floats) -> Floats:
    """Other work that comes and goes within seconds: 20 % up and down, the same for both sides."""
    steps = chance.normal(0, 1, int(at_s[-1] * 10) + 2)
    level, kept = np.zeros(len(steps)), np.exp(-0.1)
    for place in range(1, len(steps)):
        level[place] = kept * level[place - 1] + np.sqrt(1 - kept**2) * steps[place]
    found: Floats = np.exp(0.2 * level[(at_s * 10).astype(int)])
    return found


def pauses(chance: np.random.Generator, at_s: Floats, times: int = 2) -> Floats:
    """The machine stands still for a quarter of a second, twice a run; who is due meanwhile waits."""
    slower = np.ones(len(at_s))
    for begin in chance.uniform(0, at_s[-1], times):
        inside = (at_s >= begin) & (at_s < begin + 0.25)
        slower[inside] += 1000 * (begin + 0.25 - at_s[inside]) / MEDIAN_MS
    return slower


def long_pauses(chance: np.random.Generator, at_s: Floats) -> Floats:
    """It stands still for one part in twenty of the run: where a p95 lies is then a matter of chance."""
    return pauses(chance, at_s, 4)


DISTURBANCES: dict[str, Disturbance] = {
    "quiet": quiet,
    "neighbours": neighbours,
    "pauses of 2.5 %": pauses,
    "pauses of 5 %": long_pauses,
}


def simulated(slower_percent: float, disturbance: Disturbance, seed: int) -> LoadRun:
    """One run, both sides in turn, of drawn service times: log-normal around 20 ms, a p95 40 % above the median."""
    chance = np.random.default_rng(seed)
    at_s = np.arange(RATE_PER_S * SECONDS) / RATE_PER_S
    took_ms = MEDIAN_MS * np.exp(chance.normal(0, SPREAD, len(at_s)))
    took_ms[1::2] *= 1 + slower_percent / 100
    took_us = np.round(1000 * took_ms * disturbance(chance, at_s)).astype(np.int64)
    due_us = np.round(1e6 * at_s).astype(np.int64)
    sides = {"baseline": slice(0, None, 2), "candidate": slice(1, None, 2)}
    return LoadRun(
        "simulated",
        SECONDS,
        len(at_s),
        0.2,
        0.0,
        {side: {"read": Series(took_us[part].tolist())} for side, part in sides.items()},
        turns={side: _turns(due_us[part], took_us[part]) for side, part in sides.items()},
    )


def _turns(
    due_us: "np.ndarray[tuple[int], np.dtype[np.int64]]", took_us: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> Turns:
    n = len(due_us)
    return Turns(range(n), due_us.tolist(), [0] * n, took_us.tolist(), ("read",))


def over_loopback(
    slower_percent: float, seed: int, seconds: float, rate_per_s: float = RATE_PER_S, delayed: float = 0.0
) -> LoadRun:
    """One run of the real engine against two real servers that sleep for their service times.

    The candidate makes a share `delayed` of its requests wait for a quarter of a second more.
    """
    profile = LoadProfile(
        id="short",
        rate_per_s=rate_per_s,
        duration_s=f"{seconds}s",
        warmup_s="1s",
        operations=(Operation(id="read", path="/", share="100%"),),
    )
    served = {
        "baseline": (MEDIAN_MS, seed, 0.0),
        "candidate": (MEDIAN_MS * (1 + slower_percent / 100), seed + 1, delayed),
    }
    with ExitStack() as stack:
        targets = {side: stack.enter_context(_server(*how)) for side, how in served.items()}
        out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        return run_load(profile, targets=targets, route=None, users={}, seed=seed, out=out)


@contextmanager
def _server(median_ms: float, seed: int, delayed: float) -> Iterator[str]:
    """A server in a process of its own, until the block ends; gives its URL."""
    words = [sys.executable, __file__, "--serve", str(median_ms), str(seed), str(delayed)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


async def _serve(median_ms: float, seed: float, delayed: float) -> None:
    chance = random.Random(seed)

    async def answer(_: web.Request) -> web.Response:
        held_s = DELAY_MS / 1000 if chance.random() < delayed else 0.0
        await asyncio.sleep(median_ms * math.exp(chance.gauss(0, SPREAD)) / 1000 + held_s)
        return web.Response(text="{}", content_type="application/json")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def row(kind: str, statistic: str, loads: Mapping[int, Sequence[LoadRun]]) -> dict[str, object]:
    """How often each outcome came, by how much slower the candidate was."""
    found: dict[str, object] = {"runs": kind, "statistic": statistic}
    for slower, taken in loads.items():
        outcomes = Counter(judge_criterion(criterion(statistic), Observation(load)).outcome for load in taken)
        found[f"{slower} %"] = " / ".join(str(outcomes[each]) for each in OUTCOMES)
    return found


def rows(slowdowns: Sequence[int], runs: int, real: int, seconds: float, at_once: int) -> Iterator[dict[str, object]]:
    """One row a kind of run and statistic."""
    for name, disturbance in DISTURBANCES.items() if runs else ():
        seeds = {slower: range(1000 * slower, 1000 * slower + runs) for slower in slowdowns}
        loads = {slower: [simulated(slower, disturbance, seed) for seed in seeds[slower]] for slower in slowdowns}
        yield from (row(f"{runs} simulated, {name}", statistic, loads) for statistic in STATISTICS)
    if real:
        # Seed by seed, so that whatever this machine does in an hour meets every slowdown alike.
        order = [(slower, seed) for seed in range(real) for slower in slowdowns]
        with ProcessPoolExecutor(at_once) as pool:
            every = list(pool.map(over_loopback, *zip(*order, strict=True), [seconds] * len(order)))
        taken = {
            slower: [load for (its, _), load in zip(order, every, strict=True) if its == slower] for slower in slowdowns
        }
        for trouble in filter(None, (unfit(load) for each in taken.values() for load in each)):
            print(trouble, file=sys.stderr)
        yield from (row(f"{real} over loopback", statistic, taken) for statistic in STATISTICS)


def tails(times: int) -> Iterator[dict[str, object]]:
    """How often a delay of one request in two hundred is noticed by the p99.9 of the smoke profile, and of longer ones."""
    smoke = (SMOKE["rate_per_s"], SMOKE["duration_s"])
    for rate_per_s, seconds in (smoke, (200, 20), (1200, 20)):
        for delayed in (0.0, DELAYED):
            taken = [over_loopback(0, seed, seconds, rate_per_s, delayed) for seed in range(times)]
            outcomes = Counter(judge_criterion(TAIL, Observation(load)).outcome for load in taken)
            counts = " / ".join(str(outcomes[each]) for each in OUTCOMES)
            yield {"load": f"{rate_per_s:g}/s for {seconds:g} s", "delayed": f"{delayed:.1%}", "outcomes": counts}


def main() -> None:
    """Print one table: passed / failed / inconclusive of each kind of run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slower", type=int, nargs="+", default=SLOWDOWNS, help="by how many percent")
    parser.add_argument("--runs", type=int, default=50, help="simulated runs of each kind [default: 50]")
    parser.add_argument("--real", type=int, default=0, help="runs over loopback for each slowdown [default: none]")
    parser.add_argument(
        "--tails", type=int, default=0, help="instead: runs with and without a slow tail [default: none]"
    )
    parser.add_argument("--at-once", type=int, default=1, help="so many runs over loopback at a time [default: 1]")
    parser.add_argument("--seconds", type=float, default=10, help="how long a run over loopback lasts [default: 10]")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--serve", type=float, nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(_serve(*asked.serve))
    found = list(
        tails(asked.tails) if asked.tails else rows(asked.slower, asked.runs, asked.real, asked.seconds, asked.at_once)
    )
    if asked.json:
        print(json.dumps(found, indent=1))
        return
    names = list(found[0])
    print("| " + " | ".join(names) + " |", "|" + "---|" * len(names), sep="\n")
    for row in found:
        print("| " + " | ".join(str(row[name]) for name in names) + " |")


if __name__ == "__main__":
    main()
