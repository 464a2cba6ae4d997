"""V3's client of the model API: tries again after failures that pass, stops asking while none succeeds, falls back to kept answers."""

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp

ATTEMPTS = 4
ATTEMPT_TIMEOUT_S = 1.0
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
# A lost call costs its user seconds, so after a few of them only one in half a second finds out whether the API is back.
LOST_BEFORE_PAUSE = 3
PAUSE_S = 0.5
PASSING = frozenset({408, 429, 500, 502, 503, 504, 529})


class ModelTrouble(RuntimeError):
    """The model API did not answer; `passes` says whether asking again may help, `after_s` when."""

    def __init__(self, message: str, *, passes: bool, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.passes = passes
        self.after_s = after_s


class NoAnswer(RuntimeError):
    """Neither the model API nor what was kept has an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said: just now, or when it was last asked the same."""

    text: str
    source: str
    attempts: int


class Kept(Protocol):
    """Where answers are kept, by a hash of the prompt."""

    async def answer(self, prompt_hash: str) -> str | None:
        """The answer that was kept."""

    async def keep(self, prompt_hash: str, answer: str) -> None:
        """Keeps an answer."""


@dataclass(slots=True)
class Breaker:
    """Keeps calls away from an API that has failed several in a row, except one now and then."""

    clock: Callable[[], float]
    lost: int = 0
    until: float = 0.0

    def attempts(self) -> int:
        """How often this call may try the API: once to find out whether it is back, not at all before that is due."""
        if self.lost < LOST_BEFORE_PAUSE:
            return ATTEMPTS
        if self.clock() < self.until:
            return 0
        self.until = self.clock() + PAUSE_S
        return 1

    def note(self, *, answered: bool) -> None:
        """How a call ended."""
        self.lost = 0 if answered else self.lost + 1
        self.until = self.clock() + PAUSE_S


@dataclass(slots=True)
class ModelClient:
    """The model API at a URL; `count` hears of attempts and of how calls ended."""

    url: str
    key: str
    kept: Kept
    count: Callable[[str], None]
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random)
    breaker: Breaker = field(init=False)
    _session: aiohttp.ClientSession | None = None

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.clock)

    async def ask(self, prompt: str) -> Answer:
        """The model's answer, or the one that was kept; raises NoAnswer."""
        named = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()
        trouble = "it has failed too often just now"
        allowed = self.breaker.attempts()
        if allowed:
            try:
                text, attempts = await self._tried(prompt, allowed)
            except ModelTrouble as error:
                trouble = str(error)
                self.breaker.note(answered=not error.passes)
            else:
                self.breaker.note(answered=True)
                await self.kept.keep(named, text)
                self.count("ok")
                return Answer(text, "model", attempts)
        known = await self.kept.answer(named)
        if known is None:
            self.count("failed")
            raise NoAnswer(f"the model API does not answer, {trouble}; no earlier answer to this prompt is kept")
        self.count("fallback")
        return Answer(known, "cache", 0)

    async def close(self) -> None:
        """Ends all connections."""
        if self._session is not None:
            await self._session.close()

    async def _tried(self, prompt: str, allowed: int) -> tuple[str, int]:
        for attempt in range(1, allowed + 1):
            self.count("attempt")
            try:
                return await self._once(prompt), attempt
            except ModelTrouble as error:
                if not error.passes or attempt == allowed:
                    raise
                await self.sleep(self._pause_s(attempt, error.after_s))
        raise AssertionError("the last attempt returns or raises")

    def _pause_s(self, attempt: int, after_s: float) -> float:
        longest = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S)
        # Clients that failed together must not come back together.
        return max(min(after_s, LONGEST_PAUSE_S), self.chance.uniform(longest / 2, longest))

    async def _once(self, prompt: str) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ATTEMPT_TIMEOUT_S))
        try:
            async with self._session.post(
                f"{self.url}/v1/messages", json={"prompt": prompt}, headers={"x-api-key": self.key}
            ) as reply:
                if reply.status != 200:
                    after_s = _seconds(reply.headers.get("retry-after", ""))
                    message = f"it answered {reply.status}"
                    raise ModelTrouble(message, passes=reply.status in PASSING, after_s=after_s)
                return _text(await reply.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ModelTrouble(f"it is silent ({type(error).__name__})", passes=True) from error


def _text(body: bytes) -> str:
    try:
        text = json.loads(body)["text"]
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        raise ModelTrouble("what it answered cannot be read", passes=True)
    return text


def _seconds(word: str) -> float:
    try:
        return max(0.0, float(word))
    except ValueError:
        return 0.0
