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
