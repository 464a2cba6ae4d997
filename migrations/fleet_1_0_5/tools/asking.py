"""Asks a running service over HTTP and reads JSON; refuses with one line where nothing answers."""

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from fleet_1_0_5.tools.refusals import RefusedError

TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, text, and the headers by their names in lower case."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        """The JSON in it, None where there is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


def ask(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """One request; any status is an answer."""
    data = None if body is None else json.dumps(body).encode()
    sent = {"content-type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, method=method, headers=sent)  # noqa: S310 - the operator names it
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return _answer(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        return _answer(error.code, error.read(), dict(error.headers))
    except (OSError, http.client.HTTPException) as error:
        raise RefusedError(f"{method} {url} is not answered: {error}") from None


def demand(method: str, url: str, body: Any = None) -> Any:
    """The JSON of an answer that has to be a good one."""
    answer = ask(method, url, body)
    if not 200 <= answer.status < 300:
        raise RefusedError(f"{method} {url} was answered {answer.status}: {answer.text[:200]}")
    return answer.body


def _answer(status: int, content: bytes, headers: dict[str, str]) -> Answer:
    return Answer(status, content.decode(), {name.lower(): value for name, value in headers.items()})
