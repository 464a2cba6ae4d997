"""How many generated states a minute are converted and judged, and what of it is the tool's own work; it judges no conversion.

The conversion is that of orchestration-v2: into SQLite, validated by the tool before it counts. CPU time, so that
other work matters little; everything is in one run.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from godwit.plan import load_plan
from godwit.session import Session, Setting
from godwit.session.shipped import catalogue
from godwit.session.shrinking import TimeLimit, try_each
from godwit.session.small_worlds import SmallWorld

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
COLD = 10


@contextmanager
def opened(folder: Path) -> Iterator[SmallWorld]:
    """The small states of orchestration-v2, drawn from the schema of a seeded store; no service is started."""
    plan = load_plan(MIGRATIONS / "orchestration_v2" / "plan.yaml", os.environ, catalogue())
    with closing(Session(Setting(plan, "process", folder / "out", "run", environ=dict(os.environ)))) as session:
        store = str(session.world.stack("baseline").store)
        words = [
            sys.executable,
            "-m",
            "orchestration_v2.tools",
            "seed",
            "--store",
            store,
            "--tasks",
            "50",
            "--seed",
            "1",
        ]
        subprocess.run(words, cwd=MIGRATIONS, check=True, capture_output=True)
        if plan.state is None or plan.state.conversion is None or plan.state.conversion.generated is None:
            raise SystemExit("the plan has no state.conversion.generated")
        world = SmallWorld(session.world, plan.state.conversion, plan.state.conversion.generated)
        try:
            yield world
        finally:
            world.converters.close()


def timed(act: Callable[[Any], object], states: list[Any]) -> float:
    """Milliseconds of CPU a state."""
    began = cpu_s()
    for state in states:
        act(state)
    return (cpu_s() - began) * 1000 / len(states)


def cpu_s() -> float:
    """CPU seconds of this process and of every one that it started, those that stay up included."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(each.user + each.system for each in alive)


def measured(world: SmallWorld, count: int) -> dict[str, float]:
    """Milliseconds of CPU a state for each part of the work."""
    states: list[Any] = []

    def keep(state: Any) -> None:
        states.append(state)

    began = cpu_s()
    try_each(world.states(), keep, count, 1, TimeLimit(600))
    drawing = (cpu_s() - began) * 1000 / len(states)
    conversion = world._conversion  # noqa: SLF001 - what is measured is inside

    def laid(state: Any, convert: Any = None) -> None:
        with world.places("source", "target") as (source, target):
            world.ground.make(state, source)
            if convert is not None:
                world.run(convert, source, target)

    world.first(states[0])  # the worker is up
    laying = timed(laid, states)
    return {
        "draw a state": drawing,
        "make the source, and remove it": laying,
        "convert it, in the worker that stays up": timed(lambda it: laid(it, world.convert), states) - laying,
        "all of it, with both sides read": drawing + timed(world.first, [it for it in states if it is not states[0]]),
        "convert it, by starting the command": timed(
            lambda it: laid(it, world.converters.cold(conversion.run)), states[:COLD]
        )
        - laying,
    }


def main() -> None:
    """Print a table, or with --json the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as world:
        found = measured(world, asked.states)
    if asked.json:
        print(json.dumps(found))
        return
    warm = found["convert it, in the worker that stays up"]
    print("| a state of orchestration-v2 | ms of CPU | a minute of one core | of its conversion |\n|---|---|---|---|")
    for name, ms in found.items():
        print(f"| {name} | {ms:.1f} | {60_000 / ms:,.0f} | {ms / warm:.2f} |")


if __name__ == "__main__":
    main()
