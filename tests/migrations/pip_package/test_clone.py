"""The clone works by itself, warns in time on the error stream only, and both sides give the same settings."""

import json
import re
import signal
import subprocess
import sys

import pytest

from .conftest import MIGRATIONS, Run, Site

COMMANDS = ("status", "projects", "settings", "credentials")


def clone(site: Site, *words: str, **options: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, str(site.clone / "orch.py"), *words]
    env = {"PATH": "/usr/bin:/bin", **options}
    return subprocess.run(line, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_it_tells_its_version(site: Site) -> None:
    assert clone(site, "--version").stdout == "orch 0.9.8\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_two_weeks_after_the_release_every_command_warns_and_answers_the_same(site: Site, command: str) -> None:
    plain = clone(site, command)
    warned = clone(site, command, ORCH_RELEASED="2024-01-01", ORCH_TODAY="2024-01-15")
    assert (plain.returncode, plain.stderr) == (0, "")
    assert (warned.returncode, warned.stdout) == (0, plain.stdout)
    assert "deprecated" in warned.stderr
    assert "pip install agent-workflow" in warned.stderr


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2024-01-14", ""),
        ("2024-02-25", "deprecated"),
        ("2024-02-26", "security updates only"),
        ("2024-04-29", "end of life: no"),
    ],
    ids=["before-2-weeks", "before-8-weeks", "8-weeks", "sunset"],
)
def test_what_is_said_depends_on_the_day(site: Site, today: str, told: str) -> None:
    said = clone(site, "status", ORCH_RELEASED="2024-01-01", ORCH_TODAY=today).stderr
    assert told in said
    assert bool(said) == bool(told)
    assert ("security" in said) == (today >= "2024-02-26")


def test_after_its_end_it_is_not_set_up_any_more(site: Site) -> None:
    done = clone(site, "setup", ORCH_RELEASED="2024-01-01", ORCH_TODAY="2024-04-29")
    assert (done.returncode, "pip" in done.stderr) == (1, True)


def test_both_list_the_same_projects(moved: Site, orch: Run) -> None:
    listed = clone(moved, "projects").stdout
    assert len(listed.splitlines()) == 3
    assert orch("projects", "list", "--home", moved.home).out == listed


def test_both_have_the_same_settings(moved: Site, orch: Run) -> None:
    from ruamel.yaml import YAML

    old = json.loads(clone(moved, "settings").stdout)
    new = YAML(typ="safe").load(moved.home / "config.yaml")
    assert new["global"]["max_concurrent_projects"] == old["orchestrator"]["max_projects"]
    assert new["ai_provider"]["model"] == old["ai"]["model"]
    assert new["discord"]["channels"] == old["discord-config"]["channels"]
    extra = {name: value for name, value in new["legacy_extra"].items() if name.startswith("config/")}
    assert extra == old["files"]
    assert clone(moved, "credentials").stdout == orch("credentials", "list", "--home", moved.home).out != ""


def test_a_running_clone_is_not_moved_and_stops_when_asked(site: Site, orch: Run) -> None:
    process = subprocess.Popen(
        [sys.executable, str(site.clone / "orch.py"), "start"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        done = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
        assert (done.code, "orchestrator-runs" in done.err) == (1, True)
        assert clone(site, "stop").returncode == 0
        assert process.wait(60) == 0
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not (site.clone / ".orch.pid").exists()


@pytest.mark.parametrize(
    "words", [["--nonsense"], ["no-such-command"], ["migrate-from-git", "/nowhere"], ["recover", "--issue", "x"]]
)
def test_a_misused_command_says_so_in_a_line_or_two(orch: Run, words: list[str]) -> None:
    done = orch(*words)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert done.err


def test_every_command_has_help(orch: Run) -> None:
    from agent_workflow.cli import broken_commands, command_names

    names = command_names()
    assert len(names) >= 18
    assert broken_commands() == []
    for name in names:
        done = orch(*name.split(), "--help")
        assert (done.code, "Usage: agent-orch" in done.out) == (0, True)


def test_every_code_of_a_refusal_is_in_the_reference_and_no_other() -> None:
    package = MIGRATIONS / "pip_package/candidate"
    said = "".join(path.read_text(encoding="utf-8") for path in (package / "agent_workflow").glob("*.py"))
    codes = {*re.findall(r'RefusedError\(\s*"([a-z-]+)"', said), "disk"}
    page = (package / "docs/error-reference.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, flags=re.MULTILINE)) == codes
    assert len(codes) > 20
