"""What it costs to bucket and judge a million users, as ratios to hashing their ids bare; it judges nothing itself.

Each figure is the least CPU time of this process, or of the command that was run, over several interleaved rounds.
"""

import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from godwit.checks import (
    Sweep,
    grid,
    judge_edges,
    judge_independent,
    judge_rising,
    judge_same_place,
    judge_spread,
    judge_steps,
)
from godwit.plan import Bucketing, Users
from godwit.rollout import users
from godwit.session.evaluators import Asker
from godwit.stacks import Places
from godwit.verdict import Outcome

USERS, ROUNDS, RESOLUTION = 1_000_000, 3, 0.1
RULE = """import hashlib, json, sys
percent = float(sys.argv[1])
for line in sys.stdin:
    user = json.loads(line)[0]
    place = int.from_bytes(hashlib.sha256(user.encode()).digest()[:8]) % 10000
    print("candidate" if place < percent * 100 else "baseline")
"""


def hashed(ids: list[str], salt: str = "") -> np.ndarray[Any, Any]:
    """The bucket of each id, of 10,000: what any router has to do for a user."""
    digests = (hashlib.sha256((salt + each).encode()).digest() for each in ids)
    return np.fromiter((int.from_bytes(digest[:8]) % 10_000 for digest in digests), np.int64, len(ids))


def swept(buckets: np.ndarray[Any, Any], levels: tuple[float, ...]) -> Sweep:
    """Who is moved at each level."""
    return Sweep(levels, np.stack([buckets < level * 100 for level in levels]), str)


def judged(sweep: Sweep, other: Sweep) -> None:
    """Every judgement of a sweep; all have to pass, or the figures mean nothing."""
    middle = {50.0: sweep.at(50.0)}
    found = [
        judge_edges(sweep),
        judge_spread(sweep, RESOLUTION),
        judge_steps(sweep, RESOLUTION),
        judge_rising(sweep),
        judge_same_place(middle, middle, str, by="again"),
        judge_independent(sweep, other),
    ]
    if wrong := [each.reason for each in found if each.outcome is not Outcome.PASSED]:
        raise SystemExit(f"a sound hash was not found sound: {wrong[0]}")


def command(ids: list[str], folder: Path) -> Callable[[], object]:
    """Asks a command for all users at one level, as a plan's evaluator does."""
    rule = folder / "rule.py"
    rule.write_text(RULE, encoding="utf-8")
    evaluator = {"id": "rule", "kind": "command", "run": [sys.executable, str(rule), "{percent}"]}
    said = {"id": "rule", "sentence": "The rule", "resolution": 0.1, "attributes": ["user"], "evaluators": [evaluator]}
    world: Any = SimpleNamespace(
        places=Places({}, {}, {}),
        environ=lambda role: dict(os.environ),
        plan=SimpleNamespace(directory=folder / "plan"),
    )
    bucketing = Bucketing.model_validate(said)
    asker = Asker(world, bucketing, bucketing.evaluators[0], [[each] for each in ids])
    return lambda: asker.moved(50.0)


def cpu_s(deed: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of this process and of its children."""
    own, children = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    deed()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() - own, after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime


def measured() -> dict[str, float]:
    """The least cost of each step over all rounds; what a command itself uses stands apart."""
    levels = grid(RESOLUTION)
    ids = [who for who, _ in users(Users(count=USERS), 7)]
    one, other = hashed(ids), hashed(ids, "other:")
    sweep, second = swept(one, levels), swept(other, levels)
    with tempfile.TemporaryDirectory() as folder:
        deeds: dict[str, Callable[[], object]] = {
            "hash every id bare": lambda: hashed(ids),
            "make the users up": lambda: users(Users(count=USERS), 7),
            f"sweep {len(levels)} percentages of known buckets": lambda: swept(one, levels),
            "judge the sweep": lambda: judged(sweep, second),
            "ask a command for one percentage": command(ids, Path(folder)),
        }
        rounds = [{name: cpu_s(deed) for name, deed in deeds.items()} for _ in range(ROUNDS)]
    best = {name: min(costs[name][0] for costs in rounds) for name in deeds}
    best["that command's own work"] = min(costs["ask a command for one percentage"][1] for costs in rounds)
    return best


def main() -> None:
    """Print the figures as a table, or as JSON with `--json`."""
    costs = measured()
    floor = costs["hash every id bare"]
    rows = {name: {"s": round(each, 2), "of_bare": round(each / floor, 2)} for name, each in costs.items()}
    if "--json" in sys.argv:
        print(json.dumps({"users": USERS, "rows": rows}, indent=2))
        return
    print(f"| {USERS:,} users | CPU s | of bare |\n|---|---|---|")
    for name, row in rows.items():
        print(f"| {name} | {row['s']} | {row['of_bare']} |")


if __name__ == "__main__":
    main()
