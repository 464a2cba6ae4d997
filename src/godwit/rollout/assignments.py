"""Asks an endpoint for the sides of many users at once, in chunks side by side; an answer that does not fit is an error."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from godwit.plan import Evaluator
from godwit.verdict import GodwitError

Rows = Sequence[Sequence[str | None]]
"""Users, each told by the values of its attributes; None where it has none."""


def bulk(url: str, evaluator: Evaluator, rows: Rows) -> Callable[[float], list[str]]:
    """A question that can be put for every percentage: the words for the users in their order.

    It raises GodwitError when the endpoint refuses, does not answer, or answers for another number of users.
    """
    parts = [list(part) for part in _chunks(rows, evaluator.chunk)]
    write = _lines if evaluator.lines else json.dumps
    ready = [write(part) for part in parts]

    def ask(percent: float) -> list[str]:
        where = url.rstrip("/") + str(evaluator.path).replace("{percent}", f"{percent:g}")
        more = json.dumps(_filled(evaluator.body, percent))[1:-1]
        with (
            httpx.Client(verify=where.startswith("https:"), trust_env=False, timeout=evaluator.timeout_s) as client,
            ThreadPoolExecutor(evaluator.at_once) as pool,
        ):
            one = _of_lines if evaluator.lines else _of_document
            answers = pool.map(lambda text: one(client, where, text, more), ready)
            return [each for part, found in zip(parts, answers, strict=True) for each in _fitting(where, part, found)]

    return ask


def word(value: Any) -> str:
    """How an answer is written: texts as they are, true and false and numbers as in JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _chunks(rows: Rows, size: int) -> list[Rows]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _lines(part: Rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in part)


def _of_document(client: httpx.Client, where: str, users: str, more: str) -> list[str]:
    body = f'{{"users": {users}{", " + more if more else ""}}}'
    answer = _answered(where, lambda: client.post(where, content=body, headers={"content-type": "application/json"}))
    try:
        found = answer.json()
    except ValueError:
        raise GodwitError(f"POST {where} answered no JSON: {answer.text[:100]!r}") from None
    sides = found.get("assignments") if isinstance(found, dict) else None
    if not isinstance(sides, list):
        raise GodwitError(f"POST {where} answered {found!r:.200}, not a list under 'assignments'")
    return [word(side) for side in sides]


def _of_lines(client: httpx.Client, where: str, users: str, _: str) -> list[str]:
    headers = {"content-type": "application/x-ndjson"}
    answer = _answered(where, lambda: client.post(where, content=users, headers=headers))
    return [line.strip().strip('"') for line in answer.text.splitlines() if line.strip()]


def _answered(where: str, ask: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        answer = ask()
    except httpx.HTTPError as error:
        raise GodwitError(f"POST {where}: no answer: {str(error) or type(error).__name__}") from None
    if not 200 <= answer.status_code < 300:
        raise GodwitError(f"POST {where}: refused with {answer.status_code}: {answer.text[:300]}")
    return answer


def _fitting(where: str, asked: Rows, found: list[str]) -> list[str]:
    if len(found) != len(asked):
        raise GodwitError(f"POST {where}: {len(found)} assignment(s) for {len(asked)} users")
    return found


def _filled(value: Any, percent: float) -> Any:
    """A body with the percentage in it: a number where it stands alone."""
    if value == "{percent}":
        return int(percent) if percent == int(percent) else percent
    if isinstance(value, dict):
        return {key: _filled(item, percent) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, percent) for item in value]
    return value.replace("{percent}", f"{percent:g}") if isinstance(value, str) else value
