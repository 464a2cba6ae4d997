"""The orchestrator that runs: connects to Discord, answers what projects are asked there, and ends when told; one per home."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from . import clock, documents, durable, integrations
from .credentials import CredentialStore
from .places import Home
from .refusals import RefusedError

WAIT_S = 15.0
PAUSE_S = 0.3
# It outlives the command that starts it; nobody is to wait for it because its handle is thrown away.
_STARTED: list[subprocess.Popen[bytes]] = []


def running(home: Home) -> int | None:
    """The process of a home's orchestrator, if it runs; a number that another program has by now is none."""
    try:
        pid = int(home.pid.read_text(encoding="utf-8"))
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"agent_workflow" in words else None


def start(home: Home, *, with_discord: bool) -> int:
    """Starts it beside this process and returns its number; RefusedError when it does not come up."""
    if (pid := running(home)) is not None:
        return pid
    words = [sys.executable, "-m", "agent_workflow", "serve", "--home", str(home.folder)]
    around = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
    }
    durable.make_folder(home.logs)
    with (home.logs / "orchestrator.log").open("ab") as log:
        child = subprocess.Popen(
            [*words, *(["--discord"] if with_discord else [])],
            env=around,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _STARTED.append(child)
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline and child.poll() is None:
        if home.pid.exists():
            return child.pid
        time.sleep(0.05)
    child.kill()
    raise RefusedError("not-started", f"the orchestrator does not come up; see {home.logs / 'orchestrator.log'}")


def stop(home: Home) -> bool:
    """Asks it to end and waits; whether there was one."""
    pid = running(home)
    if pid is None:
        home.pid.unlink(missing_ok=True)
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + WAIT_S
    while home.pid.exists():
        if time.monotonic() > deadline:
            raise RefusedError("orchestrator-runs", f"process {pid} does not end; end it and repeat")
        time.sleep(0.05)
    return True


def serve(home: Home, *, with_discord: bool) -> None:
    """Runs until it is told to end."""
    ended: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        ended.append(number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if with_discord:
        answer_once(home)
    durable.write(home.pid, str(os.getpid()).encode())
    try:
        while not ended:
            time.sleep(PAUSE_S)
            if with_discord:
                answer_once(home)
    finally:
        home.pid.unlink(missing_ok=True)


def answer_once(home: Home) -> int:
    """Answers every command that waits in the projects' channels; RefusedError when Discord does not answer at all."""
    registry = documents.read(home.registry)
    found = integrations.endpoints(documents.read(home.config), CredentialStore(home).read())
    discord = next((each for each in found if each.name == "discord"), None)
    if discord is None:
        raise RefusedError("no-discord", "Discord is not configured; set it up in config.yaml")
    if integrations.ask(discord, "/gateway") is None:
        raise RefusedError(
            "no-discord", f"{discord.url} does not answer; run agent-orch recover --issue integration_failure"
        )
    count = 0
    for name, project in registry["projects"].items():
        channel = (project.get("discord_channel") or {}).get("id")
        for message in integrations.ask(discord, f"/channels/{channel}/messages") or [] if channel else []:
            answer = {"to": message["id"], "content": _answer(home, name, str(message["content"]))}
            integrations.ask(discord, f"/channels/{channel}/answers", "POST", answer)
            count += 1
    return count


def projects(home: Home) -> list[dict[str, Any]]:
    """Every project of the registry with what its state says."""
    found = []
    usual = documents.read(home.config).get("global", {}).get("default_mode", "blocking")
    for name, project in documents.read(home.registry).get("projects", {}).items():
        folder = home.expand(project["path"])
        state = folder / ".orch-state/state.json"
        tasks = len(json.loads(state.read_bytes())["tasks"]) if state.is_file() else 0
        mode = project.get("default_mode", usual)
        found.append({"name": name, "path": str(folder), "mode": mode, "tasks": tasks, "there": folder.is_dir()})
    return found


def _answer(home: Home, name: str, words: str) -> str:
    here = next(each for each in projects(home) if each["name"] == name)
    if words.endswith("status"):
        return f"{name}: {here['tasks']} tasks, mode {here['mode']}"
    if words.endswith("time"):
        return clock.now().isoformat()
    return f"{name}: unknown command {words!r}; try /status"
