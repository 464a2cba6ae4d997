"""Runs the same verification several times; every run has to end in the same expected verdict, with every check in it."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

GODWIT = str(Path(sys.executable).with_name("godwit"))


def attempt(words: Sequence[str], limit_s: float) -> tuple[int, str, float]:
    """Run once: exit code, what the verdict says, seconds."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        command = [GODWIT, "verify", *words, "--out", out]
        code = subprocess.run(command, capture_output=True, timeout=limit_s, check=False).returncode
        return code, said(Path(out) / "verdict.json"), time.monotonic() - began


def said(verdict: Path) -> str:
    """Word, passed checks of all, and the first of the others."""
    if not verdict.is_file():
        return "no verdict"
    found = json.loads(verdict.read_text(encoding="utf-8"))
    others = [check for check in found["checks"] if check["outcome"] != "passed"]
    first = f"; {others[0]['id']}: {others[0]['reason']}" if others else ""
    return f"{found['word']} {len(found['checks']) - len(others)}/{len(found['checks'])} checks{first}"


def main(words: Sequence[str]) -> int:
    """Exit code 0 only when every run ended in the expected exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--expect", type=int, default=0, help="exit code that each run must end in")
    parser.add_argument("--limit-s", type=float, default=600.0)
    asked, rest = parser.parse_known_args(words)
    right = 0
    for number in range(1, asked.times + 1):
        code, text, seconds = attempt(rest, asked.limit_s)
        right += code == asked.expect
        print(f"{number:3}  exit {code:2}  {seconds:6.1f} s  {text}", flush=True)
    print(f"repeat: {right} passed, {asked.times - right} failed")
    return int(right != asked.times)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
