"""Runs mitmproxy's `mitmdump` before a system to record what goes through; records nothing by itself and keeps no secret."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from godwit.surfaces import proxying
from godwit.surfaces.masking import masked_lines
from godwit.verdict import GodwitError

_STARTS_WITHIN_S, _ENDS_WITHIN_S = 60.0, 10.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What is recorded, where to, and within which bounds. `mitmdump` is the proxy's command."""

    mitmdump: str
    url: str
    out: Path
    port: int
    host: str = "127.0.0.1"
    exchanges_at_most: int = 10_000
    seconds_at_most: float | None = None
    keep_secrets: bool = False


def find_mitmdump() -> str:
    """The proxy's command: `GODWIT_MITMDUMP`, beside this Python, or on the path; GodwitError says how to get it."""
    named = os.environ.get("GODWIT_MITMDUMP")
    beside = Path(sys.executable).with_name("mitmdump")
    found = named or (str(beside) if beside.is_file() else shutil.which("mitmdump"))
    if not found or not shutil.which(found):
        said = f"GODWIT_MITMDUMP names {named!r}, which cannot be run" if named else "there is no mitmdump"
        raise GodwitError(
            f"{said}; recording needs mitmproxy, in an environment of its own: uv tool install mitmproxy "
            "(or pipx install mitmproxy)"
        )
    return found


def record(recording: Recording, stop: threading.Event, ready: Callable[[], None]) -> tuple[int, int]:
    """Record until `stop` is set, a bound is reached, or the proxy ends; gives exchanges and secrets masked.

    `ready` is called when the proxy listens.
    Raises GodwitError when the proxy ended by itself.
    """
    # Unmasked lines lie in a folder that only this user can open, and are gone when this returns.
    with tempfile.TemporaryDirectory(prefix="godwit-record-") as folder:
        raw = Path(folder) / "raw.jsonl"
        env = {**os.environ, "GODWIT_RECORD_TO": str(raw), "GODWIT_RECORD_LIMIT": str(recording.exchanges_at_most)}
        with (Path(folder) / "log").open("w+b") as log:
            process = subprocess.Popen(
                _words(recording, folder), env=env, stdout=log, stderr=log, start_new_session=True
            )
            try:
                if _listens(process, recording, stop):
                    ready()
                ended = _wait(process, stop, recording.seconds_at_most)
            finally:
                _end(process)
            log.seek(0)
            said = log.read().decode(errors="replace").strip().splitlines()
        if ended and process.returncode != 0:
            last = "\n  ".join(said[-5:])
            raise GodwitError(f"the proxy ended with exit code {process.returncode}\n  {last}")
        return _keep(recording, raw)


def _words(recording: Recording, folder: str) -> Sequence[str]:
    options = {"flow_detail": "0", "termlog_verbosity": "error", "confdir": folder, "connection_strategy": "lazy"}
    settings = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    listen = ["--listen-host", recording.host, "--listen-port", str(recording.port)]
    return [recording.mitmdump, "--mode", f"reverse:{recording.url}", *listen, "-s", str(proxying.__file__), *settings]


def _listens(process: subprocess.Popen[bytes], recording: Recording, stop: threading.Event) -> bool:
    """Wait until the proxy takes connections; false when it ended or was stopped before."""
    until = time.monotonic() + _STARTS_WITHIN_S
    while process.poll() is None and not stop.wait(0.1):
        try:
            socket.create_connection((recording.host, recording.port), timeout=1.0).close()
        except OSError:
            if time.monotonic() > until:
                raise GodwitError(f"the proxy does not listen after {_STARTS_WITHIN_S:g} s") from None
        else:
            return True
    return False


def _wait(process: subprocess.Popen[bytes], stop: threading.Event, seconds: float | None) -> bool:
    """Wait for the first of the ends; whether it was the process that ended."""
    left = float("inf") if seconds is None else seconds
    while left > 0 and not stop.wait(0.1):
        left -= 0.1
        if process.poll() is not None:
            return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the proxy so that it writes what it has; one that does not end is killed with all that it started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _keep(recording: Recording, raw: Path) -> tuple[int, int]:
    text = raw.read_text(encoding="utf-8") if raw.is_file() else ""
    # A line that was cut off by the end of the proxy is no exchange.
    lines = [json.loads(line) for line in text.split("\n")[:-1]]
    secrets = 0
    if not recording.keep_secrets:
        lines, secrets = masked_lines(lines)
    with recording.out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return len(lines), secrets
