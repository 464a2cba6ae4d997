"""CPU time of a request: godwit's engine, wrk and Locust's FastHttpUser on one fast server, in turns, in one run.

Each generator runs twice as long and once, and the difference of both, in CPU time of all its processes and in requests,
is what a request costs; what it takes to start is left out. The server has core 0, the generator core 1.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OPEN_LOOP = HERE.parent / "loadtests" / "open_loop.py"
MIX = [
    {"id": "list", "path": "/api/tasks?limit=50", "share": 40.0},
    {"id": "read", "path": "/api/tasks/17", "share": 40.0},
    {"id": "create", "method": "POST", "path": "/api/tasks", "body": {"title": "a task", "priority": 3}, "share": 20.0},
]
FLOW = """
import random
from locust import FastHttpUser, constant, task
class Plain(FastHttpUser):
    wait_time = constant(0)
    @task(4)
    def list(self):
        self.client.get("/api/tasks?limit=50", name="list")
    @task(4)
    def read(self):
        self.client.get("/api/tasks/17", name="read")
    @task(2)
    def create(self):
        self.client.post("/api/tasks", json={"title": "a task", "priority": 3}, name="create")
"""
Generator = Callable[[str, float, Path], int]


@contextmanager
def server() -> Iterator[str]:
    """The fast server, on core 0."""
    words = [sys.executable, str(HERE / "load_server.py"), "--core", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


def run(words: Sequence[str], folder: Path, **environ: str) -> str:
    """Run a generator on core 1 and give what it said."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    ended = subprocess.run(
        words, cwd=folder, env={**inherited, **environ}, check=True, capture_output=True, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {1}),
    )  # fmt: skip
    return ended.stdout + ended.stderr


def godwit(**profile: Any) -> Generator:
    """godwit's engine under Locust, as `godwit.load` runs it."""

    def generate(url: str, seconds: float, folder: Path) -> int:
        whole = {"id": "cost", "duration_s": seconds, "warmup_s": 0.0, "operations": MIX, **profile}
        document = {"profile": whole, "targets": {"candidate": url}, "samples": "samples.json"}
        (folder / "load.json").write_text(json.dumps(document), encoding="utf-8")
        words = [sys.executable, "-m", "locust", "-f", str(OPEN_LOOP), "--headless", "--only-summary"]
        run([*words, "-u", "1"], folder, GODWIT_LOAD="load.json")
        found = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
        if found["faults"] or not found["complete"]:
            raise SystemExit(f"the load was not what was asked for: {found['faults']} {found['trouble']}")
        return int(found["asked"])

    return generate


def fast_http_user(url: str, seconds: float, folder: Path) -> int:
    """Locust's quickest client, 50 users."""
    return _fast_http_user(FLOW, url, seconds, folder)


def _fast_http_user(text: str, url: str, seconds: float, folder: Path) -> int:
    (folder / "flow.py").write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "locust", "-f", "flow.py", "--headless", "--only-summary", "--json"]
    said = run([*words, "-u", "50", "-r", "50", "-t", f"{seconds:g}s", "--host", url], folder)
    return sum(int(each) for each in re.findall(r'"num_requests": (\d+)', said))


def fast_http_user_on_time(url: str, seconds: float, folder: Path) -> int:
    """The same client kept to 2,000/s by 50 users of 40/s each, whose requests it bundles as it likes."""
    timed = FLOW.replace("constant(0)", "constant_throughput(40)").replace(
        "constant, task", "constant_throughput, task"
    )
    return _fast_http_user(timed, url, seconds, folder)


def wrk(url: str, seconds: float, folder: Path) -> int:
    """Will Glozer's wrk, 50 connections, one thread."""
    said = run(["wrk", "-t1", "-c50", f"-d{round(seconds)}s", f"{url}/api/tasks/17"], folder)
    found = re.search(r"(\d+) requests in", said)
    return int(found[1]) if found else 0


GENERATORS: dict[str, Generator] = {
    "wrk": wrk,
    "godwit, closed loop, 50 at once": godwit(loop="closed", concurrency=50),
    "godwit, schedule, 8,000/s": godwit(rate_per_s=8000.0),
    "godwit, schedule, 16,000/s": godwit(rate_per_s=16_000.0),
    "godwit, schedule, 2,000/s": godwit(rate_per_s=2000.0),
    "godwit, schedule, 8,000/s, values filled and read": godwit(
        rate_per_s=8000.0,
        operations=[
            {"id": "read", "path": "/api/tasks/{n}?by={user}", "share": 80.0, "expect": {"contains": ["open"]}},
            {"id": "create", "method": "POST", "path": "/api/tasks", "body": {"title": "{n} by {user}"}, "share": 20.0},
        ],
    ),
    "FastHttpUser, 50 users": fast_http_user,
    "FastHttpUser, 50 users, 2,000/s": fast_http_user_on_time,
}


def cost_us(generate: Generator, url: str, seconds: float) -> float:
    """CPU time of a request, in microseconds."""
    used, sent = [], []
    for each in (seconds, 2 * seconds):
        with tempfile.TemporaryDirectory() as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            sent.append(generate(url, each, Path(folder)))
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return 1e6 * (used[1] - used[0]) / (sent[1] - sent[0])


def main() -> None:
    """Run all in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in GENERATORS}
    with server() as url:
        for _ in range(options.rounds):
            for name, generate in GENERATORS.items():
                found[name].append(cost_us(generate, url, options.seconds))
    middle = {name: statistics.median(each) for name, each in found.items()}
    print("| generator | CPU µs a request | of wrk | FastHttpUser takes |\n|---|---|---|---|")
    for name, us in middle.items():
        print(f"| {name} | {us:.1f} | {us / middle['wrk']:.1f} | {middle['FastHttpUser, 50 users'] / us:.1f} |")


if __name__ == "__main__":
    main()
