"""Listens to a stream of server-sent events while something is done, and keeps what came; compares nothing."""

import asyncio
import time
from collections.abc import Callable

import httpx
from httpx_sse import SSEError, aconnect_sse

from godwit.verdict import Heard, StreamEvent

MOST_EVENTS = 10_000
"""How many events are kept; a stream that sends more ends there, and says so."""
_OPENS_S = 5.0
_SETTLES_S = 0.1
_LOOK_S = 0.02


class Listener:
    """One stream, opened once."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url, self._headers = url, headers
        self._events: list[StreamEvent] = []
        self._last = 0.0
        self._trouble = ""
        self._open = asyncio.Event()

    async def heard(self, stimulus: Callable[[], None], quiet_s: float, within_s: float) -> Heard:
        """Do the stimulus while listening, and give what came."""
        reading = asyncio.create_task(self._read())
        try:
            await asyncio.wait_for(self._open.wait(), _OPENS_S)
            if not self._trouble:
                # A server may answer before it has put the listener on its list.
                await asyncio.sleep(_SETTLES_S)
                await asyncio.to_thread(stimulus)
                await self._until_quiet(reading, quiet_s, within_s)
        except TimeoutError:
            self._trouble = f"no answer within {_OPENS_S:g} s"
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return Heard(tuple(self._events), self._trouble)

    async def _until_quiet(self, reading: "asyncio.Task[None]", quiet_s: float, within_s: float) -> None:
        self._last = time.monotonic()
        ends = self._last + within_s
        while not reading.done() and time.monotonic() < min(ends, self._last + quiet_s):
            await asyncio.sleep(_LOOK_S)

    async def _read(self) -> None:
        timeout = httpx.Timeout(_OPENS_S, read=None)
        secure = self._url.startswith("https:")
        try:
            async with (
                httpx.AsyncClient(verify=secure, trust_env=False, timeout=timeout) as client,
                aconnect_sse(client, "GET", self._url, headers=self._headers) as source,
            ):
                if source.response.status_code != 200:
                    self._trouble = f"answered {source.response.status_code}, not 200"
                    return
                self._open.set()
                async for event in source.aiter_sse():
                    self._events.append(StreamEvent(event.event, event.data, event.id))
                    self._last = time.monotonic()
                    if len(self._events) >= MOST_EVENTS:
                        self._trouble = f"more than {MOST_EVENTS} events"
                        return
        except SSEError as error:
            self._trouble = f"no event stream: {error}"
        except httpx.HTTPError as error:
            self._trouble = f"{type(error).__name__}: {error}"
        finally:
            self._open.set()
