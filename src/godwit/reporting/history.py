"""The runs that are kept on disk, in order of time, and what of a run held in an earlier one; it judges nothing again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from godwit.reporting.files import VERDICT, is_run, read_verdict
from godwit.reporting.plain import one_line
from godwit.verdict import CriterionRecord, HarnessError, Outcome, Verdict

_SERIES = ("migration", "profile", "candidate_as", "defect")
_SETTLED = (Outcome.PASSED, Outcome.FAILED)
_LAST = 8
_WIDE = 240


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run's folder, when it began, and its verdict; `trouble` is why there is none that can be read."""

    folder: Path
    began: str
    verdict: Verdict | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Regression:
    """A criterion (`<gate>/<criterion>`) that fails after it passed: the last run in which it did, the first in which it did not."""

    criterion: str
    passed_in: str
    failed_since: str


def kept_runs(folder: Path) -> list[KeptRun]:
    """The runs whose folders lie in `folder`, oldest first; one without a verdict is listed with what is wrong."""
    found = [_kept(path) for path in folder.iterdir() if is_run(path)] if folder.is_dir() else []
    return sorted(found, key=lambda run: (run.began, run.folder.name))


def criteria_of(verdict: Verdict) -> dict[str, CriterionRecord]:
    """Every criterion by `<gate>/<criterion>`: a criterion that several gates ask has an outcome in each."""
    return {f"{gate.id}/{item.id}": item for gate in verdict.gates for item in gate.criteria}


def earlier_runs(verdict: Verdict, runs: Sequence[Verdict]) -> list[Verdict]:
    """Of these runs, those before this one that verified the same: migration, profile, roles and defect; oldest first."""
    began = str(verdict.run.get("started", ""))
    alike = [run for run in runs if _series(run) == _series(verdict) and run.run_id != verdict.run_id]
    return sorted((run for run in alike if _began(run) < began), key=_began)


def recent_outcomes(verdict: Verdict, runs: Sequence[Verdict], most: int = _LAST) -> dict[str, tuple[Outcome, ...]]:
    """How each criterion of a run (`<gate>/<criterion>`) ended in the last runs before it, oldest first, itself last."""
    told = [criteria_of(run) for run in (*earlier_runs(verdict, runs), verdict)]
    return {name: tuple(each[name].outcome for each in told if name in each)[-most:] for name in criteria_of(verdict)}


def regressions(verdict: Verdict, runs: Sequence[Verdict]) -> tuple[Regression, ...]:
    """The criteria that fail in a run and passed in an earlier one; what could not be told in between changes nothing."""
    failing = [name for name, item in criteria_of(verdict).items() if item.outcome is Outcome.FAILED]
    told = [(run.run_id, criteria_of(run)) for run in (*earlier_runs(verdict, runs), verdict)] if failing else []
    found = []
    for name in failing:
        settled = [(run, each[name].outcome) for run, each in told if name in each and each[name].outcome in _SETTLED]
        passed = [at for at, (_, outcome) in enumerate(settled) if outcome is Outcome.PASSED]
        if passed:
            found.append(Regression(name, settled[passed[-1]][0], settled[passed[-1] + 1][0]))
    return tuple(found)


def first_failing(verdict: Verdict) -> str:
    """The first criterion that failed, else the first that does not hold, with its reason; else the verdict's own reason."""
    asked = [item for gate in verdict.gates for item in gate.criteria]
    failed = [item for item in asked if item.outcome is Outcome.FAILED]
    open_ = [item for item in asked if item.outcome in (Outcome.ERRORED, Outcome.INCONCLUSIVE)]
    first = next(iter(failed or open_), None)
    return f"{first.id}: {first.reason}" if first else verdict.reason


def history_lines(runs: Sequence[KeptRun], last: int) -> list[tuple[str, str]]:
    """Each of the last runs as (line, word): when, verdict, run, then what does not hold and what regressed."""
    verdicts = [run.verdict for run in runs if run.verdict]
    return [(one_line(line, _WIDE), word) for run in runs[-last:] for line, word in _lines(run, verdicts)]


def _lines(run: KeptRun, verdicts: Sequence[Verdict]) -> list[tuple[str, str]]:
    when = f"{run.began[:16].replace('T', ' '):<16}"
    if run.verdict is None:
        return [(f"{when}  {'no verdict':<12}  {run.folder.name}", ""), (f"{'':<18}{run.trouble}", "")]
    word = str(run.verdict.word)
    lines = [f"{when}  {word:<12}  {run.verdict.run_id}{_of(run.verdict)}"]
    lines += [f"{'':<18}{first_failing(run.verdict)}"] if word != "GO" else []
    lines += [
        f"{'':<18}regressed: {each.criterion} passed in {each.passed_in}"
        + (f", failed since {each.failed_since}" if each.failed_since != run.verdict.run_id else "")
        for each in regressions(run.verdict, verdicts)
    ]
    return [(line, word) for line in lines]


def _of(verdict: Verdict) -> str:
    """What sets a run apart from one of the whole plan in the usual roles."""
    run = verdict.run
    told = [f"phases {run['phases']}"] if run.get("phases", "all") != "all" else []
    told += [str(run["profile"])] if run.get("profile", "process") != "process" else []
    told += ["A/A"] if run.get("candidate_as") == "baseline" else []
    told += [f"defect {run['defect']}"] if run.get("defect") else []
    return f"  ({'; '.join(told)})" if told else ""


def _kept(folder: Path) -> KeptRun:
    try:
        verdict = read_verdict(folder)
    except HarnessError as error:
        path = folder / VERDICT
        at = dt.datetime.fromtimestamp((path if path.exists() else folder).stat().st_mtime, dt.UTC)
        return KeptRun(folder, at.isoformat(timespec="seconds"), None, str(error).splitlines()[0])
    return KeptRun(folder, _began(verdict), verdict)


def _series(verdict: Verdict) -> tuple[object, ...]:
    return tuple(verdict.run.get(key) for key in _SERIES)


def _began(verdict: Verdict) -> str:
    return str(verdict.run.get("started", ""))
