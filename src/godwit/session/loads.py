"""Drives one load against one system from beginning to end and says how it ended; a load that cannot be believed holds nothing."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from godwit.checks import Knee, find_knee, unfit, untold, whole, why_stop
from godwit.load import Progress, read_part, run_load
from godwit.plan import LoadProfile
from godwit.session.stopping import LimitBrokenError, follow
from godwit.session.typing_loads import typed
from godwit.stacks import ownership
from godwit.verdict import LoadRun

Outcome = Literal["held", "broken", "undecided", "interrupted"]
_DURING = "the whole load"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a load ended, why, what there is of it, and the knee where its shape looks for one."""

    outcome: Outcome
    why: str
    run: LoadRun | None
    knee: Knee | None = None


def drive(
    profile: LoadProfile,
    targets: Mapping[str, str],
    *,
    seed: int,
    timeout_s: float,
    out: Path,
    tell: Callable[[Progress], None],
) -> Ended:
    """Run a load to its end, to a broken limit or to KeyboardInterrupt; nothing of it is left running.

    Raises HarnessError when Locust cannot be run.
    """
    stop = follow(profile, lambda _: None)

    def told(progress: Progress) -> None:
        tell(progress)
        stop(progress)

    summary = out / "samples.json"
    try:
        run = run_load(
            profile,
            targets=targets,
            route=None,
            users={},
            seed=seed,
            out=out,
            on_progress=told,
            timeout_s=timeout_s,
            environ=ownership(),
            commands={
                side: typed(profile, {"url": url, "python": sys.executable}, {}) for side, url in targets.items()
            },
        )
    except LimitBrokenError as error:
        return _ended(profile, "broken", str(error), read_part(summary))
    except KeyboardInterrupt:
        return _ended(profile, "interrupted", "it was interrupted", read_part(summary))
    return _ended(profile, *_outcome(profile, run), run)


def _outcome(profile: LoadProfile, run: LoadRun) -> tuple[Outcome, str]:
    """What is to be said of a load that went on to its end."""
    if trouble := unfit(run):
        return "undecided", trouble
    seen = whole(run)
    if seen.failed == seen.n:
        return "broken", f"none of {seen.n} requests was answered as it should be"
    if profile.stop_at is None:
        return "held", ""
    if broken := why_stop(profile.stop_at, seen, _DURING):
        return "broken", broken
    if few := untold(profile.stop_at, seen):
        return "undecided", f"{seen.n} answers are too few to tell of {', '.join(few)}; give the load more time"
    return "held", ""


def _ended(profile: LoadProfile, outcome: Outcome, why: str, run: LoadRun | None) -> Ended:
    """How it ended, with the knee if its shape looks for one; what the generator could not keep up with is nobody's fault."""
    trouble = _trouble(run) if run and outcome == "broken" else ""
    if trouble:
        outcome, why = "undecided", f"{trouble}; {why}"
    if profile.shape is None or profile.shape.kind != "knee" or profile.stop_at is None or run is None:
        return Ended(outcome, why, run)
    begins = [operation.id for operation in profile.operations]
    knee = find_knee(run, profile.segments, profile.warmup_s, profile.stop_at, begins)
    return Ended(*((outcome, why) if trouble else _of_knee(outcome, why, knee)), run, knee)


def _trouble(run: LoadRun) -> str:
    """Why the generator is to blame for a load that was ended; what it had not sent by then does not count."""
    sent = sum(series.n for operations in run.sides.values() for series in operations.values())
    return unfit(replace(run, asked=min(run.asked, sent))) if sent else ""


def _of_knee(outcome: Outcome, why: str, knee: Knee) -> tuple[Outcome, str]:
    """A limit that breaks is what was looked for, and only a rate that is proven to hold is an answer."""
    if outcome in ("interrupted", "undecided"):
        return outcome, why
    if knee.held_per_s is not None:
        return "held", why
    if knee.steps and knee.steps[0].state == "broke":
        return "broken", why
    few = "no step made enough requests to prove that its rate holds; give the load more time, or a lower percentile"
    return "undecided", few
