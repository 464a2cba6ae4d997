"""Resources of a container out of its control group, version 1 or 2; refuses to guess where the group lies."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from godwit.stacks.looks import connections_of, descriptors_of, disk_mb
from godwit.verdict import Sample, StackError

_MB = 1_000_000.0


def _group(pid: int, controller: str, proc: Path, mounts: Path) -> tuple[Path, bool]:
    """The folder of a controller's group of a process, and whether it is of version 1."""
    unified = ""
    for line in (proc / str(pid) / "cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            return mounts / controller / path.lstrip("/"), True
        if not names:
            unified = path
    return mounts / unified.lstrip("/"), False


def _values(path: Path) -> dict[str, int]:
    pairs = (line.split() for line in path.read_text().splitlines())
    return {name: int(value) for name, value in pairs if value.isdecimal()}


def _cpu_s(pid: int, proc: Path, mounts: Path) -> float:
    folder, is_first = _group(pid, "cpuacct", proc, mounts)
    if is_first:
        return int((folder / "cpuacct.usage").read_text()) / 1e9
    return _values(folder / "cpu.stat")["usage_usec"] / 1e6


def _memory(pid: int, proc: Path, mounts: Path) -> tuple[float, float, list[int]]:
    """Bytes that are the container's own, those and the file pages it maps, and the ids of its processes."""
    folder, is_first = _group(pid, "memory", proc, mounts)
    stat, processes = _values(folder / "memory.stat"), (folder / "cgroup.procs").read_text().split()
    own, mapped = ("total_rss", "total_mapped_file") if is_first else ("anon", "file_mapped")
    return stat[own], stat[own] + stat[mapped], [int(word) for word in processes]


def processes_of(pid: int, proc: Path = Path("/proc"), mounts: Path = Path("/sys/fs/cgroup")) -> tuple[int, ...]:
    """Ids of all processes in the container of `pid`, that one first; empty when they are not on this machine."""
    try:
        folder, _ = _group(pid, "memory", proc, mounts)
        found = [int(word) for word in (folder / "cgroup.procs").read_text().split()]
    except OSError:
        return ()
    return (pid, *(other for other in found if other != pid))


def sample_container(
    pid: int,
    *,
    whole: bool = True,
    ended_cpu_s: float = 0.0,
    patterns: Sequence[str] = (),
    proc: Path = Path("/proc"),
    mounts: Path = Path("/sys/fs/cgroup"),
) -> Sample:
    """Resources of the container whose first process is `pid`.

    `pss_mb` is its anonymous memory and `rss_mb` adds the file pages that it maps: what the page cache holds for it
    depends on which container read a file first, so it is left out. Sockets and `disk_mb` (of files on this machine that match
    `patterns`) belong to a `whole` look. Raises StackError when the group cannot be read.
    """
    try:
        cpu_s, (own, all_of_it, ids) = _cpu_s(pid, proc, mounts), _memory(pid, proc, mounts)
    except (OSError, KeyError, ValueError) as error:
        raise StackError(f"the control group of process {pid} cannot be read on this machine: {error}") from None
    seen = Sample(
        time.monotonic(),
        ended_cpu_s + cpu_s,
        own / _MB,
        all_of_it / _MB,
        len(ids),
        threads=_added(ids, lambda each: len(list((proc / str(each) / "task").iterdir()))),
        descriptors=_added(ids, lambda each: descriptors_of(each, proc)),
    )
    if not whole:
        return seen
    return replace(seen, connections=_added(ids, lambda each: connections_of(each, proc)), disk_mb=disk_mb(patterns))


def _added(ids: Sequence[int], count: Callable[[int], int]) -> int | None:
    """A count over all processes; None where they may not be looked into, and those that ended count for nothing."""
    total = 0
    for pid in ids:
        try:
            total += count(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        except PermissionError:
            return None
    return total
