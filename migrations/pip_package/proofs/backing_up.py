"""Backup: six categories, manifest, script, and each of the four checks notices what it is for."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pip_package.proofs.proof import Place, open_secrets, part, tree, user_data
from plumbing.proof import Proof

CATEGORIES = ("config", "projects", "state", "credentials", "logs", "custom")
CHECKS = ("checksums", "required files", "project states", "credential encryption")
MOMENT = datetime(2024, 1, 15, 14, 30, 47, tzinfo=UTC)


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "a", "advanced")
    home = part("places").Home(place.home)
    maker = part("backup").MigrationBackup(place.source, place.folder, home)
    manifest = maker.create_comprehensive_backup(MOMENT)
    made = Path(manifest.backup_path)
    _manifest(proof, manifest, made)
    _whole(proof, place, manifest, made)
    proof.that("a fresh backup is whole", maker.verify_backup_integrity(manifest))
    for name, check, spoil in _damages(made, place):
        _noticed(proof, maker, manifest, name, check, spoil)
    proof.that("mended it is whole again", maker.verify_backup_integrity(manifest))
    shown = place.orch("verify-backup", str(made))
    proof.that("the command says the same", shown.returncode == 0 and shown.stdout.count("✓") == 4)
    kept = (made / "manifest.json").read_bytes()
    _change(made / "manifest.json")
    refused = place.orch("verify-backup", str(made))
    proof.that("it refuses a manifest that was changed", refused.returncode == 1 and "was changed" in refused.stderr)
    (made / "manifest.json").write_bytes(kept)
    second = maker.create_comprehensive_backup(MOMENT)
    proof.that("a second one in the same second has another name", second.backup_id != manifest.backup_id)
    _script(proof, place, made)


def _manifest(proof: Proof, manifest: Any, made: Path) -> None:
    proof.that("its id tells its time", manifest.backup_id == "migration-backup-20240115-143047" == made.name)
    proof.that("the id has its form", re.fullmatch(r"migration-backup-\d{8}-\d{6}", manifest.backup_id))
    text = (made / "manifest.json").read_text(encoding="utf-8")
    said = json.loads(text)
    proof.that(
        "four fields name it", all(said[name] for name in ("backup_id", "created", "source_path", "backup_path"))
    )
    proof.that("it is indented by two", text == json.dumps(said, indent=2))
    proof.that("it says what the object says", said == manifest.to_dict())
    proof.that("its time is ISO", datetime.fromisoformat(said["created"]) == MOMENT)
    for name in CATEGORIES:
        proof.that(f"{name} has a folder", (made / name).is_dir())


def _whole(proof: Proof, place: Place, manifest: Any, made: Path) -> None:
    counts = {name: manifest.count(name) for name in CATEGORIES}
    proof.that("twelve files of configuration", counts["config"] == 12)
    proof.that("three projects", counts["projects"] == 3)
    state = [p for p in place.code.rglob(".orch-state/**/*") if p.is_symlink() or p.is_file()]
    proof.that("every file of state", counts["state"] == len(state))
    proof.that("35 days of logs", counts["logs"] == 35)
    agents = [e for e in manifest.files if e["category"] == "custom" and "/agent-" in e["path"]]
    proof.that("both agents of one's own", len(agents) == 2)
    proof.that("the secrets", counts["credentials"] == 1)
    proof.that("seven modified files", sum(1 for entry in manifest.files if entry["modified"]) == 7)
    plain = [e for e in manifest.files if e["kind"] == "file" and not e["encrypted"]]
    same = [(made / e["path"]).read_bytes() == Path(e["original_path"]).read_bytes() for e in plain]
    proof.that("what is not secret is kept as it is", same and all(same))
    proof.that("no secret stands open in it", open_secrets(place, made) == [])
    proof.that(
        "permissions are kept", {e["mode"] for e in manifest.files if e["path"].endswith("history.jsonl")} == {0o640}
    )


def _damages(made: Path, place: Place) -> list[tuple[str, str, Callable[[], object]]]:
    log = next((made / "logs").iterdir())
    state = next((made / "state").rglob("state.json"))
    task = next((made / "state").rglob("tasks/*.json"))
    secret = next(path for path in (made / "credentials").iterdir() if path.is_file())
    return [
        ("one bit of a log", "checksums", lambda: _flip(log)),
        ("a log cut short", "checksums", lambda: log.write_bytes(log.read_bytes()[:-1])),
        ("a log that is gone", "required files", log.unlink),
        ("a file that nobody put there", "required files", lambda: (made / "config/foreign.yaml").write_text("x: 1\n")),
        ("a task that its state names and that is gone", "project states", task.unlink),
        ("a state that is no JSON", "project states", lambda: state.write_text("{")),
        ("a secret in plain", "credential encryption", lambda: secret.write_bytes((place.source / ".env").read_bytes())),
        ("a manifest that was changed", "checksums", lambda: _change(made / "manifest.json")),
    ]  # fmt: skip


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)


def _change(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace('"logs"', '"custom"', 1), encoding="utf-8")


def _noticed(proof: Proof, maker: Any, manifest: Any, name: str, check: str, spoil: Callable[[], object]) -> None:
    made = Path(manifest.backup_path)
    kept = made.with_name(f"{made.name}.kept")
    shutil.copytree(made, kept, symlinks=True)
    spoil()
    proof.that(f"{name} is noticed by {check}", maker.damages(manifest)[check])
    proof.that(f"{name} makes the backup worthless", not maker.verify_backup_integrity(manifest))
    shutil.rmtree(made)
    kept.rename(made)


def _script(proof: Proof, place: Place, made: Path) -> None:
    before = user_data(place)
    elsewhere = place.folder / "elsewhere"
    words = [sys.executable, str(made / "restore.py"), "--move", f"{place.folder}={elsewhere}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    proof.that("the script restores without the package", done.returncode == 0)
    back = tree(elsewhere / "code")
    state = {name[5:]: said for name, said in before.items() if name.startswith("code/") and ".orch-state/" in name}
    proof.that(
        "every file of state is back as it was", state and all(back.get(name) == said for name, said in state.items())
    )
    secrets = elsewhere / "old-agent-workflow/.env"
    proof.that("the secrets are back", secrets.read_bytes() == (place.source / ".env").read_bytes())
    proof.that("and only their owner reads them", secrets.stat().st_mode & 0o77 == 0)
    _flip(next((made / "logs").iterdir()))
    refused = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    proof.that("a damaged backup is not restored", refused.returncode == 1 and "was changed" in refused.stderr)
