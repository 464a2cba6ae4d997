"""The guided migration in a real pseudo-terminal: what is asked before, five parts with their questions, the bar, the end."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

from pip_package.proofs.proof import MIGRATIONS, Place, open_secrets, part, stand_ins, user_data
from plumbing.proof import Proof

PARTS = ("Analysis and Planning", "Safety Backup", "Configuration Conversion", "Validation", "Final Setup")
CHECKS = (
    "Source directory accessible",
    "No running orchestrator processes",
    "Git repositories clean",
    "Sufficient disk space",
    "Network connectivity available",
)
DOCUMENTED_S = 263
TIMEOUT_S = 120
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "a")
    before = user_data(place)
    with stand_ins(place) as server:
        _too_small(proof, place)
        _refused(proof, Place(folder / "b"), str(server.url))
        _stopped(proof, place)
        began = time.monotonic()
        code, raw = typed(place, ["\r"] * 5)
        took = time.monotonic() - began
    shown = CODES.sub("", raw)
    proof.that("it ends with 0", code == 0)
    proof.that(f"within the {DOCUMENTED_S} s of the example, nobody thinking", took < DOCUMENTED_S)
    _seen(proof, place, shown, raw)
    _made(proof, place)
    proof.that("nothing of the user's data is lost or changed", user_data(place) == before)
    again = place.orch("restore-migration-backup")
    proof.that("the rollback that was promised works", again.returncode == 0 and user_data(place) == before)
    print(f"guided: {took:.1f} s")


def typed(place: Place, answers: list[str], *words: str) -> tuple[int, str]:
    """A guided run on a terminal of its own: each question gets the next answer; its exit code and all that was shown."""
    ours, theirs = pty.openpty()
    line = place.words("migrate-from-git", str(place.source), "--guided", *words)
    child = subprocess.Popen(
        line,
        cwd=MIGRATIONS,
        env=place.environ() | {"TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    shown, asked, end = "", 0, time.monotonic() + TIMEOUT_S
    while time.monotonic() < end:
        ready, _, _ = select.select([ours], [], [], 0.2)
        try:
            shown += os.read(ours, 65536).decode("utf-8", "replace") if ready else ""
        except OSError:
            break  # the other end is closed: all was read
        if shown.count("Continue? [Y/n]") > asked:
            os.write(ours, (answers[asked] if asked < len(answers) else "n\r").encode())
            asked += 1
        if not ready and child.poll() is not None:
            break
    os.close(ours)
    if child.poll() is None and time.monotonic() >= end:
        child.kill()
    return child.wait(), shown


def _refused(proof: Proof, place: Place, url: str) -> None:
    place.env["AGENT_WORKFLOW_INTEGRATIONS"] = url
    running = subprocess.Popen(["sleep", "60"])
    (place.source / ".orch.pid").write_text(str(running.pid))
    proof.that("a running orchestrator is refused", f"process {running.pid} runs" in typed(place, [])[1])
    running.kill()
    running.wait()
    (place.source / ".orch.pid").unlink()
    project = place.code / "my-webapp"
    if shutil.which("git"):
        subprocess.run(["git", "init", "-q", str(project)], check=True, timeout=60)
        proof.that("uncommitted changes are refused", "uncommitted changes in my-webapp" in typed(place, [])[1])
        shutil.rmtree(project / ".git")
    place.env["AGENT_WORKFLOW_INTEGRATIONS"] = "http://127.0.0.1:9"
    proof.that("no network is refused", "cannot reach" in typed(place, [])[1])
    shutil.rmtree(place.source)
    proof.that("a clone that is gone is refused", "there is no such folder" in typed(place, [])[1])
    proof.that("nothing was made meanwhile", not (place.home / "config.yaml").exists())


def _too_small(proof: Proof, place: Place) -> None:
    guided, home = part("guided"), part("places").Home(place.home)
    shutil_of_it = guided.shutil
    full = SimpleNamespace(which=shutil_of_it.which, disk_usage=lambda _: SimpleNamespace(free=10))
    guided.shutil = full
    looked = {name: good for name, good, _ in guided.precheck(place.source, home, offline=True)}
    guided.shutil = shutil_of_it
    proof.that("a disk without room is refused", not looked["Sufficient disk space"])


def _stopped(proof: Proof, place: Place) -> None:
    code, shown = typed(place, ["\r", "n\r"])
    proof.that("a no stops it", code == 1 and "goes on from here" in shown)
    proof.that("later parts did not begin", PARTS[2] not in shown and not (place.home / "config.yaml").exists())


def _seen(proof: Proof, place: Place, shown: str, raw: str) -> None:
    places = [shown.find(f"Phase {number}: {name}") for number, name in enumerate(PARTS, 1) if number > 1]
    proof.that("its parts come in order", -1 not in places and places == sorted(places))
    for name in CHECKS:
        proof.that(f"it looked: {name}", f"✓ {name}" in shown)
    for word in (
        "12 files backed up", "3 projects backed up", "Encrypted backup created", "7 files preserved", "days of logs backed up",
        "Restoration script created", "Backup integrity confirmed", "user_profile: ✓ solo-engineer", "default_mode: ✓ blocking",
        "log_level: ✓ INFO", "my-webapp ✓ Converted", "CLAUDE_API_KEY: ✓ Encrypted storage", "Discord channels updated",
        "Projects migrated: 3/3 successful", "All settings preserved", "All connections working", "Data integrity: 100% verified",
        "Rollback available: Yes", "agent-orch health --check-all",
    ):  # fmt: skip
        proof.that(f"it shows {word}", word in shown)
    proof.that("a bar moves on the terminal", "━" in raw and "100%" in shown)
    proof.that("no secret is shown", not any(secret in shown for secret in place.secrets()))


def _made(proof: Proof, place: Place) -> None:
    proof.that("the backup has its place", place.backup().name.startswith(".agent-workflow.migration-backup-"))
    logs = list((place.home / "logs").glob("migration-2*.log"))
    text = "".join(path.read_text(encoding="utf-8") for path in logs)
    stages = ("analyze", "backup", "convert", "credentials", "register", "validate", "test")
    proof.that("the log has every step", all(f"{stage}: done" in text for stage in stages))
    proof.that("no secret stands open", open_secrets(place, place.home, place.backup()) == [])
    proof.that("all eight checks passed", place.journal()["complete"] and place.journal()["pending"] == [])
    proof.that("30 days of logs are in the backup", len(list((place.backup() / "logs").iterdir())) >= 30)
    config = place.yaml("config.yaml")
    proof.that("settings of one's own are kept", len(config["legacy_extra"]) >= 5)
    channels = [each["discord_channel"]["id"] for each in place.yaml("registry.yaml")["projects"].values()]
    proof.that("channels are mapped", len(set(channels)) == 3)
