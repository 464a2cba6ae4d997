"""Programs of users: untouched ones say the same on both versions, migrated ones get what is new and do without it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
FLEET = MIGRATIONS / "fleet_1_0_5"
SIDES = ("baseline", "candidate")
OWN_AGENTS = [{"type": "lint", "class": "custom_agent:LintAgent"}]
OWN_AGENTS += [{"type": "strict-lint", "class": "custom_agent:StrictLintAgent"}]
OWN = {"agents": OWN_AGENTS, "tools": [{"class": "custom_tool:WordCountTool"}]}
PLAIN = {"fleet": {"id": "f", "name": "F"}, "ai": {"apiKey": "k"}}
ON = {
    "features": {"multiModelRouter": True, "streaming": True},
    "routing": {"enabled": True},
    "streaming": {"enabled": True},
}


def said(module: str, *words: str, library: str | None = None) -> str:
    """What a program prints; it must come to its end."""
    path = os.pathsep.join([*([str(FLEET / library / "library")] if library else []), str(MIGRATIONS)])
    command = [sys.executable, "-m", f"fleet_1_0_5.clients.{module}", *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FEATURE_", "FLEET_"))}
    done = subprocess.run(
        command, capture_output=True, text=True, env=kept | {"PYTHONPATH": path}, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_old_script_says_the_same_on_both_versions(sides: dict[str, Any]) -> None:
    words = {said("legacy", "--url", side.url) for side in sides.values()}
    assert len(words) == 1
    assert "it is kept as it was answered: True" in words.pop()


def test_the_old_program_with_a_fleet_of_its_own_says_the_same_on_both_versions() -> None:
    words = [said("legacy.library_use", library=side) for side in SIDES]
    assert words[0] == words[1]
    assert words[0].count("by its old name: True") == 3


@pytest.mark.parametrize("features", [{}, ON], ids=["off", "on"])
def test_untouched_agents_and_tools_run_on_the_new_version(launch: Any, features: dict[str, Any]) -> None:
    options = ("--extensions", str(FLEET / "clients/legacy"))
    old = launch("baseline", *options, config=PLAIN | OWN)
    new = launch("candidate", *options, config=PLAIN | OWN | features)
    for kind in ("lint", "strict-lint"):
        results = [side.do(agentType=kind, description="old", context=["b", "a"])["result"] for side in (old, new)]
        assert results[0] == results[1]
        assert results[0]["files"] == ["a", "b"]
    call = {"params": {"text": "three short words"}}
    answers = [side.client.post("/tools/word-count/execute", json=call).json() for side in (old, new)]
    assert answers[0] == answers[1] == {"tool": "word-count", "result": {"words": 3}}
    for side in (old, new):
        side.stop()


def test_migrated_agents_and_tools_get_what_is_new(launch: Any) -> None:
    agents = [*OWN_AGENTS, {"type": "selecting", "class": "selecting_agent:SelectingAgent"}]
    config = PLAIN | ON | {"agents": agents, "tools": [{"class": "custom_tool:WordCountTool"}]}
    new = launch("candidate", "--extensions", str(FLEET / "clients/migrated"), config=config)
    assert new.do(agentType="strict-lint")["result"] == {"warnings": 12, "files": [], "passed": False}
    assert new.do(agentType="selecting")["result"]["model"] == "claude-haiku-4"
    new.client.put("/admin/flags", json={"multiModelRouter": False})
    assert new.do(agentType="selecting")["result"]["model"] is None
    call, accept = {"params": {"text": "three short words"}}, {"accept": "text/event-stream"}
    events = new.client.post("/tools/word-count/execute", json=call, headers=accept).text
    assert [line for line in events.splitlines() if line.startswith("event")] == [
        "event: start",
        *["event: chunk"] * 3,
        "event: complete",
    ]
    new.stop()


def test_the_new_script_streams_where_it_can(featured: Any) -> None:
    words = said("migrated", "--url", featured.url)
    assert "a small task is for claude-haiku-4\na large task is for claude-opus-4\n" in words
    assert "chunks in order: True\nstreamed equals whole: True\nit is kept: True\n" in words
    assert "data come as start chunk chunk chunk complete\n" in words


@pytest.mark.parametrize("name", SIDES)
def test_the_new_script_does_without_streams_where_it_must(sides: dict[str, Any], name: str) -> None:
    words = said("migrated", "--url", sides[name].url)
    assert "a small task is for claude-sonnet-4.5\na large task is for claude-sonnet-4.5\n" in words
    assert "tasks come as a whole\nstreamed equals whole: True\nit is kept: True\ndata come as whole\n" in words


def test_the_migrated_agent_is_what_the_codemod_makes_of_the_old_one() -> None:
    migrated = FLEET / "clients/migrated/custom_agent.py"
    program = (
        "import sys; from pathlib import Path; from fleet_1_0_5.tools.codemod import rewritten;"
        "old = Path(sys.argv[1]); sys.stdout.buffer.write(rewritten(old, old.read_bytes()).content)"
    )
    command = [sys.executable, "-c", program, str(FLEET / "clients/legacy/custom_agent.py")]
    made = subprocess.run(command, capture_output=True, env={"PYTHONPATH": str(MIGRATIONS)}, timeout=60, check=True)
    assert made.stdout == migrated.read_bytes()
