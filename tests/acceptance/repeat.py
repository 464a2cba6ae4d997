"""Runs the same verification several times; every run has to end in the same verdict, with every check, and without surprise."""

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
    """How a run ended: its exit code, what its verdict says, how much it found that differs, and seconds."""

    code: int
    said: str
    findings: int
    seconds: float


def attempt(words: Sequence[str], limit_s: float) -> Ended:
    """Run once."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        command = [GODWIT, "verify", *words, "--out", out]
        code = subprocess.run(command, capture_output=True, timeout=limit_s, check=False).returncode
        verdict = Path(out) / "verdict.json"
        found = json.loads(verdict.read_text(encoding="utf-8")) if verdict.is_file() else {}
        return Ended(code, said(found), findings(found), time.monotonic() - began)


def findings(found: dict[str, Any]) -> int:
    """How many differences all checks of a verdict found, each counted as often as it was seen."""
    return sum(finding["count"] for check in found.get("checks", ()) for finding in check["findings"])


def said(found: dict[str, Any]) -> str:
    """Word, passed checks of all, and the first of the others."""
    if not found:
        return "no verdict"
    others = [check for check in found["checks"] if check["outcome"] != "passed"]
    first = f"; {others[0]['id']}: {others[0]['reason']}" if others else ""
    return f"{found['word']} {len(found['checks']) - len(others)}/{len(found['checks'])} checks{first}"


def main(words: Sequence[str]) -> int:
    """Exit code 0 only when every run ended in the expected exit code, and found as much as it should where that is said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--expect", type=int, default=0, help="exit code that each run must end in")
    parser.add_argument("--limit-s", type=float, default=600.0)
    parser.add_argument(
        "--findings", type=int, help="how much each run has to find; 0 for the same stack on both sides"
    )
    asked, rest = parser.parse_known_args(words)
    right = total = 0
    for number in range(1, asked.times + 1):
        ended = attempt(rest, asked.limit_s)
        right += ended.code == asked.expect and asked.findings in (None, ended.findings)
        total += ended.findings
        told = f"{ended.findings:3} finding(s)  {ended.said}"
        print(f"{number:3}  exit {ended.code:2}  {ended.seconds:6.1f} s  {told}", flush=True)
    print(f"repeat: {right} passed, {asked.times - right} failed, {total} finding(s) in all")
    return int(right != asked.times)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
