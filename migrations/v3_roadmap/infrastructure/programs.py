"""Starts the programs of the stack on loopback, each on a free port in a folder of its own, and ends them; judges nothing."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from plumbing.proof import NotTriedError
from v3_roadmap.infrastructure.querying import client

MIGRATIONS = Path(__file__).resolve().parents[2]
START_S = 60.0
LISTENS = re.compile(r" listens on (http://\S+)")
POSTGRESQL = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin")
LOCAL = "127.0.0.1"


class NotStartedError(RuntimeError):
    """A program ended or did not answer in time; the message has the end of what it said."""


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


def installed(program: str, package: str, *folders: str) -> str:
    """The path of a program; raises NotTriedError, which names its Debian package, where it is not installed."""
    path = shutil.which(program, path=os.pathsep.join([*folders, os.environ["PATH"], "/usr/sbin"]))
    if path is None:
        raise NotTriedError(f"{program} is not installed (Debian: {package})")
    return path


@contextmanager
def process(words: Sequence[object], folder: Path, name: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes to NAME.log in `folder`; it is asked to end afterwards, and killed if it does not."""
    with (folder / f"{name}.log").open("wb") as log:
        started = subprocess.Popen(
            [str(word) for word in words],
            cwd=MIGRATIONS,
            env=os.environ | environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield started
        finally:
            _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    started.send_signal(signal.SIGCONT)
    started.terminate()
    try:
        started.wait(15)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()


def wait_until(ready: Callable[[], object], what: str, log: Path, limit_s: float = START_S) -> None:
    """Returns when `ready` says so; raises NotStartedError with the end of the log after the limit."""
    ends = time.monotonic() + limit_s
    while not ready():
        if time.monotonic() > ends:
            said = log.read_text(errors="replace")[-800:] if log.exists() else ""
            raise NotStartedError(f"{what} not seen in {limit_s:g} s: {said}")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether a GET is answered with 2xx."""
    try:
        return client().get(url).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def service(module: str, *words: object, folder: Path, name: str, **environ: str) -> Iterator[str]:
    """A Python service of this migration on a port of its own choice; its URL, once it is healthy."""
    log = folder / f"{name}.log"
    line = [sys.executable, "-m", module, "--host", LOCAL, "--port", 0, *words]
    with process(line, folder, name, **environ) as started:

        def url() -> str:
            if started.poll() is not None:
                raise NotStartedError(f"{name} ended: {log.read_text(errors='replace')[-800:]}")
            found = LISTENS.search(log.read_text(errors="replace"))
            return found[1] if found else ""

        wait_until(lambda: url() and answers(f"{url()}/health"), f"health of {name}", log)
        yield url()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server with an empty database; its SQLAlchemy URL. It refuses to run as root, so root lends it a user."""
    place = Path(installed("initdb", "postgresql-15", *POSTGRESQL)).parent
    own = Path(tempfile.mkdtemp(prefix="v3-pg-"))
    prefix: list[object] = []
    if os.geteuid() == 0:
        shutil.chown(own, "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]
    port, data = free_port(), own / "data"
    init = [
        place / "initdb",
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "coordination",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    run([*prefix, *init])
    options = f"-h {LOCAL} -p {port} -k {own} -c fsync=off -c full_page_writes=off -c shared_buffers=32MB"
    control = [*prefix, place / "pg_ctl", "-D", data]
    try:
        run([*control, "-w", "-o", options, "-l", own / "log", "start"])
        run([place / "createdb", "-h", LOCAL, "-p", port, "-U", "coordination", "coordination"])
        yield f"postgresql+psycopg://coordination:x@{LOCAL}:{port}/coordination"
    finally:
        run([*control, "-m", "immediate", "stop"])
        shutil.copy(own / "log", folder / "postgresql.log")
        shutil.rmtree(own)


def run(words: Sequence[object], limit_s: float = 120) -> str:
    """A program to its end; what it printed. Raises NotStartedError where it fails."""
    done = subprocess.run(
        [str(word) for word in words], cwd="/", capture_output=True, text=True, timeout=limit_s, check=False
    )
    if done.returncode:
        raise NotStartedError(
            f"{' '.join(map(str, words))} ended with {done.returncode}: {(done.stdout + done.stderr)[-800:]}"
        )
    return done.stdout


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis server that keeps nothing on disk; its URL."""
    port = free_port()
    line = [installed("redis-server", "redis-server"), "--port", port, "--bind", LOCAL, "--save", "", "--dir", folder]
    with process(line, folder, "redis"):

        def is_up() -> bool:
            try:
                with socket.create_connection((LOCAL, port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

        wait_until(is_up, "a PONG of redis", folder / "redis.log")
        yield f"redis://{LOCAL}:{port}/0"


@contextmanager
def prometheus(folder: Path, config: Path, *options: str) -> Iterator[str]:
    """A Prometheus server with a configuration file; its URL, once it is ready."""
    port = free_port()
    line = [installed("prometheus", "prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    line += [f"--web.listen-address={LOCAL}:{port}", "--log.level=warn", *options]
    with process(line, folder, "prometheus"):
        url = f"http://{LOCAL}:{port}"
        wait_until(lambda: answers(f"{url}/-/ready"), "readiness of prometheus", folder / "prometheus.log")
        yield url
