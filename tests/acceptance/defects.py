"""Runs a migration once for every seeded defect; the promise that the plan names must fail, at the place and with the cause."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from godwit.checks.json_text import steps_of
from godwit.checks.normalising import matches
from godwit.plan import Defect, Plan, load_plan
from godwit.session.shipped import promises

ROOT = Path(__file__).resolve().parents[2]
GODWIT = str(Path(sys.executable).with_name("godwit"))
NO_GO = (10, 12)
TIMED = frozenset({"performance-budgets", "rollout", "rollback", "flag-changes"})
"""The suites that measure time or load: their promises are judged beside no other work."""
Found = tuple[str, str, str]
"""What is different, where, and why."""


def general(where: str) -> str:
    """A place with every index of a list or a sequence written as `*`."""
    return re.sub(r"(?<=/)\d+(?=/|$)", "*", where)


@dataclass(frozen=True, slots=True)
class Try:
    """One defect, what its run ended in, what each failed check found, where and why, and how long it took."""

    defect: Defect
    exit: int
    failed: dict[str, list[Found]]
    seconds: float
    said: str

    @property
    def is_explained(self) -> bool:
        """Whether a finding of the named promise gives the cause that the plan names; true where it names none."""
        return self.defect.cause is None or any(self.defect.cause in reason for _, _, reason in self.found)

    @property
    def is_caught(self) -> bool:
        """Whether the run ended in NO-GO and the named promise is among what failed."""
        return self.exit in NO_GO and bool(self.named)

    @property
    def is_as_promised(self) -> bool:
        """Whether it was caught, at its place and with its cause."""
        return self.is_caught and self.is_located and self.is_explained

    @property
    def named(self) -> list[str]:
        """The failed checks of the named promise."""
        wanted = self.defect.promise
        return [check for check in self.failed if fnmatchcase(check, wanted) or fnmatchcase(check, f"{wanted}/*")]

    @property
    def found(self) -> list[Found]:
        """What the named promise found."""
        return [finding for check in self.named for finding in self.failed[check]]

    @property
    def causes(self) -> set[tuple[str, str]]:
        """What is different and where, the same in many items or answers counted once."""
        return {(what, general(where)) for what, where, _ in self.found}

    @property
    def is_located(self) -> bool:
        """Whether there is one cause, and it stands at the place that the plan names; true where it names none."""
        if self.defect.place is None:
            return True
        pointed = any(matches(steps_of(self.defect.place), steps_of(where)) for _, where, _ in self.found)
        return pointed and len(self.causes) == 1


def plan_of(migration: str) -> Plan:
    """The plan of a reference migration by its id, as it lies in this clone."""
    return load_plan(ROOT / "migrations" / re.sub("[-.]", "_", migration) / "plan.yaml")


def scope(defect: Defect, reach: str) -> list[str]:
    """The words that limit a run to the named promise, to its phase, or to nothing (`all`)."""
    phase, promise, *case = defect.promise.split("/")
    words = {"all": [], "phase": ["--phase", phase]}
    words["promise"] = ["--phase", phase, "-k", f"test_{promise.replace('-', '_')}"]
    if case and "*" not in defect.promise:  # one check of it: the others of its promise would cost their time
        words["promise"] = ["--check", defect.promise]
    return words[reach]


def attempt(migration: str, defect: Defect, limit_s: float, reach: str) -> Try:
    """Run with one defect; a run past its time counts as not caught."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        words = [GODWIT, "verify", migration, "--defect", defect.id, *scope(defect, reach), "--out", out]
        try:
            answer = subprocess.run(words, capture_output=True, text=True, timeout=limit_s, check=False)
            code, said = answer.returncode, answer.stdout[-2000:] + answer.stderr[-1000:]
        except subprocess.TimeoutExpired:
            code, said = -1, f"no verdict within {limit_s:g} s"
        seconds = time.monotonic() - began
        return Try(defect, code, failed_checks(Path(out) / "verdict.json"), seconds, said)


def failed_checks(verdict: Path) -> dict[str, list[Found]]:
    """What each failed check found, by its id without the migration; nothing if there is no verdict."""
    if not verdict.is_file():
        return {}
    checks = json.loads(verdict.read_text(encoding="utf-8"))["checks"]
    return {
        check["id"].partition("/")[2]: [(each["what"], each["where"], each["reason"]) for each in check["findings"]]
        for check in checks
        if check["outcome"] == "failed"
    }


def told(result: Try) -> str:
    """One line for one defect."""
    word = "caught" if result.is_caught else f"NOT CAUGHT (exit {result.exit})"
    if result.is_caught and result.defect.place is not None:
        word = "caught, one cause" if result.is_located else f"NOT LOCATED ({len(result.causes)} causes)"
    if result.is_caught and not result.is_explained:
        word = f"CAUSE NOT NAMED ({'; '.join(reason for _, _, reason in result.found[:2])})"
    elif result.is_caught and result.defect.cause is not None:
        word = "caught, with its cause"
    also = f"and {len(result.failed) - 1} more" if len(result.failed) > 1 else ""
    return f"{result.defect.id:24} {word:22} {result.seconds:6.1f} s  {result.defect.promise} {result.defect.place or ''} {also}"


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("migration", help="id of a reference migration, such as orchestration-v2")
    parser.add_argument("defects", nargs="*", help="only these; all of the plan when none is named")
    parser.add_argument("--limit-s", type=float, default=300.0, help="seconds that one run may take")
    reaches = ("promise", "phase", "all")
    parser.add_argument("--reach", choices=reaches, default="phase", help="how much is run with each defect")
    parser.add_argument("--one-per-suite", action="store_true", help="of every suite only the plan's first defect")
    parser.add_argument(
        "--at-once", type=int, default=2, help="how many runs go side by side where answers alone decide"
    )
    return parser.parse_args(words)


def chosen(asked: argparse.Namespace, known: Mapping[str, Defect]) -> list[Defect]:
    """The defects to try: those named, or all; of every suite only the first, if that is asked."""
    wanted = [known[name] for name in asked.defects or known]
    firsts = {suite_of(defect): defect for defect in reversed(wanted)}
    return [defect for defect in wanted if not asked.one_per_suite or firsts[suite_of(defect)] is defect]


def promise_of(defect: Defect) -> str:
    """The name of the promise that the defect breaks."""
    return defect.promise.split("/")[1]


def suite_of(defect: Defect) -> str:
    """The suite that the promise stands in."""
    return next(promise.suite for promise in promises() if promise.name == promise_of(defect))


def is_timed(defect: Defect) -> bool:
    """Whether the named promise is one of a suite that measures time or load."""
    return suite_of(defect) in TIMED


def attempts(asked: argparse.Namespace, defects: Sequence[Defect]) -> Iterator[Try]:
    """Try each defect. Those that answers alone decide go several at once.

    The others come after them, one by one: a budget is never judged beside other work. So does what was not found as it
    should be beside another run: a copy that came too late there is no cause of the defect's.
    """
    one = partial(attempt, asked.migration, limit_s=asked.limit_s, reach=asked.reach)
    alone = [defect for defect in defects if is_timed(defect)]
    with ThreadPoolExecutor(asked.at_once) as pool:
        for result in pool.map(one, [defect for defect in defects if defect not in alone]):
            if result.is_as_promised or asked.at_once == 1:
                yield result
            else:
                alone.append(result.defect)
    yield from map(one, alone)


def main(words: Sequence[str]) -> int:
    """Exit code 0 only when every asked defect was caught where the plan says, and there was one to catch."""
    asked = arguments(words)
    known = {defect.id: defect for defect in plan_of(asked.migration).defects}
    unknown = sorted(set(asked.defects) - set(known))
    if unknown or not known:
        print(f"no defect {', '.join(unknown)}; the plan has: {', '.join(known) or 'none'}", file=sys.stderr)
        return 4
    missed = 0
    wanted = chosen(asked, known)
    for result in attempts(asked, wanted):
        print(told(result), flush=True)
        if not result.is_as_promised:
            missed += 1
            print(
                f"failed: {', '.join(result.failed) or 'nothing'}\ncauses: {sorted(result.causes)}\n{result.said}",
                flush=True,
            )
    print(f"defects: {len(wanted) - missed} passed, {missed} failed, {len(known) - len(wanted)} not tried")
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
