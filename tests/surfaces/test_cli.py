"""Commands run as real processes."""

import os
import sys
import time
from pathlib import Path

import pytest

from godwit.surfaces import cli, run_command
from godwit.verdict import GodwitError

ENV = dict(os.environ)


def python(code, tmp_path, timeout_s=20.0, **more):
    return run_command([sys.executable, "-c", code], cwd=tmp_path, env=ENV, timeout_s=timeout_s, **more)


def test_exit_code_and_both_outputs_are_kept(tmp_path):
    result = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (result.exit, result.stdout, result.stderr, result.timed_out) == (3, "out\n", "err\n", False)


def test_the_environment_is_exactly_the_one_given(tmp_path):
    result = run_command(["/usr/bin/env"], cwd=tmp_path, env={"ONLY": "this"}, timeout_s=10)
    assert result.stdout == "ONLY=this\n"


def test_a_command_over_its_time_is_killed_with_its_children(tmp_path):
    code = (
        "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"
    )
    started = time.monotonic()
    result = python(code, tmp_path, timeout_s=1.0)
    assert result.timed_out
    assert result.exit < 0
    assert time.monotonic() - started < 5
    assert not is_alive(int(result.stdout))


def test_what_a_command_leaves_running_is_killed(tmp_path):
    result = python("import subprocess; print(subprocess.Popen(['sleep', '60']).pid)", tmp_path)
    assert result.exit == 0
    assert not is_alive(int(result.stdout))


def test_output_is_capped_in_the_middle(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "OUTPUT_LIMIT", 20)
    result = python("print('a' * 50 + 'z' * 50)", tmp_path)
    assert result.stdout == "a" * 10 + "\n[81 bytes left out]\n" + "z" * 9 + "\n"


def test_a_command_reads_what_it_is_given(tmp_path):
    assert python("import sys; print(sys.stdin.read().upper())", tmp_path, stdin=b"hello").stdout == "HELLO\n"


def test_bytes_that_are_no_text_are_written_out(tmp_path):
    assert python(r"import sys; sys.stdout.buffer.write(b'a\xff\xfe')", tmp_path).stdout == r"a\xff\xfe"


def test_a_command_that_never_stops_writing_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "FLOOD_LIMIT", 100_000)
    result = python("while True: print('x' * 1000)", tmp_path, timeout_s=60.0)
    assert (result.flooded, result.timed_out, result.cut) == (True, False, ("stdout",))


def test_output_over_the_limit_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "OUTPUT_LIMIT", 20)
    assert python("import sys; print('x' * 50); print('y', file=sys.stderr)", tmp_path).cut == ("stdout",)


def test_the_log_holds_command_end_and_outputs(tmp_path):
    python("print('hello')", tmp_path, log=tmp_path / "logs" / "one.log")
    text = (tmp_path / "logs" / "one.log").read_text(encoding="utf-8")
    assert "# exit 0" in text
    assert "hello" in text


@pytest.mark.parametrize(
    ("words", "folder", "says"),
    [
        pytest.param(["no-such-program-anywhere"], ".", "cannot be started", id="no-program"),
        pytest.param(["env"], "missing", "there is no folder", id="no-folder"),
    ],
)
def test_what_cannot_be_started_is_said(tmp_path, words, folder, says):
    with pytest.raises(GodwitError, match=says):
        run_command(words, cwd=tmp_path / folder, env=ENV, timeout_s=5)


def is_alive(pid):
    """Whether a process runs; one that is dead and not reaped yet does not."""
    for _ in range(50):
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] == "Z":
                return False
        except OSError:
            return False
        time.sleep(0.02)
    return True
