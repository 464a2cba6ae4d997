"""A server for the load benchmarks: answers at once, pauses on a schedule if asked to, and keeps a log of when it answered what.

`python load_server.py [--pause-s 0.5 --every-s 5] [--log FILE] [--core 0]` prints its port. It has answered a request when it hands the
bytes to the system; the log has one line for each: number in the query, wall time. It is written when SIGTERM comes.
"""

import argparse
import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httptools
import uvloop

ANSWER = (
    b'{"id": 17, "state": "open", "title": "answers of a size that services have", "by": "ann", "tags": ["a", "b"]}'
)
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)


class Answering(asyncio.Protocol):
    """Answers each request of a connection."""

    def __init__(self, log: list[tuple[int, float]] | None) -> None:
        self._log, self._url = log, b""
        self._transport: Any = None
        self._parser: Any = httptools.HttpRequestParser(self)

    def connection_made(self, transport: Any) -> None:
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Keep where the request goes."""
        self._url = url

    def on_message_complete(self) -> None:
        """Answer, and log it."""
        self._transport.write(WHOLE)
        if self._log is not None:
            self._log.append((int(self._url.rpartition(b"=")[2] or -1), time.time()))


def pause(seconds: float, every_s: float, loop: asyncio.AbstractEventLoop) -> None:
    """Stand still, and do so again."""
    loop.call_later(every_s, pause, seconds, every_s, loop)
    time.sleep(seconds)


async def serve(options: argparse.Namespace) -> None:
    """Answer until SIGTERM."""
    loop = asyncio.get_running_loop()
    log: list[tuple[int, float]] | None = [] if options.log else None
    server = await loop.create_server(lambda: Answering(log), "127.0.0.1", 0, backlog=2048)
    if options.pause_s:
        loop.call_later(options.every_s, pause, options.pause_s, options.every_s, loop)
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await over.wait()
    if options.log:
        Path(options.log).write_text(json.dumps(log), encoding="utf-8")


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pause-s", type=float, default=0.0)
    parser.add_argument("--every-s", type=float, default=5.0)
    parser.add_argument("--log", default="")
    parser.add_argument("--core", type=int, default=-1)
    options = parser.parse_args()
    if options.core >= 0:
        os.sched_setaffinity(0, {options.core})
    uvloop.run(serve(options))


if __name__ == "__main__":
    main()
