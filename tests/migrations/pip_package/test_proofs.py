"""The proofs can fail: each statement here is broken by what it is about, and by that alone."""

from pathlib import Path
from typing import Any

import pytest

SHOWN = (
    "Pre-migration checklist:\n├── ✓ No running orchestrator processes\nPhase 1: Analysis and Planning\nContinue? [Y/n]"
)


def broken(proof: Any) -> list[str]:
    """The statements that do not hold."""
    return list(proof._broken)  # what it prints at its end


def test_a_project_without_its_labels_breaks_the_proof_of_conversions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent_workflow.conversion import ConfigurationConverter

    from pip_package.proofs import converting
    from pip_package.proofs.proof import Place
    from plumbing.proof import Proof

    whole = ConfigurationConverter.convert_project

    def without(self: Any, path: Path, clone: Path | None = None) -> dict[str, Any]:
        entry = whole(self, path, clone)
        entry.get("legacy_extra", {}).pop("labels", None)
        return entry

    monkeypatch.setattr(ConfigurationConverter, "convert_project", without)
    proof = Proof()
    converting._registry(proof, Place(tmp_path / "a"))  # this part of it alone
    assert broken(proof) == ["labels stay with my-webapp if it has any"]


def test_an_orchestrator_that_runs_and_is_not_noticed_breaks_the_proof_of_guided_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pip_package.proofs import guided
    from pip_package.proofs.proof import Place
    from plumbing.proof import Proof

    monkeypatch.setattr(guided, "typed", lambda *_: (1, SHOWN))
    proof = Proof()
    guided._refused(proof, Place(tmp_path / "a"), "http://127.0.0.1:9")  # this part of it alone
    assert "a running orchestrator is refused" in broken(proof)


def test_a_status_that_tells_nothing_is_no_answer() -> None:
    from pip_package.asking import said

    assert said("status", "├── Mode: blocking\n└── Projects: 3\n") == {"mode": "blocking", "projects": "3"}
    with pytest.raises(KeyError):
        said("status", "Traceback")
