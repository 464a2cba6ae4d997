"""Starts a service of one side on a configuration and a store of its own, and ends it; judges nothing."""

import json
import os
import re
import selectors
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fleet_1_0_5.tools.asking import Answer, ask
from fleet_1_0_5.tools.refusals import RefusedError
from plumbing.server import end

HOME = Path(__file__).parents[2]
CONFIGS = HOME / "config"
START_S = 60.0
STREAM_S = 60
_LISTENS = re.compile(r"listens on (http://\S+)")
_OWN = ("FEATURE_", "ROUTING_", "STREAMING_", "COST_", "BUDGET_", "FLEET_")


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event, with the seconds since its request."""

    name: str
    data: Any
    at_s: float


@dataclass(slots=True)
class Service:
    """A running service."""

    url: str
    process: subprocess.Popen[str]
    config: Path

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One request."""
        return ask(method, self.url + path, body, headers)

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self.ask("GET", path).body

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change dotted keys of its configuration file, all at once; None takes one away."""
        write_config(self.config, changed(read_config(self.config), changes))

    def take(self, config: str, changes: Mapping[str, Any]) -> None:
        """Put another configuration in its place, with changes."""
        write_config(self.config, changed(read_config(CONFIGS / config), changes))

    def models(self, conduct: dict[str, Any]) -> None:
        """Have every model behave so."""
        self.ask("PUT", "/internal/models", {"*": conduct} if conduct else {})

    def stream(self, path: str, body: Any, pause_s: float = 0.0) -> list[Event]:
        """All events of one streamed request; `pause_s` makes a slow reader."""
        headers = {"accept": "text/event-stream", "content-type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
        began, name, found = time.monotonic(), "message", []
        with _opened(request) as answer:
            if "event-stream" not in answer.headers["content-type"]:
                return [Event("json", json.loads(answer.read()), time.monotonic() - began)]
            for line in answer:
                text = line.decode().rstrip("\n")
                if text.startswith("event:"):
                    name = text.removeprefix("event:").strip()
                elif text.startswith("data:"):
                    found.append(Event(name, json.loads(text.removeprefix("data:")), time.monotonic() - began))
                    time.sleep(pause_s)
        return found


def _opened(request: urllib.request.Request) -> Any:
    """An answer of any status."""
    try:
        return urllib.request.urlopen(request, timeout=STREAM_S)  # noqa: S310 - a service of this trial
    except urllib.error.HTTPError as refusal:
        return refusal


def read_config(path: Path) -> dict[str, Any]:
    """A configuration as plain values."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found


def write_config(path: Path, document: Mapping[str, Any]) -> None:
    """Put a configuration in its place in one go."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        YAML().dump(dict(document), file)
    partial.replace(path)


def changed(document: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document with dotted keys set; None takes one away."""
    for key, value in changes.items():
        *parents, last = key.split(".")
        inner = document
        for step in parents:
            inner = inner.setdefault(step, {})
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return document


@contextmanager
def standing(
    side: str,
    folder: Path,
    *,
    config: str = "fleet.yaml",
    changes: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    words: tuple[str, ...] = (),
    store: str = "",
) -> Iterator[Service]:
    """A service of one side while the block lasts; its configuration is a copy that may be changed."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"{side}-{len(list(folder.iterdir()))}.yaml"
    write_config(copy, changed(read_config(CONFIGS / config), changes or {}))
    store = store or f"sqlite:///{(folder / f'{copy.stem}.db').absolute()}"
    command = [sys.executable, "-m", f"fleet_1_0_5.{side}", "--host", "127.0.0.1", "--port", "0"]
    if side != "router":
        command += ["--config", str(copy), "--store", store]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    process = subprocess.Popen(
        [*command, *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=HOME.parent,
        env={**clean, "ANTHROPIC_API_KEY": "a-key-of-the-trial", **(env or {})},
    )
    try:
        service = Service(_address(process, side), process, copy)
        _await_health(service)
        yield service
    finally:
        end(process)


def _await_health(service: Service) -> None:
    ends = time.monotonic() + START_S
    while True:
        try:
            service.ask("GET", "/health")
            return
        except RefusedError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)


def _address(process: subprocess.Popen[str], side: str) -> str:
    if process.stdout is None:
        raise RefusedError(f"the {side} has no output")
    ends = time.monotonic() + START_S
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < ends:
            if not selector.select(1.0):
                continue
            line = process.stdout.readline()
            if found := _LISTENS.search(line):
                return found[1]
            if not line:
                break
    raise RefusedError(f"the {side} did not start")
