"""The eight checks of a migrated home: each passes on a whole one and notices what it is for."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pip_package.proofs.proof import Place, part, stand_ins
from plumbing.proof import Proof

CHECKS = (
    "config_syntax", "config_completeness", "project_discovery", "state_preservation", "credential_migration",
    "integration_connectivity", "command_functionality", "agent_permissions",
)  # fmt: skip


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "a", "advanced")
    with stand_ins(place) as server:
        done = place.orch("migrate-from-git", str(place.source), "--automated")
        proof.that("the sample is migrated", done.returncode == 0)
        os.environ["AGENT_WORKFLOW_INTEGRATIONS"] = server.url
        manifest = part("backup").BackupManifest.load(place.backup())
        validator = part("validation").MigrationValidator(manifest)

        def report() -> Any:
            return validator.validate_migration(place.source, place.home / "config.yaml")

        whole = report()
        proof.that("there are exactly eight checks", tuple(whole.checks) == CHECKS)
        proof.that("a whole home passes", whole.passed)
        for name in CHECKS:
            proof.that(f"{name} passes on a whole home", whole.checks[name].passed and whole.checks[name].message)
        for check, what, spoil in _spoilings(place):
            _noticed(proof, place, report, check, what, spoil)
        _commands(proof, report)
        server.modes["claude"] = "down"
        failed = report().checks["integration_connectivity"]
        proof.that("an integration that is down is noticed", not failed.passed and "claude" in failed.message)


def _spoilings(place: Place) -> list[tuple[str, str, Callable[[], object]]]:
    config, registry = place.home / "config.yaml", place.home / "registry.yaml"
    state = next(place.code.rglob(".orch-state/state.json"))
    return [
        ("config_syntax", "a malformed file", lambda: _write(config, "global: [")),
        (
            "config_syntax",
            "a level that is none",
            lambda: _edit(config, lambda c: c["global"].update(log_level="LOUD")),
        ),
        ("config_syntax", "a key that nobody knows", lambda: _edit(config, lambda c: c.update(colour=1))),
        (
            "config_completeness",
            "a setting that is gone",
            lambda: _edit(config, lambda c: c["ai_provider"].pop("model")),
        ),
        (
            "config_completeness",
            "a number that became a text",
            lambda: _edit(config, lambda c: c["ai_provider"].update(max_tokens="4096")),
        ),
        (
            "config_completeness",
            "a file of one's own that is gone",
            lambda: _edit(config, lambda c: c["legacy_extra"].pop("config/hooks.yaml")),
        ),
        ("project_discovery", "a project that is gone", lambda: _edit(registry, lambda r: r["projects"].popitem())),
        ("state_preservation", "a state that was touched", lambda: _write(state, state.read_text() + " ")),
        ("state_preservation", "a file more", lambda: _write(state.with_name("more.json"), "{}")),
        (
            "agent_permissions",
            "an agent that may more",
            lambda: _edit(config, lambda c: c["agents"]["release"]["permissions"].append("deploy")),
        ),
    ]


def _noticed(
    proof: Proof, place: Place, report: Callable[[], Any], check: str, what: str, spoil: Callable[[], object]
) -> None:
    kept = place.folder.with_name("kept")
    shutil.copytree(place.home, kept / "home", symlinks=True)
    shutil.copytree(place.code, kept / "code", symlinks=True)
    spoil()
    found = report()
    proof.that(f"{what} is noticed by {check}", not found.checks[check].passed and not found.passed)
    proof.that(f"{what} is told", found.checks[check].message and found.checks[check].error)
    for name, target in (("home", place.home), ("code", place.code)):
        shutil.rmtree(target)
        shutil.move(kept / name, target)


def _commands(proof: Proof, report: Callable[[], Any]) -> None:
    command = part("cli").group.commands["status"]
    kept, command.help = command.help, ""
    found = report().checks["command_functionality"]
    proof.that("a command that cannot explain itself is noticed", not found.passed and "status" in found.message)
    command.help = kept


def _edit(path: Path, change: Callable[[Any], object]) -> None:
    yaml = YAML()
    said = yaml.load(path)
    change(said)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(said, file)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
