"""Starts a service from the command line: one line for a wrong option or a taken port, a graceful end on SIGTERM."""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import uvicorn
from starlette.types import ASGIApp

if TYPE_CHECKING:
    from sqlalchemy import Engine

GRACE_S = 5
KEEP_ALIVE_S = 75
BACKLOG = 512
LISTENING = " listens on "


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line and ends with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Ends the process."""
        fail(f"{self.prog}: {message}; see --help", code=2)


def fail(message: str, *, code: int = 1) -> NoReturn:
    """Ends the process with one line on stderr."""
    print(message, file=sys.stderr, flush=True)
    raise SystemExit(code)


def service_parser(prog: str, sentence: str) -> OneLineParser:
    """A parser with --host and --port."""
    parser = OneLineParser(prog=prog, description=sentence, allow_abbrev=False)
    parser.add_argument("--host", required=True, help="address to listen on")
    parser.add_argument("--port", required=True, type=_port, help="TCP port; 0 takes a free one and prints it")
    return parser


def serve(app: ASGIApp, *, host: str, port: int, name: str) -> None:
    """Serves until SIGTERM or SIGINT, then finishes open requests for GRACE_S seconds at most; exit code 1 if it cannot start."""
    listener = _listen(host, port, name)
    address, bound = listener.getsockname()[:2]
    print(f"{name}{LISTENING}http://{address}:{bound}", flush=True)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(1)
    print(f"{name} ended", flush=True)


def start_beside(words: Sequence[str], name: str) -> tuple[subprocess.Popen[str], str]:
    """Starts a service of ours beside this one, which ends with it (--beside); the process, and the URL it listens on."""
    command = [sys.executable, "-m", *words, "--host", "127.0.0.1", "--port", "0", "--beside"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said = child.stdout.readline() if child.stdout else ""
    if LISTENING not in said:
        fail(f"{name}: {words[0]} did not start beside it")
    return child, said.partition(LISTENING)[2].strip()


def end(process: subprocess.Popen[str], patience_s: float = 10.0) -> None:
    """Ends a service that was started, by force if it does not go."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def engine_or_fail(url: str, make_tables: Callable[["Engine"], None], name: str) -> "Engine":
    """The engine of a store that has its tables; ends this process with one line where there can be none."""
    from sqlalchemy.exc import SQLAlchemyError

    from plumbing.store import StoreError, open_engine

    try:
        engine = open_engine(url)
        make_tables(engine)
    except (StoreError, SQLAlchemyError) as error:
        fail(f"{name}: {str(error).splitlines()[0]}", code=2 if isinstance(error, StoreError) else 1)
    return engine


def end_with_input() -> None:
    """Ends this process as soon as its standard input ends, which is when the process that started it does."""
    sys.stdin.buffer.read()
    # Who would read what it says last has gone.
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the end
    os.kill(os.getpid(), signal.SIGTERM)


class _Server(uvicorn.Server):
    """Uvicorn would end by the signal itself; a service that was asked to end and did has exit code 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        yield

    def _end(self) -> None:
        self.should_exit = True


def _listen(host: str, port: int, name: str) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Who reads that it listens may connect at once, and waits for the rest of the start.
        listener.listen(BACKLOG)
    except OSError as error:
        fail(f"{name}: cannot listen on {host}:{port}: {error.strerror}; choose another address or port")
    return listener


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; write 0 to 65535")
    return int(text)
