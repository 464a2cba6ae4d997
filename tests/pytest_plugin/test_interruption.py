"""A run that somebody ends is no GO, and leaves nothing running."""

import os
import signal
import subprocess
import time

import psutil
import pytest

WAITS = "import time; print('waiting', flush=True); time.sleep(60)"


def until(true, timeout_s=20.0):
    """Wait for something to become true."""
    ends = time.monotonic() + timeout_s
    while not (found := true()) and time.monotonic() < ends:
        time.sleep(0.05)
    return found


def runs(tiny, word):
    """How many processes of this name the run has."""
    return len([line for line in tiny.still_running() if word in line])


def ctrl_c(godwit):
    """What a terminal sends: to all of the group."""
    os.killpg(godwit.pid, signal.SIGINT)


def ctrl_c_again(godwit):
    """What somebody impatient does."""
    ctrl_c(godwit)
    time.sleep(0.3)
    ctrl_c(godwit)


def interrupt(godwit):
    """What a script sends: to the one process that it started."""
    godwit.send_signal(signal.SIGINT)


def cancel(godwit):
    """What a CI service sends: to the one process that it started."""
    godwit.send_signal(signal.SIGTERM)


def kill_pytest(godwit):
    """What the kernel does when memory runs out."""
    next(child for child in psutil.Process(godwit.pid).children() if "pytest" in child.cmdline()).kill()


@pytest.mark.parametrize(
    ("end", "words", "code", "leaves_verdict"),
    [
        pytest.param(ctrl_c, (), 2, True, id="ctrl-c"),
        pytest.param(ctrl_c_again, (), 2, True, id="ctrl-c-twice"),
        pytest.param(interrupt, (), 2, True, id="interrupted"),
        pytest.param(interrupt, ("-n", "2"), 2, True, id="interrupted-with-workers"),
        pytest.param(cancel, (), 2, True, id="cancelled"),
        pytest.param(kill_pytest, (), 11, False, id="pytest-killed"),
    ],
)
def test_a_run_that_is_ended_midway_is_no_go_and_leaves_nothing(tiny, end, words, code, leaves_verdict):
    tiny.change("print('noted')", WAITS)
    with subprocess.Popen(
        tiny.words(*words),
        cwd=tiny.home,
        env=tiny.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as godwit:
        # The sides come up beside the first step, so that either may be seen first.
        assert until(lambda: runs(tiny, "time.sleep") == 1 and runs(tiny, "service.py") == 2), tiny.still_running()
        end(godwit)
        said, _ = godwit.communicate(timeout=30)
    assert godwit.returncode == code, said
    assert (tiny.out / "verdict.json").exists() == leaves_verdict
    assert until(lambda: not tiny.still_running()), tiny.still_running()


def test_an_interrupted_run_says_so_in_its_verdict(tiny):
    ended = tiny.pytest("--godwit-phase", "parity", *tiny.other_suites(
        "test_backward_compatibility", "    assert_holds(parity.health(role))", "    raise KeyboardInterrupt"
    ))  # fmt: skip
    assert (ended.code, ended.verdict.word) == (2, "INCONCLUSIVE")
    assert "the run was interrupted" in ended.verdict.trouble
    assert ended.check("parity/the-stack-is-healthy/baseline").reason == "did not run"
