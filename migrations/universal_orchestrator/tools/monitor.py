"""The monitor loop: asks for the status at an interval, logs four fields, alerts when health is not healthy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from universal_orchestrator.tools.refusals import RefusedError

EVERY_S = 60.0


def ask(url: str) -> dict[str, Any]:
    """The status of a running service; RefusedError where there is none."""
    try:
        answer = httpx.get(f"{url}/api/v2/status", timeout=5)
        answer.raise_for_status()
        status: dict[str, Any] = answer.json()
        return status
    except (httpx.HTTPError, ValueError) as error:
        raise RefusedError(f"no status at {url}: {type(error).__name__}") from None


def switch_plugin(url: str, name: str, is_on: bool) -> list[str]:
    """The plugins that are on afterwards, none on a legacy service.

    RefusedError if the service would not, is not healthy, or serves no more.
    """
    try:
        answer = httpx.put(f"{url}/api/v2/plugins", json={f"enable_{name}_plugin": is_on}, timeout=10)
        # Nobody can do this task, so that asking leaves no trace.
        work = httpx.post(f"{url}/api/tasks", json={"required_capabilities": ["nobody-has-this"]}, timeout=10)
        version = httpx.get(f"{url}/version", timeout=10).json()["version"]
    except httpx.HTTPError as error:
        raise RefusedError(f"no answer at {url}: {type(error).__name__}") from None
    if version.startswith("28."):
        return []  # the legacy service has no plugins to switch
    if answer.status_code != 200:
        raise RefusedError(f"{name} could not be switched: {answer.text}")
    if work.status_code != 201:
        raise RefusedError(f"with {name} {'on' if is_on else 'off'} no task is taken: {work.text}")
    if (health := ask(url)["health_status"]) != "healthy":
        raise RefusedError(f"with {name} {'on' if is_on else 'off'} the service is {health}")
    names: list[str] = answer.json()["plugins"]
    if (name in names) != is_on:
        raise RefusedError(f"{name} is {'not ' if is_on else 'still '}there")
    return names


def record(status: dict[str, Any]) -> dict[str, Any]:
    """The four fields of one log line; performance_score is the average duration of a task in milliseconds."""
    return {
        "health": status["health_status"],
        "agents": status["agents"]["total"],
        "active_tasks": status["tasks"]["active"],
        "performance_score": status["performance"]["average_task_duration_ms"],
    }


def watch(
    look: Callable[[], dict[str, Any]],
    polls: int,
    sleep: Callable[[float], object],
    alerts: Path,
    every_s: float = EVERY_S,
) -> list[dict[str, Any]]:
    """The records of so many polls; each that is not healthy is appended to `alerts`."""
    lines = []
    for number in range(polls):
        if number:
            sleep(every_s)
        lines.append(record(look()))
        if lines[-1]["health"] != "healthy":
            with alerts.open("a", encoding="utf-8") as sink:
                sink.write(json.dumps({"alert": f"Orchestrator health degraded: {lines[-1]['health']}"}) + "\n")
    return lines


def drill(alerts: Path) -> list[str]:
    """The health states in which an alert was sent, of all four; each is polled once."""
    alerts.unlink(missing_ok=True)
    sent = []
    for health in ("healthy", "degraded", "unhealthy", "critical"):
        before = alerts.stat().st_size if alerts.exists() else 0
        status = {"health_status": health, "agents": {"total": 0}, "tasks": {"active": 0},
                  "performance": {"average_task_duration_ms": 0.0}}  # fmt: skip
        watch(lambda status=status: status, 1, lambda _: None, alerts)  # type: ignore[misc]
        if (alerts.stat().st_size if alerts.exists() else 0) > before:
            sent.append(health)
    return sent
