"""Asks services and a Prometheus server over HTTP; judges none of the answers."""

from functools import cache
from typing import Any

import httpx

TIMEOUT_S = 20


@cache
def client() -> httpx.Client:
    """One client with kept connections; making one costs more than a request."""
    return httpx.Client(timeout=TIMEOUT_S, trust_env=False)


def ask(url: str, body: object = None, method: str | None = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON document (text where it is none) of a request; POST where there is a body, unless told."""
    asked = method or ("GET" if body is None else "POST")
    answer = client().request(asked, url, json=body, headers=headers)
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, answer.text


def queried(prometheus: str, expression: str) -> list[dict[str, Any]]:
    """The series that an expression gives now; raises ValueError where Prometheus refuses it."""
    status, said = ask(str(httpx.URL(f"{prometheus}/api/v1/query", params={"query": expression})))
    if status != 200:
        raise ValueError(f"{expression}: {said}")
    series: list[dict[str, Any]] = said["data"]["result"]
    return series


def firing(prometheus: str) -> set[tuple[str, str]]:
    """Name and instance of each alert that fires now."""
    _, said = ask(f"{prometheus}/api/v1/alerts")
    return {
        (alert["labels"]["alertname"], alert["labels"].get("instance", ""))
        for alert in said["data"]["alerts"]
        if alert["state"] == "firing"
    }
