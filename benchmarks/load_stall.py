"""Percentiles under stalls: godwit's open loop and plain Locust against the truth of the schedule and the server's own log.

The server stands still for 500 ms once every 5 s. The truth for each request is when the server answered it, by its own
clock and log, less when the schedule had it due. `--seconds 30` decides how long each run takes.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from godwit.load import run_load
from godwit.plan import LoadProfile
from godwit.verdict import LoadRun

HERE = Path(__file__).resolve().parent
OPEN_LOOP = HERE.parent / "loadtests" / "open_loop.py"
PERCENTS = (50.0, 95.0, 99.0, 99.9)
RATE = 200.0
WARM_UP_S = 2.0
PLAIN = """
from locust import FastHttpUser, constant, task
class Plain(FastHttpUser):
    wait_time = constant(0)
    @task
    def read(self):
        self.client.get("/read?n=0", name="read")
"""


@contextmanager
def server(log: Path) -> Iterator[str]:
    """The server that stands still now and then; its log is there when the block is over."""
    words = [sys.executable, str(HERE / "load_server.py"), "--pause-s", "0.5", "--every-s", "5", "--log", str(log)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def open_loop(folder: Path, seconds: float, workers: int) -> dict[str, Any]:
    """A run of godwit's own: what it reports, and the truth."""
    profile = LoadProfile.model_validate(
        {
            "id": "stall",
            "rate_per_s": RATE,
            "duration_s": seconds,
            "warmup_s": WARM_UP_S,
            "workers": workers,
            "operations": [{"id": "read", "path": "/read?n={n}", "share": 100.0}],
        }
    )
    with server(folder / "log.json") as url:
        run = run_load(
            profile, targets={"candidate": url}, route=None, users={}, seed=1, out=folder / "out", locustfile=OPEN_LOOP
        )
    told = json.loads((folder / "out" / "samples.json").read_text(encoding="utf-8"))
    log = json.loads((folder / "log.json").read_text(encoding="utf-8"))
    true_ms = [1000 * (at - told["started_at"] - number / RATE) for number, at in log if number >= WARM_UP_S * RATE]
    seen_ms = np.array(run.sides["candidate"]["read"].latencies_us) / 1000
    return {
        "n": len(seen_ms),
        "answered": len(true_ms),
        "asked": run.asked,
        "late_p99_ms": run.late_p99_ms,
        "seen": _percentiles(seen_ms),
        "truth": _percentiles(np.array(true_ms)),
        "live": _live(told, run),
    }


def _live(told: dict[str, Any], run: LoadRun) -> float:
    """The largest error, in percent, of the HdrHistogram's percentiles against the exact ones."""
    exact = np.sort(np.array(run.sides["candidate"]["read"].latencies_us)) / 1000
    seen = told["sides"]["candidate"]["read"]
    worst = 0.0
    for percent in PERCENTS:
        value = exact[max(1, int(np.ceil(len(exact) * percent / 100))) - 1]
        worst = max(worst, abs(seen[f"p{percent:g}_ms".replace(".", "_")] - value) / value)
    return round(100 * worst, 3)


def _percentiles(values_ms: Any) -> list[float]:
    return [round(float(each), 2) for each in np.percentile(values_ms, PERCENTS, method="inverted_cdf")]


def closed_loop(folder: Path, seconds: float, users: int) -> dict[str, Any]:
    """Plain Locust as it comes, its own percentiles."""
    (folder / "plain.py").write_text(PLAIN, encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    with server(folder / "log.json") as url:
        words = [sys.executable, "-m", "locust", "-f", "plain.py", "--headless", "-u", str(users), "-r", str(users)]
        words += ["-t", f"{seconds:g}s", "--host", url, "--csv", "plain", "--only-summary"]
        subprocess.run(words, cwd=folder, env=environ, check=True, capture_output=True)
    with (folder / "plain_stats.csv").open(encoding="utf-8") as file:
        row = next(each for each in csv.DictReader(file) if each["Name"] == "read")
    names = ("50%", "95%", "99%", "99.9%")
    return {"n": int(row["Request Count"]), "seen": [float(row[name]) for name in names]}


def main() -> None:
    """Run all, print a table, or everything as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {}
    for name, run, number in (
        ("godwit, 1 worker", open_loop, 1),
        ("godwit, 2 workers", open_loop, 2),
        ("plain Locust, 10 users", closed_loop, 10),
        ("plain Locust, 2 users", closed_loop, 2),
    ):
        with tempfile.TemporaryDirectory() as folder:
            found[name] = run(Path(folder), options.seconds, number)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print("| generator | requests | p50 | p95 | p99 | p99.9 |\n|---|---|---|---|---|---|")
    for name, each in found.items():
        for what in ("seen", "truth"):
            if what in each:
                count = each["n"] if what == "seen" else each["answered"]
                print(
                    f"| {name}{', truth' if what == 'truth' else ''} | {count} |", *(f"{ms:g} |" for ms in each[what])
                )
    print({name: (each["asked"], each["late_p99_ms"], each["live"]) for name, each in found.items() if "live" in each})


if __name__ == "__main__":
    main()
