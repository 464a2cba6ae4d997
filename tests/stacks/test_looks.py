"""Cheap and whole looks at real processes: what they show, whom they leave out, and what a sampler may spend."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from godwit.stacks import Sampler
from godwit.stacks.looks import Tree, disk_mb
from godwit.stacks.sampling import Allowance
from godwit.verdict import Sample, StackError

GREEDY = """
import socket, subprocess, sys, threading, time
kept = [open("/dev/null") for _ in range(50)]
sockets = [socket.socket() for _ in range(7)]
for _ in range(3):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
memory = bytearray(30_000_000)
memory[::4096] = b"x" * len(memory[::4096])
child = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"], stdout=subprocess.PIPE)
child.stdout.readline()
print("ready", flush=True)
if input() == "end":
    child.kill()
    print("ended", flush=True)
    input()
"""


@pytest.fixture
def greedy() -> Iterator[subprocess.Popen[str]]:
    """A process with a child, 50 files, 7 sockets, 3 threads besides its own, and 30 MB."""
    with subprocess.Popen(
        [sys.executable, "-c", GREEDY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        for child in psutil.Process(process.pid).children():
            child.kill()
        process.kill()


def test_a_whole_look_counts_everything_of_the_tree(greedy: subprocess.Popen[str], tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"x" * 2_000_000)
    seen = Tree(greedy.pid, [f"{tmp_path}/store*"]).sample(whole=True)
    assert (seen.processes, seen.connections) == (2, 7)
    assert seen.threads is not None
    assert seen.threads >= 5
    assert seen.descriptors is not None
    assert seen.descriptors >= 50 + 7 + 3
    assert seen.pss_mb is not None
    assert seen.uss_mb is not None
    assert 30 < seen.uss_mb <= seen.pss_mb <= seen.rss_mb
    assert seen.disk_mb is not None
    assert seen.disk_mb >= 2


def test_a_cheap_look_leaves_out_what_is_dear_and_agrees_in_the_rest(greedy: subprocess.Popen[str]) -> None:
    tree = Tree(greedy.pid)
    whole, cheap = tree.sample(whole=True), tree.sample(whole=False)
    assert (cheap.pss_mb, cheap.uss_mb, cheap.connections, cheap.disk_mb) == (None, None, None, None)
    assert (cheap.processes, cheap.threads, cheap.descriptors) == (whole.processes, whole.threads, whole.descriptors)


def test_a_child_that_ended_is_left_out_at_the_next_look_of_either_kind(greedy: subprocess.Popen[str]) -> None:
    assert greedy.stdin is not None
    assert greedy.stdout is not None
    tree = Tree(greedy.pid)
    assert tree.sample(whole=True).processes == 2
    print("end", file=greedy.stdin, flush=True)
    assert greedy.stdout.readline() == "ended\n"
    deadline = time.monotonic() + 20
    while (seen := tree.sample(whole=True)).connections != 7 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert seen.connections == 7
    assert seen.uss_mb is not None


def test_a_leader_that_is_gone_is_an_error_and_its_files_are_given_back() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        tree = Tree(process.pid)
        tree.sample(whole=False)
        process.kill()
        process.wait()
        with pytest.raises(StackError, match="cannot be sampled"):
            tree.sample(whole=False)
        assert not tree._known


def test_disk_without_a_pattern_is_not_known_and_without_a_file_is_nothing(tmp_path: Path) -> None:
    assert disk_mb(()) is None
    assert disk_mb([f"{tmp_path}/*"]) == 0.0


def test_files_in_folders_count(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(b"x" * 1_000_000)
    assert disk_mb([f"{tmp_path}/deep"]) == pytest.approx(1.0, abs=0.05)


def test_dear_looks_use_their_credit_and_then_their_share() -> None:
    allowance, taken = Allowance(0.005, 0.04, 0.2), []
    for tick in range(800):  # 100 s at 8 Hz, 10 ms a look
        if allowance.affords(tick / 8):
            allowance.spend(tick / 8, 0.01)
            taken.append(tick / 8)
    assert taken[:4] == [0.0, 0.25, 0.5, 0.75]
    assert len(taken) == pytest.approx((0.04 + 100 * 0.005) / 0.01, abs=2)


def test_a_sampler_begins_and_ends_with_a_whole_look_and_takes_cheap_ones_between() -> None:
    class Dear:
        def sample(self, *, whole: bool = True) -> Sample:
            if whole:  # more than the credit, at once
                ends = time.thread_time() + 0.2
                while time.thread_time() < ends:
                    pass
            return Sample(time.monotonic(), 0.0, 1.0 if whole else None, 1.0, 1)

    sampler = Sampler(Dear(), 0.01)
    sampler.start()
    time.sleep(0.5)
    samples = sampler.stop()
    assert (samples[0].pss_mb, samples[-1].pss_mb) == (1.0, 1.0)
    assert [sample.pss_mb for sample in samples[1:-1]] == [None] * (len(samples) - 2)
    assert len(samples) > 5


def test_sockets_of_this_very_process_are_counted() -> None:
    tree = Tree(os.getpid())
    before = tree.sample(whole=True).connections
    with socket.socket():
        after = tree.sample(whole=True).connections
    assert before is not None
    assert after == before + 1
