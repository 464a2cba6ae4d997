"""A service that keeps memory, files or sockets of every so many requests, on purpose; LEAKS says which."""

import asyncio
import os
import socket
import sys
from typing import Any

KEEPS = os.environ.get("LEAKS", "")
EVERY, SIZE = int(os.environ.get("LEAKS_EVERY", "1")), int(os.environ.get("LEAKS_BYTES", "1000"))
KEPT: list[Any] = []
ANSWER = b'{"status": "ok", "version": "1"}'
MAKES = {
    "memory": lambda: os.urandom(SIZE),
    "descriptors": lambda: os.open(os.devnull, os.O_RDONLY),
    "connections": socket.socket,
    "nothing": lambda: None,
    "": lambda: None,
}


class Served(asyncio.Protocol):
    """Answers every request alike; each comes whole, as it is small."""

    asked = 0

    def connection_made(self, transport: Any) -> None:
        """Remember where answers go."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what is not to be kept, and answer."""
        for _ in range(data.count(b"\r\n\r\n")):
            Served.asked += 1
            if Served.asked % EVERY == 0:
                KEPT.append(MAKES[KEEPS]())
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER))


async def main() -> None:
    """Serve until the end."""
    server = await asyncio.get_running_loop().create_server(Served, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
