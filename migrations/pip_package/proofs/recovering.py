"""Recovery of a damaged configuration and of half a migration: what is told, and what each of the options does."""

import shutil
from pathlib import Path

from pip_package.proofs.proof import Place, part, user_data
from plumbing.proof import Proof

STAGES = ("backup", "convert", "credentials", "register", "validate")
SHOWN = ("Backup creation", "Configuration conversion", "Credential migration", "Project registration", "Validation")


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    whole = Place(folder / "whole")
    before = user_data(whole)
    proof.that("the sample is migrated", _migrate(whole) == 0)
    _corrupt(proof, whole, before)
    _partial(proof, folder)


def _migrate(place: Place) -> int:
    return place.orch("migrate-from-git", str(place.source), "--automated", "--offline").returncode


def _corrupt(proof: Proof, place: Place, before: dict[str, tuple[int, str]]) -> None:
    none = place.orch("recover", "--issue", "config_corruption")
    proof.that("a whole configuration needs nothing", none.returncode == 0 and "No corruption" in none.stdout)
    config = place.home / "config.yaml"
    good = config.read_text(encoding="utf-8")
    config.write_text(good.replace("ai_provider:", "ai_provider: [", 1), encoding="utf-8")
    repaired = place.orch("recover", "--issue", "config_corruption", "--choice", "2")
    proof.that(
        "corruption is found", "Configuration file corruption" in repaired.stdout and "config.yaml" in repaired.stdout
    )
    proof.that("three ways are offered", all(f"[{number}]" in repaired.stdout for number in (1, 2, 3)))
    kept = place.yaml("config.yaml")
    proof.that("the repair keeps what can be read", kept["global"]["default_mode"] == "blocking" and kept["discord"])
    proof.that("and names every setting that is lost", "ai_provider.model" in repaired.stdout)
    proof.that("what it makes is valid", part("recovery").config_trouble(part("places").Home(place.home)) == "")
    config.write_text("global: [", encoding="utf-8")
    new = place.orch("recover", "--issue", "config_corruption", "--choice", "3")
    proof.that(
        "defaults are regenerated",
        new.returncode == 0 and place.yaml("config.yaml")["installation"]["method"] == "regenerated",
    )
    proof.that("and are valid", part("recovery").config_trouble(part("places").Home(place.home)) == "")
    config.write_text("global: [", encoding="utf-8")
    (place.source / "orchestrator.yaml").write_text("x: 1\n")
    back = place.orch("recover", "--issue", "config_corruption", given="\n")
    steps = (
        "Stopping current services",
        "Restoring configuration",
        "Restoring project registry",
        "Restoring credentials",
        "Validating restoration",
    )
    found = [back.stdout.find(step) for step in steps]
    proof.that(
        "the default restores the backup, in order", back.returncode == 0 and -1 not in found and found == sorted(found)
    )
    proof.that("everything is as before the migration", user_data(place) == before and not place.home.exists())
    proof.that("which has to be made again", "Restart migration" in back.stdout and _migrate(place) == 0)


def _partial(proof: Proof, folder: Path) -> None:
    wanted = Place(folder / "clean")
    _migrate(wanted)
    for stage in STAGES:
        place = _stopped(folder / stage, stage)
        shown = place.orch("recover", "--issue", "partial_migration", "--offline", given="\n")
        proof.that(f"stopped in {stage}, it shows five stages", all(name in shown.stdout for name in SHOWN))
        proof.that(
            f"stopped in {stage}, it is resumed by default", shown.returncode == 0 and place.journal()["complete"]
        )
        proof.that(f"resumed from {stage}, all is as in a clean run", _says(place) == _says(wanted))
    place = _stopped(folder / "again", "credentials")
    by_hand = place.orch("recover", "--issue", "partial_migration", "--choice", "3", "--offline")
    left = [name for name in SHOWN if f"── {name}\n" in by_hand.stdout.partition("Left to do")[2]]
    proof.that("by hand, what is left is listed", left == list(SHOWN[2:]))
    proof.that("half a migration is not taken for a whole one", place.orch("status").returncode == 1)
    restarted = place.orch("recover", "--issue", "partial_migration", "--choice", "2", "--offline")
    proof.that("it can be rolled back and made again", restarted.returncode == 0 and _says(place) == _says(wanted))
    _one_of_three(proof, folder / "three")


def _one_of_three(proof: Proof, folder: Path) -> None:
    place = Place(folder)
    hidden = sorted((place.source / "projects").glob("*.yaml"))[1]
    journal, registry = part("journal"), part("documents")
    _migrate(place)
    said = place.journal()
    said["complete"] = False
    said["stages"].pop("validate"), said["stages"].pop("test")
    home = part("places").Home(place.home)
    stopped = journal.Journal(
        **{**said, "stages": {**said["stages"], "credentials": "failed: no", "register": "begun"}}
    )
    stopped.write(home)
    entries = place.yaml("registry.yaml")
    entries["projects"] = {name: each for name, each in entries["projects"].items() if name < hidden.stem}
    registry.write(home.registry, entries)
    shown = place.orch("recover", "--issue", "partial_migration", "--offline", given="\n")
    proof.that("it tells how many projects are registered", "(1/3)" in shown.stdout)
    proof.that(
        "it tells what failed, and what did not begin",
        "Credential migration: ✗ Failed" in shown.stdout and "Validation: ⚠ Not started" in shown.stdout,
    )
    proof.that("resumed, all three are", len(place.yaml("registry.yaml")["projects"]) == 3)


def _stopped(folder: Path, stage: str) -> Place:
    """A place whose migration ended in a stage, as a kill leaves it."""
    place = Place(folder)
    migration, places, refusals = part("migration"), part("places"), part("refusals")
    made = migration.Migration(
        migration.Wish(place.source, places.Home(place.home), "automated", True), lambda stage, state: None
    )

    def fails(_: object) -> None:
        raise refusals.RefusedError("stopped", "here")

    setattr(made, f"_{stage}", fails)
    try:
        made.run()
    except refusals.RefusedError:
        return place
    shutil.rmtree(place.home)
    raise AssertionError(f"{stage}: was not stopped")


def _says(place: Place) -> object:
    config, registry = place.yaml("config.yaml"), place.yaml("registry.yaml")
    config.pop("created"), registry.pop("created"), config["installation"].pop("id")
    secrets = part("credentials").CredentialStore(part("places").Home(place.home)).read()
    return config, registry, secrets, place.journal()["complete"]
