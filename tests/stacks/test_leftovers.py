"""Nothing is left behind: whatever ends a run, its stacks end; what a living run started is never touched."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from godwit.stacks import Site, engine, open_stacks, sweep, sweeping
from godwit.stacks.owners import Owner, records, started, this_process
from godwit.stacks.sweeping import _ends
from tests.stacks.conftest import contained, pair, process

HERE = Path(__file__).parent
PROFILES = [
    pytest.param("process", id="process"),
    pytest.param("container", id="container", marks=pytest.mark.containers),
]
ENDINGS = [
    pytest.param("exit", None, id="exit"),
    pytest.param("exception", None, id="exception"),
    pytest.param("wait", signal.SIGINT, id="ctrl-c"),
    pytest.param("wait", signal.SIGTERM, id="terminated"),
    pytest.param("wait", signal.SIGKILL, id="kill-9"),
]


@dataclass
class Run:
    """A run in a process of its own: what it started, and its guard."""

    process: "subprocess.Popen[str]"
    stack: list[int]
    guard: int
    run_id: str

    def left(self) -> list[object]:
        """What of its stacks is still there."""
        return [pid for pid in self.stack if started(pid)] + self._containers()

    def _containers(self) -> list[object]:
        if not engine.answers():
            return []
        mark = {"label": f"{engine.RUN}={self.run_id}"}
        with closing(engine.connect()) as client:
            things = [*client.containers.list(all=True, filters=mark), *client.networks.list(filters=mark)]
            return [thing.name for thing in things]


Begin = Callable[[str, str], Run]


@pytest.fixture
def begin(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Begin]:
    begun: list[subprocess.Popen[str]] = []

    def run(profile: str, end: str, *, without_mark: bool = False) -> Run:
        if profile == "container":
            request.getfixturevalue("local_engine")
            stacks = pair(contained(dependencies={"cache": {"kind": "redis"}}), contained("2"))
        else:
            stacks = pair(unmarked() if without_mark else process(MODE="children"))
        # Durations are written as text in a plan, so the sections go as they were given.
        folder = tmp_path / f"run-{os.getpid()}-{time.monotonic_ns()}"
        env = {**os.environ, "STACKS": as_json(stacks), "PYTHONPATH": os.pathsep.join(sys.path)}
        words = [sys.executable, str(HERE / "owner.py"), str(folder), profile, end]
        begun.append(subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        assert begun[-1].stdout is not None
        said = json.loads(begun[-1].stdout.readline())
        return Run(begun[-1], said["stack"], said["guard"], folder.name)

    yield run
    for one in begun:
        one.kill()
        one.communicate()


def unmarked() -> dict[str, object]:
    """A service whose environment, and with it the mark, is wiped by its own command."""
    spec = process()
    command = ["env", "-i", "VERSION=1", "{python}", "service.py", "{host}", "{port}"]
    spec["drivers"] = {"process": {"command": command}}
    return spec


def as_json(stacks: object) -> str:
    dumped = stacks.model_dump(mode="json", exclude_none=True)  # type: ignore[attr-defined]
    for role in ("baseline", "candidate"):
        dumped[role]["health"]["timeout_s"] = f"{dumped[role]['health']['timeout_s']:g}s"
    return json.dumps(dumped)


def gone_within(run: Run, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while run.left():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("end", "signum"), ENDINGS)
def test_however_a_run_ends_its_stacks_end(begin: Begin, profile: str, end: str, signum: int | None) -> None:
    run = begin(profile, end)
    assert run.stack
    if signum is not None:
        assert run.left()
        run.process.send_signal(signum)
    run.process.wait(20)
    assert gone_within(run, 20), run.left()


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_left_when_the_guard_was_killed_too_is_swept(begin: Begin, profile: str) -> None:
    run = begin(profile, "wait")
    os.kill(run.guard, signal.SIGKILL)
    run.process.kill()
    run.process.wait()
    assert run.left()
    assert sweep()
    assert run.left() == []


def test_a_process_that_wiped_its_mark_is_swept_by_its_record(begin: Callable[..., Run]) -> None:
    run = begin("process", "wait", without_mark=True)
    os.kill(run.guard, signal.SIGKILL)
    run.process.kill()
    run.process.wait()
    sweep()
    assert run.left() == []
    assert records() == []


@pytest.mark.parametrize("profile", PROFILES)
def test_several_sweeps_at_once_end_it_all_and_none_fails(begin: Begin, profile: str) -> None:
    runs = [begin(profile, "wait") for _ in range(2)]
    for run in runs:
        os.kill(run.guard, signal.SIGKILL)
        run.process.kill()
        run.process.wait()
    words = [sys.executable, "-c", "from godwit.stacks import sweep; sweep()"]
    sweeps = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [(one.communicate(timeout=120)[1], one.returncode) for one in sweeps] == [("", 0)] * 4
    assert [run.left() for run in runs] == [[], []]
    assert records() == []


def test_what_does_not_end_is_not_told_as_ended_and_stays_on_record(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin("process", "wait")
    os.kill(run.guard, signal.SIGKILL)
    run.process.kill()
    run.process.wait()
    with monkeypatch.context() as stuck:
        stuck.setattr(sweeping, "end_all", lambda _: None)
        assert sweep() == []
    assert records()
    assert sweep()
    assert (run.left(), records()) == ([], [])


@pytest.mark.parametrize("profile", PROFILES)
def test_a_sweep_never_touches_what_a_living_run_started(begin: Begin, profile: str) -> None:
    run = begin(profile, "wait")
    before = run.left()
    swept = sweep()
    assert run.left() == before
    assert not [line for line in swept if str(run.process.pid) in line]


def test_a_reused_process_id_is_not_taken_for_the_owner() -> None:
    assert this_process().is_alive()
    assert not Owner(os.getpid(), "1").is_alive()


def test_only_everything_ends_what_living_runs_started_and_never_ones_own() -> None:
    parent = Owner(os.getppid(), started(os.getppid()) or "")
    assert [_ends(parent, everything) for everything in (False, True)] == [False, True]
    assert not _ends(this_process(), True)


def test_closed_stacks_leave_no_record(site: Site) -> None:
    with open_stacks(pair(), "process", site) as stacks:
        stacks["baseline"].start()
        assert [record.role for record in records()] == ["baseline"]
    assert records() == []
