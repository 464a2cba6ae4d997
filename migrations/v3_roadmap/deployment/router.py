"""The router before both environments: HAProxy with a slot for each, steered over its socket; it decides nothing."""

import csv
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from v3_roadmap.infrastructure import programs

SLOTS = ("blue", "green")
CONFIG = """\
global
    stats socket {socket} mode 600 level admin
    nbthread 1
    maxconn 1000
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 30s
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response response-timeout
frontend door
    bind 127.0.0.1:{port}
    default_backend app
backend app
    balance roundrobin
    option httpchk GET /health
    default-server check inter 200ms fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down
"""
SLOT = "    server {name} 127.0.0.1:{port} weight 0 disabled\n"


@dataclass(frozen=True, slots=True)
class Served:
    """What a slot has answered since the router began: all, those with 5xx; and the mean of the latest in milliseconds."""

    answered: int
    errors: int
    mean_ms: float


class Router:
    """A running HAProxy; `url` is where users go."""

    def __init__(self, url: str, control: Path) -> None:
        self.url = url
        self._control = control

    def attach(self, slot: str, url: str) -> None:
        """Puts a service into a slot, and waits until it is healthy there; no traffic yet."""
        port = urlsplit(url).port
        self._tell(f"set server app/{slot} state maint")
        self._tell(f"set server app/{slot} addr {programs.LOCAL} port {port}")
        self._tell(f"set server app/{slot} weight 0")
        self._tell(f"set server app/{slot} state ready")
        programs.wait_until(lambda: self._row(slot)["status"].startswith("UP"), f"{slot} at the router", self._control)

    def split(self, green_percent: int) -> None:
        """Sends this share of all requests to green and the rest to blue."""
        self._tell(f"set server app/green weight {green_percent}")
        self._tell(f"set server app/blue weight {100 - green_percent}")

    def detach(self, slot: str, limit_s: float = 30) -> None:
        """Takes a slot out after its open requests have been answered."""
        self._tell(f"set server app/{slot} state drain")
        ends = time.monotonic() + limit_s
        while int(self._row(slot)["scur"]) and time.monotonic() < ends:
            time.sleep(0.02)
        self._tell(f"set server app/{slot} state maint")

    def served(self, slot: str) -> Served:
        """What a slot has done so far."""
        row = self._row(slot)
        answered = sum(int(row[f"hrsp_{kind}xx"] or 0) for kind in range(1, 6))
        return Served(answered, int(row["hrsp_5xx"] or 0) + int(row["econ"] or 0), float(row["ttime"] or 0))

    def _row(self, slot: str) -> dict[str, str]:
        rows = csv.DictReader(io.StringIO(self._tell("show stat").removeprefix("# ")))
        return next(row for row in rows if row["pxname"] == "app" and row["svname"] == slot)

    def _tell(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            connection.connect(str(self._control))
            connection.sendall(f"{command}\n".encode())
            said = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        if not command.startswith("show") and any(word in said for word in ("No such", "Unknown", "rror")):
            raise programs.NotStartedError(f"router: {command}: {said.strip()}")
        return said


@contextmanager
def routing(folder: Path, slots: tuple[str, ...] = SLOTS) -> Iterator[Router]:
    """A router with empty slots."""
    port, control = programs.free_port(), folder / "router.sock"
    text = CONFIG.format(socket=control, port=port)
    text += "".join(SLOT.format(name=name, port=programs.free_port()) for name in slots)
    (folder / "haproxy.cfg").write_text(text, encoding="utf-8")
    line = [programs.installed("haproxy", "haproxy"), "-db", "-f", folder / "haproxy.cfg"]
    with programs.process(line, folder, "haproxy") as started:
        programs.wait_until(
            lambda: started.poll() is not None or control.exists(), "the router's socket", folder / "haproxy.log"
        )
        if started.poll() is not None:
            raise programs.NotStartedError((folder / "haproxy.log").read_text(errors="replace")[-800:])
        yield Router(f"http://{programs.LOCAL}:{port}", control)
