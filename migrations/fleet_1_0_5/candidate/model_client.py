"""Speaks to the model API: a whole answer, or chunk by chunk; retries nothing by itself."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

PATIENCE = aiohttp.ClientTimeout(total=60, connect=5)
# A stream may last; how long it may be silent is the stream manager's to say.
LASTING = aiohttp.ClientTimeout(total=None, connect=5)


class ModelTrouble(RuntimeError):
    """The model API is silent, or refuses."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer with its bill."""

    text: str
    input_tokens: int
    output_tokens: int
    usd: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which model."""

    provider_id: str
    prompt: str
    input_tokens: int
    output_tokens: int

    def body(self, *, stream: bool) -> dict[str, Any]:
        """As the API wants it."""
        return {
            "model": self.provider_id,
            "prompt": self.prompt,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "stream": stream,
        }


class ModelClient:
    """The model API at a URL."""

    def __init__(self, url: str, key: str) -> None:
        self._url = f"{url}/v1/messages"
        self._headers = {"x-api-key": key}
        self._sessions: list[aiohttp.ClientSession] = []

    async def whole(self, question: Question) -> Answer:
        """The answer at once; raises ModelTrouble."""
        try:
            async with self._session().post(
                self._url, json=question.body(stream=False), headers=self._headers, timeout=PATIENCE
            ) as reply:
                _refuse(reply.status)
                return _answer(await reply.json(), "text")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ModelTrouble("the model API does not answer") from error

    async def chunks(self, question: Question) -> AsyncIterator[str | Answer]:
        """Chunks as they come, the whole answer last; raises ModelTrouble."""
        try:
            async with self._session().post(
                self._url, json=question.body(stream=True), headers=self._headers, timeout=LASTING
            ) as reply:
                _refuse(reply.status)
                async for line in reply.content:
                    said = json.loads(line)
                    yield said["text"] if "text" in said else _answer(said, "end")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ModelTrouble("the model API does not answer") from error

    async def close(self) -> None:
        """Ends all connections."""
        for session in self._sessions:
            await session.close()

    def _session(self) -> aiohttp.ClientSession:
        if not self._sessions:
            self._sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        return self._sessions[0]


@dataclass(slots=True)
class Tab:
    """What one task has run up."""

    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    asked: list[str] = field(default_factory=list)

    def add(self, model: str, answer: Answer) -> None:
        """One more answer."""
        self.asked.append(model)
        self.tokens_in += answer.input_tokens
        self.tokens_out += answer.output_tokens
        self.usd += answer.usd


def _refuse(status: int) -> None:
    if status != 200:
        raise ModelTrouble(f"the model API answered {status}")


def _answer(said: dict[str, Any], text: str) -> Answer:
    usage = said["usage"]
    return Answer(str(said[text]), int(usage["input_tokens"]), int(usage["output_tokens"]), float(said["usd"]))
