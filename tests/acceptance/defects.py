"""Runs a migration once for every seeded defect, each in its own phase; anything but NO-GO means unnoticed."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from godwit.plan import Plan, load_plan

ROOT = Path(__file__).resolve().parents[2]
GODWIT = str(Path(sys.executable).with_name("godwit"))
NO_GO = 10


@dataclass(frozen=True, slots=True)
class Try:
    """One defect, what it ended in and how long that took."""

    defect: str
    phase: str
    exit: int
    seconds: float
    said: str

    @property
    def is_caught(self) -> bool:
        """Whether the run ended in NO-GO, and so somebody noticed."""
        return self.exit == NO_GO


def plan_of(migration: str) -> Plan:
    """The plan of a reference migration by its id, as it lies in this clone."""
    return load_plan(ROOT / "migrations" / migration.replace("-", "_") / "plan.yaml")


def attempt(migration: str, defect: str, phase: str, limit_s: float) -> Try:
    """Run one phase with one defect; a run past its time counts as not caught."""
    words = [GODWIT, "verify", migration, "--defect", defect, "--phase", phase]
    began = time.monotonic()
    try:
        answer = subprocess.run(words, capture_output=True, text=True, timeout=limit_s, check=False)
        code, said = answer.returncode, answer.stdout[-2000:] + answer.stderr[-1000:]
    except subprocess.TimeoutExpired:
        code, said = -1, f"no verdict within {limit_s:g} s"
    return Try(defect, phase, code, time.monotonic() - began, said)


def told(result: Try) -> str:
    """One line for one defect."""
    word = "caught" if result.is_caught else f"NOT CAUGHT (exit {result.exit})"
    return f"{result.defect:28} {result.phase:14} {word:24} {result.seconds:6.1f} s"


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("migration", help="id of a reference migration, such as orchestration-v2")
    parser.add_argument("defects", nargs="*", help="only these; all of the plan when none is named")
    parser.add_argument("--limit-s", type=float, default=300.0, help="seconds that one run may take")
    parser.add_argument("--at-once", type=int, default=2, help="runs beside each other")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Exit code 0 only when every asked defect was caught, and there was one to catch."""
    asked = arguments(words)
    known = {defect.id: defect.promise.split("/")[0] for defect in plan_of(asked.migration).defects}
    unknown = sorted(set(asked.defects) - set(known))
    if unknown or not known:
        print(f"no defect {', '.join(unknown)}; the plan has: {', '.join(known) or 'none'}", file=sys.stderr)
        return 4
    chosen = {name: known[name] for name in asked.defects or known}
    with ThreadPoolExecutor(asked.at_once) as pool:
        tries = [pool.submit(attempt, asked.migration, name, phase, asked.limit_s) for name, phase in chosen.items()]
        results = [each.result() for each in tries]
    for result in results:
        print(told(result))
        if not result.is_caught:
            print(result.said)
    missed = sum(not result.is_caught for result in results)
    print(f"defects: {len(results) - missed} passed, {missed} failed")
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
