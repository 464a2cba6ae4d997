"""How surely soaks find a leak of 1 MB per 1,000 requests, and how often they accuse a clean service; it asserts nothing.

`python benchmarks/leaks.py` runs one soak of 2 minutes on a service that leaks so much, one on a clean one, and 20 shortened ones
(20 s each) on clean ones, in about 12 minutes; --short for other numbers, --seconds for other lengths, --json for JSON.
--simulated 1000 judges so many made-up series of a given seed instead, which takes seconds and starts no service.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from godwit.checks import grows
from godwit.checks.intervals import Floats
from godwit.plan import load_plan
from godwit.session import Session, Setting, budgets, expand
from godwit.session.shipped import catalogue
from godwit.stacks import Sampler

RATE, USERS = 400, 4
"""At most so many requests a second, from users who each keep one connection: a pool that grows would look like a leak."""

LIMITS = {"memory_mb": 0.1, "descriptors": 0.2, "threads": 0.2, "connections": 0.2, "disk_mb": 0.1}
"""What may be kept of 1,000 requests: a tenth of the leak."""

SERVICE = """
import os, sys
from pathlib import Path
from aiohttp import web

LEAK, KEPT, LOG = int(sys.argv[2]), [], Path(sys.argv[3])


async def health(request):
    return web.json_response({"status": "ok", "version": "1"})


async def order(request):
    made = [{"id": number, "text": "x" * (number % 50)} for number in range(40)]
    if LEAK:
        KEPT.append(os.urandom(LEAK))
    return web.json_response({"orders": made})


LOG.write_bytes(b"x" * 4096)
application = web.Application()
application.add_routes([web.get("/health", health), web.get("/orders", order)])
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""


CYCLES, SEED = 45, 20_250_203
Chance = np.random.Generator


def following(chance: Chance, share: float, spread: float) -> Floats:
    """Values each of which follows the one before."""
    values = [chance.normal(0, spread)]
    for _ in range(CYCLES - 1):
        values.append(share * values[-1] + chance.normal(0, spread * (1 - share**2) ** 0.5))
    return np.array(values)


CLEAN: dict[str, Callable[[Chance], Floats]] = {
    "noise of 0.2 MB": lambda chance: chance.normal(0, 0.2, CYCLES),
    "heavy-tailed noise": lambda chance: 0.2 * chance.standard_t(2, CYCLES),
    "noise of 0.5 MB that follows itself, 0.8": lambda chance: following(chance, 0.8, 0.5),
    "a walk at random, 0.1 MB a cycle": lambda chance: np.cumsum(chance.normal(0, 0.1, CYCLES)),
    "a collector's saw of 5 MB in 7 cycles": lambda chance: (np.arange(CYCLES) + chance.integers(7)) % 7 * 5 / 7,
    "a cache that fills by 20 MB": lambda chance: 20 * (1 - np.exp(-np.arange(CYCLES) / chance.uniform(3, 12))),
    "two steps of 1 MB": lambda chance: (np.arange(CYCLES) >= chance.integers(0, CYCLES, (2, 1))).sum(axis=0) * 1.0,
}
"""Memory of services that leak nothing, in MB over the cycles after the warm-up."""


def simulated(times: int) -> Iterator[dict[str, Any]]:
    """How so many series of each kind are judged, without a leak and with leaks of ten times and twice the limit a cycle."""
    limit = LIMITS["memory_mb"]
    for leak in (0.0, 10 * limit, 2 * limit):
        for name, draw in CLEAN.items():
            chance = np.random.default_rng(SEED)
            counts = {"passed": 0, "inconclusive": 0, "failed": 0}
            for _ in range(times):
                values = draw(chance) + chance.normal(0, 0.02, CYCLES) + leak * np.arange(CYCLES)
                counts[grows(range(CYCLES), values, limit, 0.95)[0].value] += 1
            yield {"leak": f"{leak:g} MB a cycle", "series": name, **counts}


def plan_of(service: Path, leak: int, seconds: float, cycle: int) -> dict[str, Any]:
    """A plan that soaks a candidate which keeps so many bytes a request; the baseline is not started."""
    command = ["{python}", str(service), "{port}", str(leak), "{work}/orders.db"]
    health = {"path": "/health", "expect": {"status": "ok"}, "timeout_s": "30s"}
    stack = {
        "version": "1",
        "health": health,
        "writes_to": ["{work}/orders.db*"],
        "drivers": {"process": {"command": command}},
    }
    who = {"name": "service", "version": "1"}
    profile = {
        "id": "busy",
        "loop": "closed",
        "concurrency": USERS,
        "think_s": f"{1000 * USERS // RATE}ms",
        "duration_s": f"{seconds:g}s",
        "warmup_s": "1s",
        "other_work": "100%",
        "operations": [{"id": "order", "path": "/orders", "share": "100%"}],
    }
    soak = {
        "id": "day",
        "profile": "busy",
        "cycle": cycle,
        "stands_for": f"{1.8 * cycle:g}s",
        "warmup": max(2, round(3 * RATE / cycle)),
        "at_least": 15,
        "grows_at_most": {name: limit * cycle / 1000 for name, limit in LIMITS.items()},
    }
    return {
        "plan_version": 1,
        "migration": {"id": "leaks", "title": "A service is kept busy", "baseline": who, "candidate": who, "seed": 7},
        "stacks": {"baseline": stack, "candidate": stack},
        "profiles": [profile],
        "soaks": [soak],
        "criteria": [{"id": "clean", "sentence": "Nothing piles up", "checks": ["long/nothing-piles-up"]}],
        "gates": [{"id": "lasts", "title": "It lasts", "criteria": ["clean"]}],
        "phases": [{"id": "long", "title": "It runs for long", "suites": [{"suite": "endurance"}], "exit": "lasts"}],
    }


def soaked(leak: int, seconds: float, cycle: int) -> Iterator[tuple[str, str, str]]:
    """Run one soak: resource, outcome and reason of each limit."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "service.py").write_text(SERVICE, encoding="utf-8")
        (here / "plan.yaml").write_text(
            json.dumps(plan_of(here / "service.py", leak, seconds, cycle)), encoding="utf-8"
        )
        plan = load_plan(here / "plan.yaml", {}, catalogue())
        # Cycles of a shortened soak are over before a look at memory can be paid for as in a long one.
        short = patch.object(budgets, "Sampler", partial(Sampler, share=0.02 if cycle < 1000 else 0.0025))
        with short, closing(Session(Setting(plan, "process", here / "out", "run"))) as session:
            session.world.stack("candidate").start()
            for check in expand(plan).checks:
                judgement = session.endurance.piles_up(check.element, "long")
                yield check.element.resource, judgement.outcome.value, judgement.reason


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="length of the two long soaks; 0 leaves them out")
    parser.add_argument("--short", type=int, default=20, help="number of short soaks on clean services")
    parser.add_argument("--short-seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--simulated", type=int, default=0, help="judge so many made-up series of each kind, and nothing else"
    )
    asked = parser.parse_args()
    if asked.simulated:
        for row in simulated(asked.simulated):
            print(json.dumps(row) if asked.json else " | ".join(str(value) for value in row.values()), flush=True)
        return
    runs = (
        [("leaks 1 MB per 1,000", 1000, asked.seconds, 1000), ("clean", 0, asked.seconds, 1000)]
        if asked.seconds
        else []
    )
    runs += [("clean, short", 0, asked.short_seconds, RATE // 2)] * asked.short
    rows = []
    for name, leak, seconds, cycle in runs:
        began = time.monotonic()
        for resource, outcome, reason in soaked(leak, seconds, cycle):
            rows.append({"run": name, "resource": resource, "outcome": outcome, "reason": reason})
        if not asked.json:
            print(f"# {name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if asked.json:
        print(json.dumps(rows, indent=1))
        return
    for name in dict.fromkeys(row["run"] for row in rows):
        for resource in LIMITS:
            here = [row for row in rows if (row["run"], row["resource"]) == (name, resource)]
            counts = {
                outcome: sum(row["outcome"] == outcome for row in here)
                for outcome in ("passed", "inconclusive", "failed")
            }
            print(
                f"{name} | {resource} | "
                + ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
            )
            for row in here if len(here) == 1 else [row for row in here if row["outcome"] != "passed"]:
                print(f"    {row['reason']}")


if __name__ == "__main__":
    main()
