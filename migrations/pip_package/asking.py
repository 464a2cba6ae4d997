"""Asks either version the same question in its own words, and prints the answer in one form; decides nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

MIGRATIONS = Path(__file__).resolve().parents[1]
QUESTIONS = {
    "projects": (["projects"], ["projects", "list"]),
    "status": (["status"], ["status"]),
    "credentials": (["credentials"], ["credentials", "list"]),
}


def main(words: list[str]) -> int:
    """SIDE FOLDER QUESTION; the folder holds the clone and the home that was made of it."""
    side, folder, question = words[0], Path(words[1]), QUESTIONS[words[2]]
    if not folder.exists():
        folder = folder.parents[1] / folder.name  # the folder of a second baseline lies in that of the first
    if side == "baseline":
        line = [sys.executable, str(folder / "old-agent-workflow/orch.py"), *question[0]]
    else:
        home = folder / ".agent-workflow"
        line = [sys.executable, "-m", "pip_package.tools", "orch", "--", *question[1], "--home", str(home)]
    around = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(line, cwd=MIGRATIONS, env=around, capture_output=True, text=True, timeout=60, check=False)
    sys.stderr.write(done.stderr)
    print(json.dumps(said(words[2], done.stdout.replace(f"{folder}/", "")), indent=2))
    return done.returncode


def said(question: str, text: str) -> object:
    """Of the status what both versions tell, mode and number of projects, KeyError without it; else the lines."""
    if question != "status":
        return text.splitlines()
    pairs = dict(line.strip("├└─ ").partition(": ")[::2] for line in text.lower().splitlines())
    return {name: pairs[name] for name in ("mode", "projects")}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
