"""The guided migration asks in a terminal, shows a bar, and goes on where it was stopped."""

import os
import pty
import re
import select
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import MIGRATIONS, NOW, STAMP, Run, Site

PHASES = ("Analysis and Planning", "Safety Backup", "Configuration Conversion", "Validation", "Final Setup")
PATIENCE_S = 180.0


def in_a_terminal(words: list[str], answer: bytes) -> tuple[int, str]:
    """Runs agent-orch in a pseudo-terminal and answers every question; its exit code and what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(MIGRATIONS)
        line = [sys.executable, "-m", "pip_package.tools", "orch", "--now", NOW, "--", *words]
        os.execve(sys.executable, line, {**os.environ, "TERM": "xterm"})
    shown, answered, deadline = b"", 0, time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
        while shown.count(b"[Y/n]: ") > answered:
            os.write(terminal, answer)
            answered += 1
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode("utf-8", "replace")


def test_it_asks_before_each_part_and_shows_a_bar(site: Site) -> None:
    before = site.tree()
    code, shown = in_a_terminal(
        ["migrate-from-git", str(site.clone), "--guided", "--offline", "--home", str(site.home)], b"\r"
    )
    assert code == 0, shown
    assert [name for number, name in enumerate(PHASES, 1) if f"Phase {number}: {name}" not in shown] == []
    assert shown.count("[Y/n]: ") == 5
    assert "━" in shown
    assert "Projects migrated: 3/3 successful" in shown
    assert "Custom modifications: ✓ 7 files preserved" in shown
    assert site.tree() == before
    assert (site.folder / f".agent-workflow.migration-backup-{STAMP}/manifest.json").is_file()
    log = (site.home / f"logs/migration-{STAMP}.log").read_text()
    assert re.findall(r" (\w+): done", log) == [
        "analyze", "backup", "convert", "credentials", "register", "validate", "test",
    ]  # fmt: skip


def test_saying_no_stops_and_the_same_command_goes_on(site: Site, orch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter("yyn")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: next(answers))
    words = ("migrate-from-git", site.clone, "--guided", "--offline", "--home", site.home)
    stopped = orch(*words)
    assert (stopped.code, "the same command goes on" in stopped.err) == (1, True)
    assert orch("health", "--home", site.home).code == 1
    done = orch(*words, "--yes")
    assert (done.code, done.err) == (0, "")
    assert "Phase 2" not in done.out
    assert orch("health", "--home", site.home).code == 0


def start_legacy(site: Site) -> None:
    (site.clone / ".orch.pid").write_text(str(os.getpid()))


def make_dirty(site: Site) -> None:
    (site.code / "my-webapp/.git").mkdir()


HINDRANCES: dict[str, tuple[Callable[[Site], object], str]] = {
    "source": (lambda site: (site.clone / "orchestrator.yaml").unlink(), "Source directory accessible"),
    "running": (start_legacy, "No running orchestrator processes"),
    "dirty": (make_dirty, "Git repositories clean"),
}


@pytest.mark.parametrize("name", HINDRANCES)
def test_what_stands_in_the_way_is_told_before_it_begins(site: Site, orch: Run, name: str) -> None:
    hinder, line = HINDRANCES[name]
    if name == "dirty" and shutil.which("git") is None:
        pytest.skip("there is no git: a project's repository cannot be looked at")
    hinder(site)
    done = orch("migrate-from-git", site.clone, "--guided", "--yes", "--offline", "--home", site.home)
    assert (done.code, f"✗ {line}" in done.out) == (1, True)
    assert not site.home.exists()


def test_a_network_that_is_away_and_a_full_disk_are_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent_workflow import guided
    from agent_workflow.places import Home

    monkeypatch.setenv("AGENT_WORKFLOW_INTEGRATIONS", "http://127.0.0.1:9")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 10})())
    found = {what: good for what, good, _ in guided.precheck(Path(site.clone), Home(site.home), offline=False)}
    assert (found["Sufficient disk space"], found["Network connectivity available"]) == (False, False)
