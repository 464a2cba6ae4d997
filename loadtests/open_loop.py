"""A locustfile that sends requests on a schedule, whatever the answers do, and times each from when it was due.

Run `GODWIT_LOAD=smoke.json locust -f open_loop.py --host http://127.0.0.1:8000`; README.md says more. The number of
users never changes the rate: all users work off the one schedule. Refuses to be distributed.
"""

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]
from gevent.pool import Pool  # type: ignore[import-untyped]
from geventhttpclient.client import HTTPClient, HTTPClientPool
from locust import FastHttpUser, events, task
from locust.runners import MasterRunner, WorkerRunner

# Locust puts the folder of its locustfile on the path, in a clone as in an installation.
from schedule import Arrival, Load, Record  # type: ignore[import-not-found]

_CONNECTIONS = 2000


class OneTry(HTTPClientPool):
    """Clients that send each request once.

    Left alone, geventhttpclient sends a request again on every other connection of its pool when the server hangs up on it;
    a server that drops one request in ten would look like one that answers all.
    """

    def get_client(self, url: Any) -> HTTPClient:
        """The client for a host, its tries cut down to one when it is new."""
        client = super().get_client(url)
        client._connection_pool.size = -1  # noqa: SLF001  no public word says how often it tries
        return client


class Run:
    """One load under way: hands out arrivals, sends them, and ends the run when all have been answered."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        self.load = Load(json.loads(Path(os.environ["GODWIT_LOAD"]).read_text(encoding="utf-8")), environment.host)
        self.record = Record(self.load)
        self.clients = OneTry(
            concurrency=_CONNECTIONS, connection_timeout=self.load.timeout_s, network_timeout=self.load.timeout_s
        )
        self._arrivals = self.load.arrivals()
        self._pool = Pool()
        self._open: dict[int, Arrival] = {}
        self._started: float | None = None
        self._waiting = 0
        self._cpu_at_start = self._measured_from = 0.0
        self._measuring = self._over = False

    def next_due(self) -> tuple[Arrival, float] | None:
        """The next arrival and its time on the performance counter; None when there is none left."""
        arrival = next(self._arrivals, None)
        if arrival is None:
            return None
        if self._started is None:
            self._begin()
        self._open[arrival.number] = arrival
        self._waiting += 1
        return arrival, (self._started or 0.0) + arrival.at_s

    def send(self, client: Any, arrival: Arrival, due: float) -> None:
        """Send an arrival in a greenlet of its own."""
        if arrival.measured and not self._measuring:
            self._measuring = True
            self._cpu_at_start, self._measured_from = time.process_time(), time.perf_counter()
        self._waiting -= 1
        self._pool.spawn(self._send, client, arrival, due)

    def finish(self) -> None:
        """Wait for the answers that are still to come, write the samples, and end the run; only the first call counts."""
        if self._over:
            return
        self._over = True
        last_s = (self._started or 0.0) + self.load.count / self.load.rate_per_s
        gevent.sleep(max(0.0, last_s - time.perf_counter()))
        while self._waiting and time.perf_counter() < last_s + 1:  # other users may still hold arrivals
            gevent.sleep(0.01)
        self._stop_measuring()
        self._pool.join(timeout=self.load.timeout_s + 1)
        self._give_up()
        self.record.write(complete=True)
        runner = self.environment.runner
        gevent.spawn(runner.stop if self.environment.web_ui else runner.quit)

    def abandon(self) -> None:
        """Write what there is of a run that was stopped before its end."""
        if self._over:
            return
        self._over = True
        self._stop_measuring()
        self._give_up()
        self.record.write(complete=False)

    def _begin(self) -> None:
        gc.collect()
        gc.freeze()
        self._started = time.perf_counter() + 0.05
        gevent.spawn(self._report)

    def _stop_measuring(self) -> None:
        if self._measuring:
            self.record.cpu = time.process_time() - self._cpu_at_start
            self.record.seconds = time.perf_counter() - self._measured_from

    def _give_up(self) -> None:
        self._pool.kill(block=False)
        for arrival in list(self._open.values()):
            self._ended(arrival, 0, "no answer before the end of the run")

    def _send(self, client: Any, arrival: Arrival, due: float) -> None:
        self.record.started(arrival, time.perf_counter() - due)
        operation, load = arrival.operation, self.load
        places = {"{n}": str(arrival.number), "{user}": arrival.user, "{team}": arrival.team}
        request: dict[str, Any] = {
            "url": load.targets[arrival.side].rstrip("/") + filled(operation["path"], places),
            "headers": self._headers(operation, arrival, places),
            "name": f"{arrival.side} {operation['id']}",
        }
        if operation.get("body") is not None:
            request["data"] = json.dumps(filled(operation["body"], places), ensure_ascii=False).encode()
        problem = "no answer"
        try:
            with (
                gevent.Timeout(load.timeout_s),
                client.request(operation.get("method", "GET"), catch_response=True, **request) as response,
            ):
                latency_s = time.perf_counter() - due
                problem = self._problem(response, arrival)
                response.request_meta["response_time"] = latency_s * 1000
                if problem:
                    response.failure(problem)
                else:
                    response.success()
        except gevent.Timeout:
            problem = f"no answer within {load.timeout_s:g} s"
        except Exception as error:  # noqa: BLE001  whatever stopped a request, it was one that was not answered
            problem = f"{type(error).__name__}: {error}"
        self._ended(arrival, 0 if problem else round(latency_s * 1e6), problem)

    def _ended(self, arrival: Arrival, latency_us: int, problem: str) -> None:
        if self._open.pop(arrival.number, None) is not None:
            self.record.ended(arrival, latency_us, problem)

    def _headers(self, operation: dict[str, Any], arrival: Arrival, places: dict[str, str]) -> dict[str, str]:
        headers = {name: filled(value, places) for name, value in operation.get("headers", {}).items()}
        if operation.get("body") is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        if self.load.route:
            headers |= {self.load.route["user_header"]: arrival.user, self.load.route["team_header"]: arrival.team}
        return headers

    def _problem(self, response: Any, arrival: Arrival) -> str:
        """Why an answer is a failure; empty when it is none."""
        if not response.status_code:
            cause = getattr(response.error, "original", None) or response.error
            return f"no answer: {type(cause).__name__}: {cause}"
        if response.status_code >= 400:
            return f"status {response.status_code}"
        if self.load.route:
            wanted = self.load.route["served_by"]
            seen = response.headers.get(wanted["header"])
            if seen != wanted[arrival.side]:
                return f"served by {seen}, not by {wanted[arrival.side]}"
        return ""

    def _report(self) -> None:
        """Append a line of progress a second, if the load names a file for it."""
        while self.load.progress and not self._over:
            gevent.sleep(1.0)
            line = json.dumps(self.record.progress(time.perf_counter() - (self._started or 0.0)))
            with Path(self.load.progress).open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def filled(value: Any, places: dict[str, str]) -> Any:
    """A value with `{n}`, `{user}` and `{team}` replaced in all its strings."""
    if isinstance(value, str):
        if "{" in value:
            for place, text in places.items():
                value = value.replace(place, text)
        return value
    if isinstance(value, dict):
        return {key: filled(item, places) for key, item in value.items()}
    return [filled(item, places) for item in value] if isinstance(value, list) else value


RUNS: list[Run] = []
"""The run under way; a new one for each start in the web interface."""


def refuse_distribution(environment: Any, **_: Any) -> None:
    """One schedule cannot be kept by several processes."""
    if isinstance(environment.runner, MasterRunner | WorkerRunner):
        sys.exit("open_loop.py keeps one schedule in one process; leave --master, --worker and --processes out")
    if "GODWIT_LOAD" not in os.environ:
        sys.exit(
            "GODWIT_LOAD must name a load as JSON; profiles lie beside open_loop.py, README.md says how to run them"
        )


def begin(environment: Any, **_: Any) -> None:
    """Read the load anew."""
    RUNS[:] = [Run(environment)]


def end(**_: Any) -> None:
    """Keep what there is of a run that somebody stopped."""
    for run in RUNS:
        run.abandon()


for event, listener in ((events.init, refuse_distribution), (events.test_start, begin), (events.test_stop, end)):
    event.add_listener(listener)  # type: ignore[no-untyped-call]


class OpenLoop(FastHttpUser):
    """A worker on the schedule: takes the next arrival, waits for its time, has it sent, and takes the next."""

    host = "http://127.0.0.1"
    max_redirects = 0
    max_retries = 0
    insecure = False

    def on_start(self) -> None:
        """Use the connections of the run; cookies of one made-up user must not reach another."""
        self.client.client.clientpool = RUNS[0].clients
        self.client.client.cookiejar = None

    @task
    def keep_the_schedule(self) -> None:
        """Send the arrival that is due next, or end the run."""
        run = RUNS[0]
        due = run.next_due()
        if due is None:
            run.finish()
            gevent.sleep(3600)
            return
        arrival, at = due
        gevent.get_hub().loop.update_now()
        gevent.sleep(max(0.0, at - time.perf_counter()))
        run.send(self.client, arrival, at)
