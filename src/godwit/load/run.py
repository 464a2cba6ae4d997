"""Runs a load profile through Locust in a process group of its own; refuses a run that did not keep to its schedule's end."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from godwit.load.parameters import without_secrets
from godwit.load.progress import Progress
from godwit.load.samples import read_run
from godwit.plan import LoadProfile, Router
from godwit.verdict import HarnessError, LoadRun

LOCUSTFILE = "godwit.loadtests.open_loop"
"""The locustfile as it is shipped; it is looked up by name and run by Locust, never imported here."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command of a load, ready to be started: its words, and what it gets into its environment besides the generator's."""

    words: tuple[str, ...]
    env: Mapping[str, str]


_START_S = 30.0
_POLL_S = 0.1
_LAST_WORDS_S = 5.0
"""How long Locust may take to write what there is when it is ended."""


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
    commands: Mapping[str, Mapping[str, Typed]] | None = None,
) -> LoadRun:
    """Run a profile once and give every measured sample.

    Arrivals go to the sides of `targets` (base URLs) in turn; with a `route` each carries the headers of one of its side's
    `users` (id, team), and an answer that another side made is a failure. Sides without users are left out then. A request
    without an answer fails after `timeout_s`. `out` keeps the parameters without secrets, the samples and Locust's log.
    `environ` is added to Locust's environment, for example to mark whose it is. `commands` are those of the profile's
    operations, by side and operation, with every place filled but `{user}`, `{team}` and `{n}`; without them only `{url}` and
    `{python}` are.

    `on_progress` may raise to end the load; what was seen till then is in `out` (see read_part).

    Raises HarnessError when Locust cannot be run, ends early or leaves no samples.
    """
    chosen = {side: url for side, url in targets.items() if route is None or users.get(side)}
    if not chosen:
        raise HarnessError(
            f"profile {profile.id}: no side to send the load to; name targets, and users where it is routed"
        )
    out.mkdir(parents=True, exist_ok=True)
    for stale in ("samples.json", "samples.bin", "progress.ndjson"):
        (out / stale).unlink(missing_ok=True)
    parameters = {
        "profile": profile.model_dump(mode="json") | _segments(profile),
        "targets": chosen,
        "route": route.model_dump(mode="json") if route else None,
        "commands": {side: {name: asdict(each) for name, each in of.items()} for side, of in (commands or {}).items()},
        "users": {side: [list(user) for user in users.get(side, ())] for side in chosen},
        "seed": seed,
        "timeout_s": timeout_s,
        "samples": str((out / "samples.json").resolve()),
        "progress": str((out / "progress.ndjson").resolve()),
    }
    words = _words(locustfile or _shipped(), profile.workers)
    with _written(parameters, out) as (given, fd):
        _run_locust(words, out, _bound_s(profile, timeout_s), on_progress or _ignore, {**(environ or {}), **given}, fd)
    return read_run(out / "samples.json", lambda: _tail(out))


def _bound_s(profile: LoadProfile, timeout_s: float) -> float:
    """How long a load may take: the steps of a flow that was due last have a time each to be answered in."""
    longest = 1 + max(len(operation.then) for operation in profile.operations)
    return _START_S + profile.warmup_s + profile.duration_s + (1 + longest) * timeout_s


@contextmanager
def _written(parameters: Mapping[str, object], out: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Where Locust finds all of the parameters and room for its records, as its environment says it, and the file it inherits.

    That file has no name, so that whoever is killed leaves no secret behind; what is kept of the parameters has none.
    """
    text = json.dumps(without_secrets(parameters), ensure_ascii=False, indent=1)
    (out / "parameters.json").write_text(text, encoding="utf-8")
    with (
        tempfile.TemporaryDirectory(prefix="godwit-load-", ignore_cleanup_errors=True) as work,
        tempfile.TemporaryFile("w+", encoding="utf-8") as given,
    ):
        json.dump(parameters, given)
        given.seek(0)
        yield {"GODWIT_LOAD": f"/dev/fd/{given.fileno()}", "GODWIT_LOAD_WORK": work}, given.fileno()


def _segments(profile: LoadProfile) -> dict[str, list[dict[str, float]]]:
    """The rate over time as the document holds it; nothing where the answers decide."""
    told = [{"seconds": each.seconds, "from": each.begin_per_s, "to": each.end_per_s} for each in profile.segments]
    return {"segments": told} if told else {}


def _words(locustfile: Path, workers: int) -> list[str]:
    """Locust's command line. Several workers talk to their master over a port of this machine that was free just now."""
    words = [sys.executable, "-m", "locust", "-f", str(locustfile), "--headless", "--users", str(workers)]
    words += ["--spawn-rate", str(workers), "--only-summary", "--exit-code-on-error", "0", "--stop-timeout", "0"]
    if workers > 1:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        words += ["--processes", str(workers), "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
        words += ["--master-port", port]
    return words


def _run_locust(
    words: Sequence[str], out: Path, bound_s: float, on_progress: Callable[[Progress], None], added: Mapping[str, str],
    fd: int,
) -> None:  # fmt: skip
    ends = time.monotonic() + bound_s
    with _process(words, out, added, fd) as process:
        seen = 0
        while process.poll() is None:
            if time.monotonic() > ends:
                raise HarnessError(f"Locust did not end within {bound_s:g} s; it was killed\n  {_tail(out)}")
            time.sleep(_POLL_S)
            seen = _report(out, seen, on_progress)
    if process.returncode != 0 or not (out / "samples.json").exists():
        raise HarnessError(f"Locust ended with exit code {process.returncode} and left no full run\n  {_tail(out)}")


@contextmanager
def _process(words: Sequence[str], out: Path, added: Mapping[str, str], fd: int) -> Iterator[subprocess.Popen[bytes]]:
    """Locust in a session of its own; whatever happens, nothing of it is left running."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    environ |= {"PYTHONUNBUFFERED": "1", **added}
    with (out / "locust.log").open("wb") as log:
        process = subprocess.Popen(
            words,
            cwd=out,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(fd,),
        )
        try:
            yield process
        finally:
            try:
                _end(process)
            finally:
                _kill(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let Locust write what there is."""
    process.terminate()
    try:
        process.wait(_LAST_WORDS_S)
    except subprocess.TimeoutExpired:
        return


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of it: its own group, then the commands, which are groups of its session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(entry.name)) == process.pid:
                os.kill(int(entry.name), signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    process.wait()  # until now its number is nobody else's


def _report(out: Path, seen: int, on_progress: Callable[[Progress], None]) -> int:
    """Hand on the progress that was written since so many bytes of its file, and say how many there are now."""
    path = out / "progress.ndjson"
    if not path.exists():
        return seen
    with path.open("rb") as file:
        file.seek(seen)
        whole = file.read().rpartition(b"\n")[0]
    for line in whole.splitlines():
        on_progress(Progress.of(json.loads(line)))
    return seen + len(whole) + (len(whole) > 0)


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
