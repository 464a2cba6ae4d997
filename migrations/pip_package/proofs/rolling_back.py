"""The three kinds of rollback: steps, order, a step that fails, and what is exactly as before afterwards."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from pip_package.proofs.proof import Place, part, tree, user_data
from plumbing.proof import Proof

STEPS = [
    "Stop orchestrator", "Remove new installation", "Restore configuration", "Restore project data",
    "Restore credentials", "Verify restoration", "Restart services",
]  # fmt: skip


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    _full(proof, Place(folder / "a", "advanced"))
    _without_clone(proof, Place(folder / "b"))
    _by_script(proof, Place(folder / "c"))
    _parts(proof, Place(folder / "d"))
    _failing(proof, Place(folder / "e"))


def _moved(place: Place) -> dict[str, tuple[int, str]]:
    """What the clone was before; then it is migrated."""
    before = user_data(place)
    done = place.orch("migrate-from-git", str(place.source), "--automated", "--offline")
    return before if done.returncode == 0 else {"not migrated": (0, done.stderr)}


def _rollback(place: Place, only: tuple[str, ...] = ()) -> Any:
    manifest = part("backup").BackupManifest.load(place.backup())
    manifest.home = str(place.home)
    return part("rollback").MigrationRollback(manifest, only)


def _full(proof: Proof, place: Place) -> None:
    before = _moved(place)
    _spoil(place)
    made = place.backup()
    backup = tree(made)
    result = _rollback(place).execute_rollback()
    proof.that("full is the default, with seven steps in order", [step.name for step in result.steps] == STEPS)
    proof.that("all succeed, and so does it", result.success and all(step.success for step in result.steps))
    proof.that("it tells its time", result.timestamp)
    proof.that("the backup stays as it was", tree(made) == backup)
    after = user_data(place)
    proof.that("everything is exactly as before", after == before)
    proof.that("the home is gone", not place.home.exists())
    aside = [path.name for path in place.folder.glob("*.displaced/**/later.*")]
    proof.that("what came later is moved aside", sorted(aside) == ["later.json", "later.yaml"])
    proof.that(
        "a second rollback is the same",
        _rollback(place).execute_rollback("full").success and user_data(place) == before,
    )
    again = place.orch("migrate-from-git", str(place.source), "--automated", "--offline")
    proof.that("afterwards it can be migrated again", again.returncode == 0 and place.journal()["complete"])


def _spoil(place: Place) -> None:
    """What a user, or a bad program, may have done since."""
    (place.source / "orchestrator.yaml").write_text("orchestrator: {default_mode: partial}\n")
    (place.source / ".env").unlink()
    (place.source / "config/later.yaml").write_text("x: 1\n")
    state = place.code / "my-webapp/.orch-state"
    shutil.rmtree(state)
    (place.code / "api-service/.orch-state/later.json").write_text("{}")
    (place.source / "custom/agent-release.yaml").chmod(0o666)
    next((place.source / "logs").iterdir()).unlink()


def _without_clone(proof: Proof, place: Place) -> None:
    before = _moved(place)
    shutil.rmtree(place.source)
    shutil.rmtree(place.code / "my-webapp/.orch-state")
    done = place.orch("restore-migration-backup")
    proof.that("it works after the clone was removed", done.returncode == 0)
    after = user_data(place)
    missing = sorted(name for name in before if after.get(name) != before[name])
    program = (
        "clone/orch.py",
        "clone/README.md",
        "clone/requirements.txt",
        "clone/VERSION",
        "clone/RELEASE.json",
        "clone/.git",
    )
    proof.that("every piece of data is back", [name for name in missing if not name.startswith(program)] == [])
    proof.that("it says that the program has to be cloned again", "clone the program" in done.stdout)


def _by_script(proof: Proof, place: Place) -> None:
    before = _moved(place)
    (place.source / ".env").unlink()
    (place.source / "orchestrator.yaml").write_text("x: 1\n")
    words = [sys.executable, "-I", str(place.backup() / "restore.py")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    proof.that("the script does it without the package", done.returncode == 0 and user_data(place) == before)


def _parts(proof: Proof, place: Place) -> None:
    before = _moved(place)
    state = place.code / "my-webapp/.orch-state/state.json"
    state.write_text("{}")
    (place.source / "orchestrator.yaml").write_text("x: 1\n")
    (place.source / ".env").write_text("NEW=1\n")
    touched, home = tree(place.code), tree(place.home)
    proof.that("configuration alone", _rollback(place).execute_rollback("config_only").success)
    now = user_data(place)
    proof.that("it is back", now["clone/orchestrator.yaml"] == before["clone/orchestrator.yaml"])
    proof.that("the state is left alone", tree(place.code) == touched)
    proof.that("the new installation stays", tree(place.home) == home)
    proof.that("the secrets are left alone", (place.source / ".env").read_text() == "NEW=1\n")
    done = place.orch("restore-migration-backup", "--type", "selective", "--only", "state")
    now = user_data(place)
    proof.that("a chosen part alone", done.returncode == 0)
    proof.that(
        "it is back, too",
        now["code/my-webapp/.orch-state/state.json"] == before["code/my-webapp/.orch-state/state.json"],
    )
    proof.that("what was not chosen is not", (place.source / ".env").read_text() == "NEW=1\n")
    proof.refuses("an unknown kind is a ValueError", ValueError, _rollback(place).execute_rollback, "sideways")
    bad = place.orch("restore-migration-backup", "--type", "selective", "--only", "kitchen")
    proof.that("an unknown part is refused", bad.returncode == 1 and "bad-choice" in bad.stderr)


def _failing(proof: Proof, place: Place) -> None:
    before = _moved(place)
    rollback = part("rollback").MigrationRollback
    for number, name in enumerate(
        (
            "_stop_orchestrator",
            "_remove_new_installation",
            "_restore_configuration",
            "_restore_project_data",
            "_restore_credentials",
            "_verify_restoration",
            "_restart_services",
        )
    ):
        kept = getattr(rollback, name)
        setattr(rollback, name, _broken)
        result = _rollback(place).execute_rollback()
        setattr(rollback, name, kept)
        proof.that(f"{STEPS[number]} that fails is the last", [s.name for s in result.steps] == STEPS[: number + 1])
        proof.that(f"{STEPS[number]} tells its error", result.steps[-1].error == "no" and not result.success)
    proof.that("then it is finished", _rollback(place).execute_rollback().success and user_data(place) == before)
    _moved(place)
    log = next((place.backup() / "logs").iterdir())
    log.write_bytes(b"changed")
    spoiled = place.orch("restore-migration-backup")
    is_untouched = user_data(place) == before and (place.home / "config.yaml").exists()
    proof.that("a damaged backup is refused before anything is done", spoiled.returncode == 1 and is_untouched)


def _broken(_: Any) -> None:
    raise OSError("no")
