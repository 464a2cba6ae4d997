"""The automated migration of the sample: order, time, results, log, backup; and that the clone may go afterwards."""

import resource
import shutil
import time
from pathlib import Path

from pip_package.proofs.proof import Place, open_secrets, stand_ins, tree, user_data
from plumbing.proof import Proof

STAGES = ("analyze", "backup", "convert", "credentials", "register", "validate", "test")
LIMIT_S = 60
DOCUMENTED_S = 14


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "a")
    before = user_data(place)
    with stand_ins(place) as server:
        began, before_s = time.monotonic(), worked()
        done = place.orch("migrate-from-git", str(place.source), "--automated")
        took = time.monotonic() - began
        proof.that("it ends with 0", done.returncode == 0)
        proof.that(f"within {LIMIT_S} s", took < LIMIT_S)
        proof.that(f"and with less work than the {DOCUMENTED_S} s of the example", worked() - before_s < DOCUMENTED_S)
        _results(proof, place, done.stdout)
        proof.that("nothing of the user's data is lost or changed", user_data(place) == before)
        topics = [call for call in server.calls if call["method"] == "PATCH"]
        proof.that("three channels know their project", len(topics) == 3)
        _daily(proof, place)
        _without_clone(proof, place)
    print(f"automated: {took:.1f} s")


def worked() -> float:
    """Seconds of a processor that ended children used: other programs on the machine do not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _results(proof: Proof, place: Place, shown: str) -> None:
    log = (place.home / "logs/migration-automated.log").read_text(encoding="utf-8")
    ends = [log.find(f"{stage}: done") for stage in STAGES]
    proof.that("seven steps in order stand in the log", -1 not in ends and ends == sorted(ends))
    proof.that("the log tells the end", log.rstrip().endswith("complete"))
    for word in (
        "3 migrated successfully",
        "All settings preserved",
        "Encrypted and secured",
        "All connections verified",
    ):
        proof.that(f"it tells {word}", word in shown)
    proof.that("the backup has its place", place.backup().name.startswith(".agent-workflow.backup-"))
    for name in ("config.yaml", "registry.yaml", "credentials.enc", "logs", "migration.json"):
        proof.that(f"{name} is in the home", (place.home / name).exists())
    config = place.yaml("config.yaml")
    proof.that(
        "mode and level are as they were",
        (config["global"]["default_mode"], config["global"]["log_level"]) == ("blocking", "INFO"),
    )
    proof.that(
        "three projects are registered",
        sorted(place.yaml("registry.yaml")["projects"]) == ["api-service", "data-pipeline", "my-webapp"],
    )
    proof.that("no secret stands open in home or backup", open_secrets(place, place.home, place.backup()) == [])
    again = place.orch("migrate-from-git", str(place.source), "--automated")
    proof.that(
        "once more changes nothing",
        again.returncode == 0 and len(list(place.folder.glob(".agent-workflow.backup-*"))) == 1,
    )


def _daily(proof: Proof, place: Place) -> None:
    status = place.orch("status")
    proof.that("status works", status.returncode == 0 and "Projects: 3" in status.stdout)
    listed = place.orch("projects", "list")
    proof.that("projects list names all three", listed.returncode == 0 and len(listed.stdout.splitlines()) == 3)
    health = place.orch("health", "--check-all")
    proof.that("health finds nothing", health.returncode == 0 and "✗" not in health.stdout)
    names = place.orch("credentials", "list").stdout.split()
    proof.that("five credentials are readable", len(names) == 5)
    shown = [place.orch("credentials", "reveal", name).stdout.strip() for name in names]
    proof.that("and they are the clone's", sorted(shown) == sorted(place.secrets()))
    proof.that(
        "the key lies outside home and backup", (place.folder / ".agent-workflow-keep/credentials.key").is_file()
    )


def _without_clone(proof: Proof, place: Place) -> None:
    state = tree(place.code)
    shutil.move(place.source, place.folder / "gone")
    proof.that("status works without the clone", place.orch("status").returncode == 0)
    proof.that("health works without the clone", place.orch("health", "--check-all").returncode == 0)
    proof.that("projects are listed without the clone", len(place.orch("projects", "list").stdout.splitlines()) == 3)
    proof.that("nothing of the state moved", tree(place.code) == state)
