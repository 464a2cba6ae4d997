"""Runs a load profile through Locust in a process group of its own; refuses a run that did not keep to its schedule's end."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from godwit.plan import LoadProfile, Router
from godwit.verdict import HarnessError, LoadRun, Series

LOCUSTFILE = "godwit.loadtests.open_loop"
"""The locustfile as it is shipped; it is looked up by name and run by Locust, never imported here."""

_START_S = 30.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """A load so far: seconds since its start, requests sent and failed, p95 of the last few thousand in milliseconds."""

    seconds: float
    sent: int
    failed: int
    p95_ms: float | None

    def __str__(self) -> str:
        p95 = "none answered" if self.p95_ms is None else f"p95 {self.p95_ms:.1f} ms"
        return f"{self.seconds:.0f} s: {self.sent} sent, {self.failed} failed, {p95}"


def run_load(  # noqa: PLR0913 - all but the profile by name
    profile: LoadProfile,
    *,
    targets: Mapping[str, str],
    route: Router | None,
    users: Mapping[str, Sequence[tuple[str, str]]],
    seed: int,
    out: Path,
    on_progress: Callable[[Progress], None] | None = None,
    locustfile: Path | None = None,
    timeout_s: float = 10.0,
    environ: Mapping[str, str] | None = None,
) -> LoadRun:
    """Run a profile once and give every measured sample.

    Arrivals go to the sides of `targets` (base URLs) in turn; with a `route` each carries the headers of one of its side's
    `users` (id, team), and an answer that another side made is a failure. Sides without users are left out then. A request
    without an answer fails after `timeout_s`. `out` keeps the parameters, the samples and Locust's log. `environ` is added to
    Locust's environment, for example to mark whose it is.

    Raises HarnessError when Locust cannot be run, ends early or leaves no samples.
    """
    chosen = {side: url for side, url in targets.items() if route is None or users.get(side)}
    if not chosen:
        raise HarnessError(
            f"profile {profile.id}: no side to send the load to; name targets, and users where it is routed"
        )
    out.mkdir(parents=True, exist_ok=True)
    for stale in ("samples.json", "progress.ndjson"):
        (out / stale).unlink(missing_ok=True)
    parameters = {
        "profile": profile.model_dump(mode="json"),
        "targets": chosen,
        "route": route.model_dump(mode="json") if route else None,
        "users": {side: [list(user) for user in users.get(side, ())] for side in chosen},
        "seed": seed,
        "timeout_s": timeout_s,
        "samples": str((out / "samples.json").resolve()),
        "progress": str((out / "progress.ndjson").resolve()),
    }
    (out / "parameters.json").write_text(json.dumps(parameters, ensure_ascii=False, indent=1), encoding="utf-8")
    bound_s = _START_S + profile.warmup_s + profile.duration_s + 2 * timeout_s
    _run_locust(locustfile or _shipped(), out, bound_s, on_progress or _ignore, environ or {})
    return _read(out)


def _run_locust(
    locustfile: Path, out: Path, bound_s: float, on_progress: Callable[[Progress], None], added: Mapping[str, str]
) -> None:
    words = [sys.executable, "-m", "locust", "-f", str(locustfile), "--headless", "--users", "1", "--spawn-rate", "1"]
    words += ["--only-summary", "--exit-code-on-error", "0", "--stop-timeout", "0"]
    ends = time.monotonic() + bound_s
    with _process(words, out, added) as process:
        seen = 0
        while process.poll() is None:
            if time.monotonic() > ends:
                raise HarnessError(f"Locust did not end within {bound_s:g} s; it was killed\n  {_tail(out)}")
            time.sleep(_POLL_S)
            seen = _report(out, seen, on_progress)
    if process.returncode != 0 or not (out / "samples.json").exists():
        raise HarnessError(f"Locust ended with exit code {process.returncode} and left no full run\n  {_tail(out)}")


@contextmanager
def _process(words: Sequence[str], out: Path, added: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Locust in a session of its own; whatever happens, nothing of it is left running."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    environ |= {"GODWIT_LOAD": str((out / "parameters.json").resolve()), "PYTHONUNBUFFERED": "1", **added}
    # Epoll's timers fire on whole milliseconds, which arrives late by about 0.8 ms; select's fire on microseconds.
    environ["GEVENT_BACKEND"] = "select"
    with (out / "locust.log").open("wb") as log:
        process = subprocess.Popen(
            words,
            cwd=out,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def _report(out: Path, seen: int, on_progress: Callable[[Progress], None]) -> int:
    """Hand on the progress that was written since, and say how many lines there are now."""
    path = out / "progress.ndjson"
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    for line in lines[seen:]:
        on_progress(Progress(**json.loads(line)))
    return len(lines)


def _read(out: Path) -> LoadRun:
    path = out / "samples.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    if not found["complete"]:
        raise HarnessError(f"the load was stopped before its end\n  {_tail(out)}")
    return LoadRun(
        profile=found["profile"],
        seconds=found["seconds"],
        asked=found["asked"],
        generator_cpu=found["generator_cpu"],
        late_share=found["late_share"],
        sides={
            side: {operation: _series(item) for operation, item in operations.items()}
            for side, operations in found["sides"].items()
        },
        source=str(path),
        turns={side: tuple((turn, name, us) for turn, name, us in turns) for side, turns in found["turns"].items()},
    )


def _series(item: Mapping[str, Any]) -> Series:
    return Series(tuple(item["latencies_us"]), item["failed"], tuple(item["errors"]))


def _shipped() -> Path:
    found = None
    try:
        found = importlib.util.find_spec(LOCUSTFILE)
    except ModuleNotFoundError:
        pass
    if found is None or found.origin is None:
        raise HarnessError(f"{LOCUSTFILE} is not installed; install godwit (`pip install -e .` in a clone)")
    return Path(found.origin)


def _tail(out: Path) -> str:
    lines = (out / "locust.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n  ".join(lines[-15:]) or "it wrote nothing"


def _ignore(_: Progress) -> None:
    """Nobody asked how it goes."""
