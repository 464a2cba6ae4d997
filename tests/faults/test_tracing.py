"""A traced command is stopped before each change to its folder, and a blow takes effect there and nowhere else."""

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from godwit.faults import Blow, Traced, trace, untraceable
from godwit.verdict import GodwitError

pytestmark = pytest.mark.skipif(bool(untraceable()), reason="this machine does not let commands be traced")

CHANGES = """
import os, subprocess, sys
open("a", "w").write("one")
file = os.open("b", os.O_RDWR | os.O_CREAT)
os.write(file, b"two")
os.fsync(file)
os.rename("a", "c")
os.mkdir("d")
os.link("c", "d/e")
os.chmod("c", 0o600)
os.unlink("b")
open("c").read()
open(os.devnull, "w").write("elsewhere")
print("said")
"""


def traced(folder: Path, code: str = CHANGES, **words: Any) -> Traced:
    return trace([sys.executable, "-I", "-S", "-c", code], folder, folder, dict(os.environ), 60.0, **words)


def files(folder: Path) -> dict[str, str]:
    return {it.name: it.read_text(encoding="utf-8") for it in sorted(folder.iterdir()) if it.is_file()}


def test_every_change_to_the_folder_is_a_point_and_nothing_else_is(tmp_path: Path) -> None:
    seen = traced(tmp_path)
    wanted = ["create a", "write a", "create b", "write b", "fsync b", "rename c", "create d", "create d/e"]
    assert [str(point) for point in seen.points] == [*wanted, "mode c", "unlink b", "exit"]
    assert (seen.exit, seen.said, seen.struck) == (0, "said", None)


def test_what_a_pipe_is_spliced_into_is_written(tmp_path: Path) -> None:
    code = """import os
ends = os.pipe()
os.write(ends[1], b"x")
os.splice(ends[0], os.open("f", os.O_WRONLY | os.O_CREAT), 1)
"""
    seen = traced(tmp_path, code)
    assert [str(point) for point in seen.points] == ["create f", "write f", "exit"]
    assert files(tmp_path) == {"f": "x"}


def test_only_the_kinds_that_were_asked_for_are_points(tmp_path: Path) -> None:
    seen = traced(tmp_path, kinds=frozenset({"rename", "exit"}))
    assert [str(point) for point in seen.points] == ["rename c", "exit"]


def test_a_kill_happens_before_its_point_and_after_the_one_before_it(tmp_path: Path) -> None:
    seen = traced(tmp_path, blow=Blow(6, "kill"))
    assert (seen.exit, str(seen.struck)) == (-9, "rename c")
    assert files(tmp_path) == {"a": "one", "b": "two"}


def test_a_full_disk_takes_nothing_more_but_lets_files_go(tmp_path: Path) -> None:
    seen = traced(tmp_path, blow=Blow(4, "disk-full"))
    assert seen.exit == 1
    assert seen.refused == 1
    assert "No space left on device" in seen.said
    assert files(tmp_path) == {"a": "one", "b": ""}


def test_a_refused_permission_stops_names_from_changing(tmp_path: Path) -> None:
    seen = traced(tmp_path, blow=Blow(6, "permission-denied"))
    assert "Permission denied" in seen.said
    assert files(tmp_path) == {"a": "one", "b": "two"}


def test_a_loss_of_power_takes_what_no_fsync_covers(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("zero", encoding="utf-8")
    traced(tmp_path, blow=Blow(4, "power-loss"))
    assert files(tmp_path) == {"a": "", "b": "zero"}


def test_a_loss_of_power_leaves_what_an_fsync_covers(tmp_path: Path) -> None:
    seen = traced(tmp_path, CHANGES.replace('os.unlink("b")', ""), blow=Blow(0, "power-loss"))
    assert seen.exit == 0
    assert files(tmp_path) == {"b": "two", "c": ""}


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="only x86-64 has a call that empties a file by its name alone"
)
def test_a_loss_of_power_takes_back_what_emptied_a_file(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("zero", encoding="utf-8")
    code = "import ctypes, os; ctypes.CDLL(None).syscall(85, b'b', 0o600); os.mkdir('d')"
    assert str(traced(tmp_path, code, blow=Blow(2, "power-loss")).struck) == "create d"
    assert files(tmp_path) == {"b": "zero"}


def test_processes_that_the_command_starts_are_traced_and_killed_too(tmp_path: Path) -> None:
    child = "open('f', 'w').write('x'); import time; time.sleep(600)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {child!r}])"
    seen = traced(tmp_path, code, blow=Blow(2, "kill"))
    assert str(seen.struck) == "write f"
    assert files(tmp_path) == {"f": ""}
    left = subprocess.run(["pgrep", "-f", "open.'f', 'w'"], capture_output=True, text=True, check=False).stdout.split()
    assert [pid for pid in left if Path(f"/proc/{pid}/cwd").resolve() == tmp_path] == []


def test_a_command_that_is_not_there_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(GodwitError, match="no such program"):
        trace(["nosuch"], tmp_path, tmp_path, dict(os.environ), 5.0)


def test_a_command_past_its_time_is_ended(tmp_path: Path) -> None:
    seen = trace(
        [sys.executable, "-S", "-c", "import time; time.sleep(600)"], tmp_path, tmp_path, dict(os.environ), 0.5
    )
    assert seen.timed_out
