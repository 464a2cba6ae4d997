"""A locustfile that sends requests on a schedule, whatever the answers do, and times each from when it was due.

Run `GODWIT_LOAD=smoke.json locust -f open_loop.py --host http://127.0.0.1:8000`; README.md says more. Locust conducts, with
its web page, its workers and its table; each worker's requests are sent by an engine in a process of its own. The number
of users never changes the rate. Refuses to begin without a load.
"""

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]

# Locust puts the folder of its locustfile on the path, in a clone as in an installation.
from conductor import Conductor  # type: ignore[import-not-found]
from locust import User, events, task
from locust.runners import MasterRunner, WorkerRunner
from player import Player  # type: ignore[import-not-found]

_READY_WITHIN_S = 30.0
_WRONG_USE = 4

CONDUCTORS: list[Conductor] = []
"""The run under way, where it is conducted; a new one for each start in the web interface."""

PLAYERS: list[Player] = []
"""The share under way, where it is played."""


def set_up(environment: Any, **_: Any) -> None:
    """Listen to those who conduct and to those who play; a process on its own does both."""
    runner = environment.runner
    conducts, plays = not isinstance(runner, WorkerRunner), not isinstance(runner, MasterRunner)
    if conducts and "GODWIT_LOAD" not in os.environ:
        sys.exit(
            "GODWIT_LOAD must name a load as JSON; profiles lie beside open_loop.py, README.md says how to run them"
        )
    if runner is None:
        return
    if conducts:
        runner.register_message("godwit_ready", on_ready)
        runner.register_message("godwit_records", on_records)
        events.test_start.add_listener(begin)  # type: ignore[no-untyped-call]
    if plays:
        runner.register_message("godwit_begin", on_begin)
        runner.register_message("godwit_go", on_go)


def begin(environment: Any, **_: Any) -> None:
    """Read the load anew, and share it out; one that cannot be ends the run at once."""
    try:
        _share_out(environment)
    except (OSError, ValueError, KeyError, TypeError) as error:
        logging.getLogger(__name__).error("no load: %s: %s: %s", os.environ["GODWIT_LOAD"], type(error).__name__, error)
        environment.process_exit_code = _WRONG_USE
        gevent.spawn(_finish, environment)


def _share_out(environment: Any) -> None:
    runner = environment.runner
    document = json.loads(Path(os.environ["GODWIT_LOAD"]).read_text(encoding="utf-8"))
    document = {
        **document,
        "samples": _absolute(document.get("samples")),
        "progress": _absolute(document.get("progress")),
    }
    alone = not isinstance(runner, MasterRunner)
    workers = ["local"] if alone else [node.id for node in runner.clients.ready + runner.clients.running]

    CONDUCTORS[:] = []
    host = environment.host
    conductor = Conductor(
        document,
        host,
        workers,
        lambda kind, data, to: _send(runner, kind, data, to),
        lambda: gevent.spawn(_finish, environment),
    )
    CONDUCTORS[:] = [conductor]
    gevent.spawn(watch, conductor, None if alone else runner)


def watch(conductor: Conductor, master: Any) -> None:
    """Report every second, and notice workers that are gone or never get ready."""
    begun = time.monotonic()
    while not conductor.over:
        gevent.sleep(1.0)
        conductor.report()
        if not conductor.has_begun and time.monotonic() > begun + _READY_WITHIN_S:
            conductor.finish(f"no engine was ready within {_READY_WITHIN_S:g} s")
        for worker in conductor.workers if master is not None else ():
            if worker not in master.clients or master.clients[worker].state == "missing":
                conductor.lost(worker)


def on_ready(msg: Any, **_: Any) -> None:
    """A worker is ready."""
    for conductor in CONDUCTORS:
        conductor.ready(msg.node_id, msg.data)


def on_records(msg: Any, **_: Any) -> None:
    """A worker has seen more."""
    for conductor in CONDUCTORS:
        conductor.gather(msg.node_id, msg.data)


def on_begin(environment: Any, msg: Any, **_: Any) -> None:
    """Start an engine for a share."""
    for player in PLAYERS:
        player.stop()
    PLAYERS[:] = [Player(environment, msg.data, environment.runner.send_message)]


def on_go(msg: Any, **_: Any) -> None:
    """Begin."""
    for player in PLAYERS:
        if player.run == msg.data["run"]:
            player.go(msg.data["at"])


def end(**_: Any) -> None:
    """Leave no engine behind, and keep what there is of a run that somebody stopped."""
    for conductor in CONDUCTORS:
        conductor.finish("it was stopped before its end")
    for player in PLAYERS:
        player.stop()
    PLAYERS.clear()


def _finish(environment: Any) -> None:
    """End the run; the web interface stays for another one."""
    (environment.runner.stop if environment.web_ui else environment.runner.quit)()


def _send(runner: Any, kind: str, data: dict[str, Any], to: str) -> None:
    runner.send_message(kind, data, client_id=to)


def _absolute(path: str | None) -> str | None:
    return str(Path(path).resolve()) if path else None


for event, listener in ((events.init, set_up), (events.test_stop, end)):
    event.add_listener(listener)  # type: ignore[no-untyped-call]


class OpenLoop(User):
    """Stands for the schedule in Locust's count of users; it sends nothing."""

    host = "http://127.0.0.1"

    @task
    def stand_by(self) -> None:
        """Leave the sending to the engine."""
        gevent.sleep(3600)
