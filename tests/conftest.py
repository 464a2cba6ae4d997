"""Golden files for what people read, rewritten only with `--update-golden`; real servers: a little one, and PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import psycopg
import pytest

Golden = Callable[[Path, str], None]


def pytest_configure() -> None:
    """Take Ctrl-C again where a background shell has switched it off: processes that tests start would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Seen:
    """One request as the server saw it; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = tuple[int, dict[str, str], bytes]
Handler = Callable[[Seen], Reply | None]


@dataclass
class Served:
    """A running server: where it is, and what it has seen."""

    url: str
    seen: list[Seen] = field(default_factory=list)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    served: Served
    handler: Handler

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        seen = Seen(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.served.seen.append(seen)
        reply = type(self).handler(seen)
        if reply is None:
            self.close_connection = True
            return
        status, headers, content = reply
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Served]]:
    """Starts a server on a free port whose answers a function makes; None hangs up without one."""
    servers: list[ThreadingHTTPServer] = []

    def start(handler: Handler) -> Served:
        served = Served("")
        connection = type("Connection", (_Connection,), {"served": served, "handler": staticmethod(handler)})
        server = _Server(("127.0.0.1", 0), connection)
        served.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return served

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
STOP_AT_THE_END = 'cat >/dev/null; "$0" -D "$1/data" -m immediate stop >/dev/null 2>&1; rm -rf "$1"/*'

WITH_US = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
"""Put before a command, it ends when this process does, which may be killed."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _for_postgres(*words: object) -> list[str]:
    """A command as PostgreSQL's programs want it: they refuse to run as root."""
    return [*(["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []), *map(str, words)]


def _as_postgres(program: str, *words: object) -> None:
    command = _for_postgres(POSTGRESQL / program, *words)
    subprocess.run(command, capture_output=True, timeout=120, check=True, cwd="/")


def _stops_with_us(folder: Path) -> subprocess.Popen[bytes]:
    """Stops the server below a folder when its input ends, which it also does when this process is killed."""
    command = _for_postgres("sh", "-c", STOP_AT_THE_END, POSTGRESQL / "pg_ctl", folder)
    return subprocess.Popen(command, stdin=subprocess.PIPE, cwd="/", start_new_session=True)


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """Makes a new database and gives its URL, on a PostgreSQL of this run's own on loopback."""
    if not (POSTGRESQL / "initdb").exists():
        pytest.skip("not run: PostgreSQL 15 is not installed (Debian: postgresql-15)")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port = free_port()
    data = folder / "data"
    _as_postgres("initdb", "-D", data, "-A", "trust", "-U", "godwit", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c shared_preload_libraries=pg_stat_statements"
    stops = _stops_with_us(folder)
    _as_postgres("pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    numbers = count(1)

    def make() -> str:
        name = f"d{next(numbers)}"
        with psycopg.connect(f"postgresql://godwit:x@127.0.0.1:{port}/postgres", autocommit=True) as server:
            server.execute(f"create database {name}")
        return f"postgresql+psycopg://godwit:x@127.0.0.1:{port}/{name}"

    try:
        yield make
    finally:
        stops.communicate(timeout=60)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this run's own on loopback, which keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("not run: Redis is not installed (Debian: redis-server)")
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    words = [*WITH_US, program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(words, stdout=log)
    ends = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < ends:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--update-golden`."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files with what was produced")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with a golden file, or rewrites the file if `--update-golden` was given."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"no golden file {path.name}; look at this and run with --update-golden:\n{text}"
        assert text == path.read_text(encoding="utf-8")

    return compare
