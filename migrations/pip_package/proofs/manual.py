"""The manual way: export, an empty installation, import in five parts; no secret lies open between."""

import shutil
from pathlib import Path

from pip_package.proofs.proof import Place, open_secrets, stand_ins, user_data
from plumbing.proof import Proof

FOLDERS = ("old-config", "projects", "integrations", "credentials", "state")


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "a")
    before = user_data(place)
    export = place.folder / "migration-export"
    with stand_ins(place):
        began = place.orch("migrate-from-git", str(place.source), "--manual", "--export")
        proof.that("the manual way begins with an export", began.returncode == 0 and export.is_dir())
        _exported(proof, place, export)
        proof.that("an empty installation is set up", place.orch("init", "--minimal").returncode == 0)
        proof.that(
            "it has its skeleton",
            all((place.home / name).exists() for name in ("config.yaml", "registry.yaml", "logs")),
        )
        listed = place.orch("projects", "list")
        proof.that("it lists no project", (listed.returncode, listed.stdout) == (0, ""))
        done = place.orch("import-config", str(export), "--interactive", given="\n" * 5)
        proof.that("the import asks for five parts", done.returncode == 0 and done.stdout.count("Import ") == 5)
        proof.that("all eight checks pass", "8 of 8 checks passed" in done.stdout)
        _same_as_automated(proof, place, folder)
        for words in (("status",), ("projects", "list"), ("health", "--check-all"), ("start", "--discord", "--once")):
            proof.that(f"{' '.join(words)} works", place.orch(*words).returncode == 0)
    proof.that("nothing of the user's data is lost or changed", user_data(place) == before)
    shutil.rmtree(export)
    proof.that("afterwards no secret is left open", open_secrets(place, place.home) == [])
    neither = place.orch("migrate-from-git", str(place.source))
    proof.that("a way has to be chosen", neither.returncode == 2 and "--guided" in neither.stderr)


def _exported(proof: Proof, place: Place, export: Path) -> None:
    proof.that("there are five folders", sorted(p.name for p in export.iterdir() if p.is_dir()) == sorted(FOLDERS))
    pairs = {
        "orchestrator.yaml": "old-config/orchestrator.yaml",
        "discord-config.yaml": "integrations/discord-config.yaml",
        "projects/my-webapp.yaml": "projects/my-webapp.yaml",
    }
    for old, new in pairs.items():
        proof.that(f"{old} lies in {new}", (export / new).read_bytes() == (place.source / old).read_bytes())
    state = export / "state/my-webapp/state.json"
    proof.that(
        "the state is there", state.read_bytes() == (place.code / "my-webapp/.orch-state/state.json").read_bytes()
    )
    proof.that("no secret stands open in it", open_secrets(place, export) == [])
    other = place.orch("export-config", str(export), "--from", str(place.source))
    proof.that("what is there is not written over", other.returncode == 1)


def _same_as_automated(proof: Proof, place: Place, folder: Path) -> None:
    other = Place(folder / "b")
    with stand_ins(other):
        other.orch("migrate-from-git", str(other.source), "--automated")
    one, two = place.yaml("config.yaml"), other.yaml("config.yaml")
    for said in (one, two):
        said.pop("created"), said["installation"].pop("id")
    proof.that("the settings are those of an automated migration", one == two)
    proof.that(
        "so are the projects", place.yaml("registry.yaml")["projects"] == other.yaml("registry.yaml")["projects"]
    )
    names = [each.orch("credentials", "list").stdout for each in (place, other)]
    proof.that("so are the credentials", names[0] == names[1] and names[0])
