"""A real third-party database migration by the how-to's plan file alone: what changed is found, the rest stays quiet."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from godwit.reporting import read_verdict
from godwit.verdict import Verdict
from tests.docs.test_docs import ROOT, plans_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PAGE = ROOT / "docs/how-to/verify-a-database-migration.md"
GODWIT = str(Path(sys.executable).with_name("godwit"))
# Out of the release notes of version 3, by the check that meets it.
KNOWN: Mapping[str, set[tuple[str, str]]] = {
    "database/the-mapping-is-kept/deployments": {
        ("column is missing", f"deployment.{name}") for name in ("schedule", "is_schedule_active", "manifest_path")
    },
    "service/the-candidate-answers-as-the-baseline/deployment": {
        *(("missing", f"/{name}") for name in ("schedule", "is_schedule_active", "manifest_path")),
        *(("missing", f"/schedules/0/{name}") for name in ("catchup", "max_active_runs")),
        ("renamed", "/infra_overrides"),
    },
    "service/the-candidate-answers-as-the-baseline/notification-policies": {("status", "/@status")},
    "service/the-candidate-answers-as-the-baseline/client-of-version-2": {("status", "/1/@status")},
}


def verify(folder: Path, *words: str) -> Verdict:
    """Run the page's plan to its end."""
    plan, out = plans_in(PAGE, folder)[0], folder / "out"
    command = [GODWIT, "verify", str(plan), "--out", str(out), *words]
    environment = {**os.environ, "UV_EXCLUDE_NEWER": "2026-03-01"}
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, env=environment, capture_output=True, text=True, timeout=800, check=False
    )
    assert (out / "verdict.json").exists(), ended.stdout + ended.stderr
    return read_verdict(out)


def test_each_known_change_is_found_and_nothing_else(tmp_path: Path) -> None:
    verdict = verify(tmp_path)
    found = {check.id.partition("/")[2]: {(it.what, it.where) for it in check.findings} for check in verdict.checks}
    assert {check: findings for check, findings in found.items() if findings} == KNOWN
    assert {str(check.outcome) for check in verdict.checks} == {"passed", "failed"}
    assert len(found) == 20
    assert verdict.exit_code == 10


def test_the_old_server_beside_itself_is_quiet(tmp_path: Path) -> None:
    assert str(verify(tmp_path, "--candidate-as", "baseline", "--phase", "service").word) == "GO"
