"""Runs the same verification several times, with other seeds if asked; each has to end alike, with every check and no surprise."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GODWIT = str(Path(sys.executable).with_name("godwit"))


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, what its verdict says, how much it found that differs, and seconds.

    `unsettled` are checks that ran, of which it could not be told whether they hold.
    """

    code: int
    said: str
    findings: int
    unsettled: int
    seconds: float


def attempt(words: Sequence[str], limit_s: float) -> Ended:
    """Run once."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        command = [GODWIT, "verify", *words, "--out", out]
        code = subprocess.run(command, capture_output=True, timeout=limit_s, check=False).returncode
        verdict = Path(out) / "verdict.json"
        found = json.loads(verdict.read_text(encoding="utf-8")) if verdict.is_file() else {}
        loose = sum(check["outcome"] in ("errored", "inconclusive") for check in ran(found))
        return Ended(code, said(found), findings(found), loose, time.monotonic() - began)


def findings(found: dict[str, Any]) -> int:
    """How many differences all checks of a verdict found, each counted as often as it was seen."""
    return sum(finding["count"] for check in found.get("checks", ()) for finding in check["findings"])


def ran(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks that were not left out: only what ran can be repeated."""
    return [check for check in found.get("checks", ()) if check["repeat"]]


def said(found: dict[str, Any]) -> str:
    """Word, passed checks of all that ran, how many were left out, and the first of those that did not pass."""
    if not found:
        return "no verdict"
    others = [check for check in ran(found) if check["outcome"] != "passed"]
    first = f"; {others[0]['id']}: {others[0]['reason']}" if others else ""
    left_out = len(found["checks"]) - len(ran(found))
    beside = f", {left_out} left out" if left_out else ""
    return f"{found['word']} {len(ran(found)) - len(others)}/{len(ran(found))} checks{beside}{first}"


def main(words: Sequence[str]) -> int:
    """Exit code 0 only when every run ended in the expected exit code, and found as much as it should where that is said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--expect", type=int, default=0, help="exit code that each run must end in")
    parser.add_argument("--limit-s", type=float, default=600.0)
    parser.add_argument(
        "--findings", type=int, help="how much each run has to find; 0 for the same stack on both sides"
    )
    parser.add_argument("--first-seed", type=int, help="give each run a seed of its own, from this one on")
    asked, rest = parser.parse_known_args(words)
    right = total = 0
    for number in range(1, asked.times + 1):
        seed = [] if asked.first_seed is None else ["--seed", str(asked.first_seed + number - 1)]
        ended = attempt([*rest, *seed], asked.limit_s)
        right += ended.code == asked.expect and asked.findings in (None, ended.findings) and not ended.unsettled
        total += ended.findings
        told = f"{ended.findings:3} finding(s)  {ended.said}"
        print(f"{number:3}  exit {ended.code:2}  {ended.seconds:6.1f} s  {told}", flush=True)
    print(f"repeat: {right} passed, {asked.times - right} failed, {total} finding(s) in all")
    return int(right != asked.times)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
