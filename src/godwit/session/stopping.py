"""Follows a load under way and ends it at once when it is past a limit of its profile; judges nothing on what there was till then."""

from collections.abc import Callable

from godwit.checks import Recent, why_stop
from godwit.load import Progress
from godwit.plan import LoadProfile, StopAt
from godwit.verdict import HarnessError


class LimitBrokenError(HarnessError):
    """A load was ended because a limit of its `stop_at` was broken."""


def follow(profile: LoadProfile, tell: Callable[[str], None]) -> Callable[[Progress], None]:
    """What is to be told of a load's progress; it raises LimitBrokenError when the profile says to stop."""

    def told(progress: Progress) -> None:
        tell(str(progress))
        broken = broken_by(profile.stop_at, progress)
        if broken:
            raise LimitBrokenError(f"load {profile.id} was stopped after {progress.seconds:.0f} s: {broken}")

    return told


def broken_by(limits: StopAt | None, progress: Progress) -> str:
    """Which limits a load is past, in words; nothing while it may go on."""
    return why_stop(limits, recent(progress)) if limits else ""


def recent(progress: Progress) -> Recent:
    """The last ten seconds of a load."""
    return Recent(progress.recent_n, progress.recent_failed, progress.p50_ms, progress.p95_ms, progress.p99_ms)
