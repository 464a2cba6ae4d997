"""Carries Raft's messages between nodes over mutual TLS: who a peer is, its certificate says; no certificate, no word."""

import asyncio
import pickle
import ssl
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pysyncobj.node import Node
from pysyncobj.transport import Transport

LENGTH = struct.Struct("!I")
LONGEST = 64 * 1024 * 1024
RETRY_S = 0.2
SILENT_S = 2.0
TROUBLE = (OSError, EOFError, ValueError, pickle.UnpicklingError)


@dataclass(frozen=True, slots=True)
class Place:
    """Who a node is, and where all primaries listen for their peers: host and port by id."""

    id: str
    primaries: Mapping[str, tuple[str, int]]
    tls: Path

    @property
    def is_primary(self) -> bool:
        """Whether it has a vote."""
        return self.id in self.primaries

    def context(self, purpose: ssl.Purpose) -> ssl.SSLContext:
        """TLS with this node's certificate, for peers with one of the same authority."""
        context = ssl.create_default_context(purpose, cafile=self.tls / "ca.pem")
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.tls / f"{self.id}.pem", self.tls / f"{self.id}.key")
        return context


class TlsTransport(Transport):  # type: ignore[misc] # the library has no types
    """PySyncObj's transport in asyncio: of two primaries the later id calls the earlier; workers call all primaries."""

    def __init__(self, place: Place, awake: Callable[[], None]) -> None:
        super().__init__(None, None, [])
        self._place = place
        self._awake = awake
        self._peers = {peer: Node(peer) for peer in place.primaries if peer != place.id}
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._heard: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._cut_off: frozenset[str] = frozenset()

    @property
    def peers(self) -> list[Node]:
        """The other primaries."""
        return list(self._peers.values())

    async def start(self) -> None:
        """Listens for peers, and calls those that are to be called."""
        if self._place.is_primary:
            context = self._place.context(ssl.Purpose.CLIENT_AUTH)
            host, port = self._place.primaries[self._place.id]
            self._server = await asyncio.start_server(self._accept, host, port, ssl=context)
        for peer, address in self._place.primaries.items():
            if peer != self._place.id and (not self._place.is_primary or self._place.id > peer):
                self._spawn(self._call_always(peer, *address))

    async def stop(self) -> None:
        """Hangs up."""
        for task in self._tasks:
            task.cancel()
        if self._server is not None:
            self._server.close()
        for peer in list(self._writers):
            self._hang_up(peer)

    @property
    def cut_off(self) -> frozenset[str]:
        """The peers that this node does not hear and does not reach, on demand."""
        return self._cut_off

    def cut(self, peers: frozenset[str]) -> None:
        """Hears and reaches exactly all but these from now on."""
        self._cut_off = peers
        for peer in peers & set(self._writers):
            self._hang_up(peer)

    def hears(self, peer: str) -> bool:
        """Whether a peer is connected and said something just now."""
        heard = self._heard.get(peer)
        return peer in self._writers and heard is not None and _now() - heard < SILENT_S

    def send(self, node: Node, message: Any) -> bool:
        """Sends a message; False where the peer is not connected."""
        writer = self._writers.get(node.id)
        if writer is None or writer.is_closing():
            return False
        body = pickle.dumps(message)
        writer.write(LENGTH.pack(len(body)) + body)
        return True

    def destroy(self) -> None:
        """Lets the library go; stop() hangs up."""
        self.setOnMessageReceivedCallback(None)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = _name(writer)
        if peer in self._cut_off:
            writer.close()
            return
        # Whoever calls anew has lost the connection before, even if this side has not noticed yet.
        self._hang_up(peer)
        await self._talk(peer, reader, writer)

    async def _call_always(self, peer: str, host: str, port: int) -> None:
        context = self._place.context(ssl.Purpose.SERVER_AUTH)
        while True:
            if peer not in self._cut_off:
                with suppress(*TROUBLE):
                    streams = await asyncio.open_connection(host, port, ssl=context, server_hostname=peer)
                    await self._talk(peer, *streams)
            await asyncio.sleep(RETRY_S)

    async def _talk(self, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        node = self._peers.get(peer, Node(peer))
        self._writers[peer], self._heard[peer] = writer, _now()
        (self._onNodeConnected if peer in self._peers else self._onReadonlyNodeConnected)(node)
        try:
            while self._writers.get(peer) is writer:
                length = LENGTH.unpack(await reader.readexactly(LENGTH.size))[0]
                if length > LONGEST:
                    raise ValueError("a peer says too much")
                message = pickle.loads(await reader.readexactly(length))  # noqa: S301 - its certificate is of our authority
                self._heard[peer] = _now()
                self._onMessageReceived(node, message)
                self._awake()
        except TROUBLE:
            return
        finally:
            if self._writers.get(peer) is writer:
                self._hang_up(peer)

    def _hang_up(self, peer: str) -> None:
        writer = self._writers.pop(peer, None)
        if writer is not None:
            writer.transport.abort()
            node = self._peers.get(peer, Node(peer))
            (self._onNodeDisconnected if peer in self._peers else self._onReadonlyNodeDisconnected)(node)

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _name(writer: asyncio.StreamWriter) -> str:
    certificate = writer.get_extra_info("peercert")
    return str(next(value for part in certificate["subject"] for key, value in part if key == "commonName"))


def _now() -> float:
    return asyncio.get_running_loop().time()
