"""Looks at the processes of one stack: cheaply as often as asked, whole where it may cost more; refuses to look at others."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from glob import glob
from pathlib import Path

import psutil

from godwit.verdict import Sample, StackError

_MB = 1_000_000.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_STAT_BYTES, _STATM_BYTES = 1024, 128
_USER, _CHILDREN, _THREADS = 11, 15, 17
"""Places in /proc/PID/stat behind the name: own CPU time from the first on, that ends before the second; threads."""

_SEEK_EVERY_S = {True: 1.0, False: 2.0}
"""How old the list of processes may be at a whole look and at a cheap one; making it reads all of /proc, some 2 ms."""


def descriptors_of(pid: int, proc: Path | str = "/proc") -> int:
    """How many files a process has open. Linux from 6.2 on tells it as the folder's size, earlier ones by its names."""
    folder = f"{proc}/{pid}/fd"
    return os.stat(folder).st_size or len(os.listdir(folder))  # noqa: PTH116, PTH208 - ten times a second, so no Path


def connections_of(pid: int, proc: Path | str = "/proc") -> int:
    """How many sockets a process has open, listening ones and those of this machine included."""
    count = 0
    with os.scandir(f"{proc}/{pid}/fd") as entries:
        for entry in entries:
            try:
                count += os.readlink(entry.path).startswith("socket:")  # noqa: PTH115 - as above
            except FileNotFoundError:  # closed between the two looks
                continue
    return count


def disk_mb(patterns: Sequence[str]) -> float | None:
    """Size on disk of all files that match, and of those in folders that do; None without patterns."""
    if not patterns:
        return None
    return sum(_size(Path(found)) for pattern in patterns for found in glob(pattern)) / _MB  # noqa: PTH207 - absolute


def _size(path: Path) -> int:
    total = 0
    for each in [path] if path.is_file() else path.rglob("*"):
        try:
            total += each.stat(follow_symlinks=False).st_blocks * 512
        except FileNotFoundError:  # removed between the two looks
            continue
    return total


class _Process:
    """One process; its files of /proc stay open, so that nobody with the same number later is taken for it."""

    def __init__(self, pid: int) -> None:
        self.pid, self.told = pid, psutil.Process(pid)
        self._files: list[int] = []
        try:
            self._files += [os.open(f"/proc/{pid}/{name}", os.O_RDONLY) for name in ("stat", "statm")]
        except BaseException:
            self.close()
            raise

    def look(self) -> tuple[float, int, int, int]:
        """CPU seconds with those of ended children, resident bytes, threads, descriptors; OSError when it is gone."""
        words = os.pread(self._files[0], _STAT_BYTES, 0).rpartition(b")")[2].split()
        resident = int(os.pread(self._files[1], _STATM_BYTES, 0).split()[1]) * _PAGE
        ticks = sum(map(int, words[_USER:_CHILDREN]))
        return ticks / _TICKS, resident, int(words[_THREADS]), descriptors_of(self.pid)

    def look_whole(self) -> tuple[float, float, int]:
        """Bytes of PSS and USS, and sockets."""
        memory = self.told.memory_full_info()
        return memory.pss, memory.uss, connections_of(self.pid)

    def close(self) -> None:
        """Give the files back."""
        while self._files:
            os.close(self._files.pop())


class Tree:
    """A process and its descendants. Those that came are found within a second or two."""

    def __init__(self, leader: int, patterns: Sequence[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._leader, self._patterns, self._clock = leader, patterns, clock
        self._known: dict[int, _Process] = {}
        self._sought_s = float("-inf")
        self._lock = threading.Lock()

    def sample(self, *, whole: bool, ended_cpu_s: float = 0.0) -> Sample:
        """Resources now: CPU, resident memory, threads and descriptors; a `whole` look adds PSS, USS, sockets and disk.

        `ended_cpu_s` is what earlier lives of the same stack used. Raises StackError when the leader is gone.
        """
        with self._lock:
            try:
                return self._sample(whole, ended_cpu_s)
            except (OSError, psutil.Error, ValueError, IndexError) as error:
                self._forget()
                raise StackError(f"process {self._leader} cannot be sampled: {error}") from None

    def close(self) -> None:
        """Give the files back; the next look opens them again."""
        with self._lock:
            self._forget()

    def _sample(self, whole: bool, ended_cpu_s: float) -> Sample:
        if self._clock() - self._sought_s >= _SEEK_EVERY_S[whole]:
            self._seek()
        cpu, resident, threads, descriptors = self._sums(_Process.look)
        seen = Sample(
            self._clock(), ended_cpu_s + cpu, None, resident / _MB, len(self._known),
            threads=int(threads), descriptors=int(descriptors),
        )  # fmt: skip
        if not whole:
            return seen
        pss, uss, connections = self._sums(_Process.look_whole)
        disk = disk_mb(self._patterns)
        return replace(seen, pss_mb=pss / _MB, uss_mb=uss / _MB, connections=int(connections), disk_mb=disk)

    def _sums(self, look: Callable[[_Process], tuple[float, ...]]) -> list[float]:
        """What a look shows, added up; a process that ended meanwhile is no longer known."""
        rows = []
        for pid, process in list(self._known.items()):
            try:
                rows.append(look(process))
            except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
                if pid == self._leader:
                    raise
                self._known.pop(pid).close()
        return [sum(column) for column in zip(*rows, strict=True)]

    def _seek(self) -> None:
        self._sought_s = self._clock()
        root = psutil.Process(self._leader)
        living = [self._leader, *(process.pid for process in root.children(recursive=True))]
        for gone in self._known.keys() - set(living):
            self._known.pop(gone).close()
        for pid in living:
            try:
                self._known[pid] = self._known.get(pid) or _Process(pid)
            except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
                if pid == self._leader:
                    raise

    def _forget(self) -> None:
        self._sought_s = float("-inf")
        while self._known:
            self._known.popitem()[1].close()
