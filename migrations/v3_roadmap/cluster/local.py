"""A whole cluster on this machine, for drills: starts nodes and balancers as processes, kills them, cuts them off."""

import json
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from v3_roadmap.cluster.certificates import write_certificates

HOST = "127.0.0.1"
FORMS_S = 30.0
PORTS = range(20_000, 32_000)


@dataclass(slots=True)
class LocalNode:
    """One node: where it is, and its process while it runs."""

    id: str
    role: str
    url: str
    words: list[str]
    process: subprocess.Popen[bytes] | None = None


@dataclass(slots=True)
class LocalCluster:
    """Nodes n1, n2, ...: primaries first, then workers; and balancers. A context manager: on leaving, all of it ends."""

    folder: Path
    primaries: int = 3
    workers: int = 0
    balancers: int = 0
    nodes: dict[str, LocalNode] = field(default_factory=dict)
    doors: list[LocalNode] = field(default_factory=list)
    _peers: str = ""

    def __enter__(self) -> "LocalCluster":
        ids = [f"n{number}" for number in range(1, self.primaries + self.workers + 1)]
        write_certificates(self.folder / "tls", ids)
        ports = _free_ports(self.primaries)
        self._peers = ",".join(f"{node}={HOST}:{port}" for node, port in zip(ids, ports, strict=False))
        for number, node in enumerate(ids):
            self.add(node, "primary" if number < self.primaries else "worker")
        for number in range(self.balancers):
            (port,) = _free_ports(1)
            seeds = ",".join(node.url for node in self.nodes.values())
            words = ["v3_roadmap.cluster.balancer", "--host", HOST, "--port", str(port), "--nodes", seeds]
            door = LocalNode(f"balancer-{number + 1}", "balancer", f"http://{HOST}:{port}", words)
            self.doors.append(door)
            self._run(door)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        running = [one for one in (*self.nodes.values(), *self.doors) if one.process is not None]
        for one in running:
            self.end(one, signal.SIGKILL)

    def add(self, node: str, role: str = "worker") -> LocalNode:
        """A node that joins; later ones are workers."""
        if not (self.folder / "tls" / f"{node}.pem").exists():
            write_certificates(self.folder / "tls", [node])
        (port,) = _free_ports(1)
        words = ["v3_roadmap.cluster.node", "--host", HOST, "--port", str(port), "--id", node, "--role", role]
        words += ["--primaries", self._peers, "--tls", str(self.folder / "tls"), "--data", str(self.folder / node)]
        self.nodes[node] = LocalNode(node, role, f"http://{HOST}:{port}", words)
        self._run(self.nodes[node])
        return self.nodes[node]

    def start(self, node: str) -> None:
        """Starts a node again that was killed."""
        self._run(self.nodes[node])

    def kill(self, node: str) -> None:
        """Ends a node without a warning."""
        self.end(self.nodes[node], signal.SIGKILL)

    def end(self, one: LocalNode, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends a process of this cluster."""
        if one.process is not None:
            one.process.send_signal(how)
            one.process.wait(30)
            one.process = None

    def cut_off(self, node: str, peers: list[str]) -> None:
        """Parts a node from peers, both ways; from none heals it."""
        ask("PUT", f"{self.nodes[node].url}/internal/partition", {"cut_off": peers})

    def wait(self, limit_s: float = FORMS_S) -> float:
        """Seconds until balancers serve and every running node is well and knows all others; raises TimeoutError.

        A node that has ended by itself is told at once, by RuntimeError with the end of what it said.
        """
        begun = time.monotonic()
        running = {node.id for node in self.nodes.values() if node.process is not None}
        while not (self._have_doors() and all(self._knows(node, running) for node in running)):
            self._tell_of_ended()
            if time.monotonic() - begun > limit_s:
                views = {one.id: ask("GET", f"{one.url}/health") for one in self.nodes.values() if one.process}
                raise TimeoutError(f"the cluster has not formed in {limit_s:g} s: {views}")
            time.sleep(0.05)
        return time.monotonic() - begun

    def _tell_of_ended(self) -> None:
        for one in (*self.nodes.values(), *self.doors):
            if one.process is not None and one.process.poll() is not None:
                said = (self.folder / f"{one.id}.log").read_text(errors="replace")
                raise RuntimeError(f"{one.id} has ended: {said[-500:]}")

    def _have_doors(self) -> bool:
        return all(ask("GET", f"{one.url}/balancer/health")[0] == 200 for one in self.doors if one.process is not None)

    def _knows(self, node: str, others: set[str]) -> bool:
        status, health = ask("GET", f"{self.nodes[node].url}/health")
        if status != 200 or not health:
            return False
        _, cluster = ask("GET", f"{self.nodes[node].url}/cluster")
        return {member["id"] for member in cluster["members"] if member["alive"]} == others

    def _run(self, one: LocalNode) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{one.id}.log").open("ab") as log:
            one.process = subprocess.Popen(
                [sys.executable, "-m", *one.words], stdout=log, stderr=log, cwd=Path(__file__).parents[2]
            )


def ask(method: str, url: str, body: Any = None, timeout_s: float = 10) -> tuple[int, Any]:
    """Status and JSON of an answer; status 0 where nobody answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 - loopback
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text else None
    except (OSError, ValueError):
        return 0, None


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has, below those that the system gives to whoever asks for any: none is taken by a passing call."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().choice(PORTS)
        with socket.socket() as one, suppress(OSError):
            one.bind((HOST, port))
            found += [port] if port not in found else []
    return found
