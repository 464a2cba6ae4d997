"""Calls the model API for an agent and notes what it was billed; always the one model."""

from contextvars import ContextVar
from dataclasses import dataclass, field

import aiohttp

MODEL_NAME = "claude-sonnet-4.5"
MODEL_ID = "claude-sonnet-4-5-20250929"
TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5)


class ModelError(RuntimeError):
    """The model API did not answer, or said no."""


@dataclass(slots=True)
class Bill:
    """What one task has cost so far."""

    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked."""

    text: str
    input_tokens: int
    output_tokens: int


bill: ContextVar[Bill | None] = ContextVar("bill", default=None)


@dataclass(slots=True)
class ModelClient:
    """The model API at a URL."""

    url: str
    key: str = field(repr=False)
    _session: aiohttp.ClientSession | None = None

    async def ask(self, prompt: Prompt) -> str:
        """The model's answer; raises ModelError."""
        body = {"model": MODEL_ID, "prompt": prompt.text} | {
            "input_tokens": prompt.input_tokens,
            "output_tokens": prompt.output_tokens,
        }
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT, connector=aiohttp.TCPConnector(limit=0))
        try:
            async with self._session.post(
                f"{self.url}/v1/messages", json=body, headers={"x-api-key": self.key}
            ) as answer:
                if answer.status != 200:
                    raise ModelError(f"the model API answered {answer.status}")
                said = await answer.json()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ModelError("the model API does not answer") from error
        _note(said)
        return str(said["text"])

    async def close(self) -> None:
        """Ends all connections."""
        if self._session:
            await self._session.close()


def _note(said: dict[str, dict[str, int]]) -> None:
    spent = bill.get()
    if spent is not None:
        spent.model = MODEL_NAME
        spent.input_tokens += said["usage"]["input_tokens"]
        spent.output_tokens += said["usage"]["output_tokens"]
        spent.usd += float(said["usd"])  # type: ignore[arg-type]
