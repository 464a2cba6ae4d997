"""How often a dropped index and a query in a loop are found as rows become more, and how often a sound candidate is accused.

Drives the depot of godwit's own tests, both versions for real, as often as `--runs` says; it asserts nothing.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from statistics import median

from godwit.plan import load_plan
from godwit.session import Session, Setting
from godwit.session.shipped import catalogue
from godwit.verdict import Judgement

DEPOT = Path(__file__).resolve().parents[1] / "tests" / "session" / "depot"
BY_TIME = (
    ("sizes: [1, 5, 20]", "sizes: [1, 10, 100]"),
    ("turns: 10\n", "turns: 60\n"),
    ("    cost: queries\n", ""),
    ("floor: 1\n", "floor: 0.1\n"),
)
CASES = (
    ("sound, shelves to 10,000 rows, by time", "shelves", "", ()),
    ("dropped index, shelves to 10,000 rows, by time", "shelves", "no index", ()),
    ("sound, listing to 100 rows, by time", "listing", "", BY_TIME),
    ("query in a loop, listing to 100 rows, by time", "listing", "query in a loop", BY_TIME),
    ("query in a loop, listing to 20 rows, by queries", "listing", "query in a loop", ()),
)


def judged(name: str, wrong: str, changes: tuple[tuple[str, str], ...]) -> tuple[Judgement, float]:
    """One run from new stores: the judgement, and the seconds that measuring took."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "depot" / "plan.yaml"
        shutil.copytree(DEPOT, file.parent)
        text = file.read_text(encoding="utf-8").replace('DEPOT_WRONG: ""', f'DEPOT_WRONG: "{wrong}"')
        for old, new in changes:
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        plan = load_plan(file, os.environ, catalogue())
        with closing(Session(Setting(plan, "process", Path(folder) / "out", "run"))) as session:
            for role in ("baseline", "candidate"):
                session.world.stack(role).start()
            began = time.monotonic()
            judgement = session.growth.no_faster(next(item for item in plan.scaling if item.id == name))
            return judgement, time.monotonic() - began


def main() -> None:
    """Print a table of outcomes and of the exponents that were seen."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=10)
    runs = options.parse_args().runs
    print("| candidate | outcomes | exponents, baseline | candidate | seconds |\n|---|---|---|---|---|")
    for told, name, wrong, changes in CASES:
        found = [judged(name, wrong, changes) for _ in range(runs)]
        outcomes = ", ".join(f"{n} {outcome}" for outcome, n in Counter(it.outcome.value for it, _ in found).items())
        seen = [
            [side.value for it, _ in found if (side := getattr(it, role)) is not None]
            for role in ("baseline", "actual")
        ]
        spans = " | ".join(f"{min(each):.2f} to {max(each):.2f}" for each in seen)
        print(f"| {told} | {outcomes} | {spans} | {median(seconds for _, seconds in found):.1f} |", flush=True)


if __name__ == "__main__":
    main()
