"""The clone beside the package: it works on, warns when it is told the date, and points to the package in the end."""

import subprocess
import sys
from pathlib import Path

from pip_package.proofs.proof import Place, stand_ins, user_data
from plumbing.proof import Proof

COMMANDS = ("status", "projects", "settings", "credentials", "setup", "stop")
RELEASED = "2024-02-01"
DATES = {"2024-02-14": 0, "2024-02-15": 1, "2024-03-28": 2, "2024-05-30": 3}


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "a")
    _source(proof, place)
    plain = {word: place.old(word) for word in COMMANDS}
    for word, done in plain.items():
        proof.that(f"{word} works and is quiet before the release", done.returncode == 0 and done.stderr == "")
    for today, lines in DATES.items():
        for word in COMMANDS:
            done = place.old(word, ORCH_RELEASED=RELEASED, ORCH_TODAY=today)
            ended = word == "setup" and lines == 3
            proof.that(f"{today}: {word} warns in {lines} lines", done.stderr.count("\n") == lines + ended)
            proof.that(
                f"{today}: {word} says what it said",
                done.returncode == ended and (ended or done.stdout == plain[word].stdout),
            )
    end = place.old("status", ORCH_RELEASED=RELEASED, ORCH_TODAY="2024-05-30").stderr
    proof.that("it points to the package", "pip install agent-workflow" in end and "agent-orch migrate-from-git" in end)
    proof.that("it tells the end of life", "end of life on 2024-05-30" in end and "security updates only" in end)
    _started(proof, place)
    _side_by_side(proof, place)


def _started(proof: Proof, place: Place) -> None:
    around = place.environ() | {"ORCH_RELEASED": RELEASED, "ORCH_TODAY": "2024-03-28"}
    child = subprocess.Popen(
        [sys.executable, "orch.py", "start"],
        cwd=place.source,
        env=around,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = child.stdout.readline() if child.stdout else ""
    refused = place.orch("migrate-from-git", str(place.source), "--automated", "--offline")
    child.terminate()
    warned = child.communicate(timeout=60)[1]
    proof.that("start works, and warns", first == "started\n" and warned.count("\n") == 2)
    proof.that("while it runs nothing is moved", refused.returncode == 1 and not (place.home / "config.yaml").exists())


def _source(proof: Proof, place: Place) -> None:
    proof.that(
        "its settings lie in its root",
        (place.source / "orchestrator.yaml").is_file() and (place.source / "projects").is_dir(),
    )
    proof.that("its requirements are a list", (place.source / "requirements.txt").is_file())
    proof.that("its state lies in the projects", len(list(place.code.glob("*/.orch-state/state.json"))) == 3)
    said = place.old("credentials", ORCH_CREDENTIAL_EXTRA="abcdefgh").stdout.split()
    proof.that("its secrets come of file and environment", "EXTRA" in said and "CLAUDE_API_KEY" in said)
    proof.that(
        "it is a clone of the documented address",
        "github.com/user/agent-workflow" in (place.source / ".git/config").read_text(),
    )


def _side_by_side(proof: Proof, place: Place) -> None:
    before, listed = user_data(place), place.old("projects").stdout
    with stand_ins(place):
        place.orch("migrate-from-git", str(place.source), "--automated")
        new = place.orch("projects", "list").stdout
        proof.that("both list the same projects, on the same state", new == listed and len(new.splitlines()) == 3)
        proof.that("the clone still works", place.old("status").returncode == 0 and user_data(place) == before)
        state = place.code / "my-webapp/.orch-state/state.json"
        text = state.read_text(encoding="utf-8")
        state.write_text(text.replace('"tasks": [', '"tasks": ["task-new", '), encoding="utf-8")
        both = place.old("projects").stdout, place.orch("projects", "list").stdout
        proof.that("a task that one writes the other sees", both[0] == both[1] != listed)
        secrets = place.orch(
            "migrate-from-git", str(place.source), "--automated", ORCH_CREDENTIAL_EXTRA="abcdefgh"
        ).returncode
        proof.that("the environment may hold more later", secrets == 0)
