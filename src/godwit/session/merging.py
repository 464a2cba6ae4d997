"""Joins the runs that shared the checks of one plan into one verdict, by the function that decides every run; it reads none."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from godwit.plan import Plan, Profile
from godwit.session.asks import gate_asks
from godwit.session.expansion import expand
from godwit.session.returning import way_back
from godwit.session.rows import row_asks, rows_of
from godwit.session.world import Setting
from godwit.verdict import CheckRecord, HarnessError, Verdict, complete, decide

_SAME = (
    "migration",
    "plan_sha256",
    "seed",
    "baseline",
    "candidate",
    "candidate_as",
    "defect",
    "profile",
    "python",
    "versions",
)
"""What shards of one run have in common; machines may differ."""


def refuse_strangers(verdicts: Sequence[Verdict]) -> None:
    """HarnessError for runs that are no parts of one: another plan, seed or version, or the same run twice."""
    first = verdicts[0]
    for verdict in verdicts:
        if missing := [key for key in (*_SAME, "started", "seconds") if key not in verdict.run]:
            raise HarnessError(f"run {verdict.run_id} does not say its {', '.join(missing)}; run it again")
    for verdict in verdicts[1:]:
        for key in _SAME:
            if verdict.run[key] != first.run[key]:
                raise HarnessError(
                    f"runs {first.run_id} and {verdict.run_id} are no parts of one run: {key} is"
                    f" {first.run[key] or 'nothing'} in the one and {verdict.run[key] or 'nothing'} in the other;"
                    " merge runs of the same plan, seed, profile and versions"
                )
    ids = [verdict.run_id for verdict in verdicts]
    if twice := next((name for name in ids if ids.count(name) > 1), None):
        raise HarnessError(f"run {twice} is named twice; name each run once")


def merged(
    plan: Plan,
    verdicts: Sequence[Verdict],
    *,
    run_id: str,
    out: Path,
    only: Sequence[str],
    attestations: Path,
    trouble: Sequence[str],
    command: str,
) -> Verdict:
    """Decide over everything that ran in any of the runs (see `refuse_strangers`).

    Every check of the plan's phases (`only` those named, if any) is accounted for: one that ran in none did not run. Of
    one that ran in several the worst counts, and its reason says so. Signatures and waivers are those of the day on
    which the last of the runs began. `trouble` is what went wrong besides what the runs tell.
    """
    first = verdicts[0]
    same = first.run["candidate_as"] == "baseline"
    plan = plan.with_candidate_as_baseline() if same else plan
    today = max(_began(verdict) for verdict in verdicts).date()
    expansion = expand(plan, only)
    setting = Setting(plan, cast("Profile", first.run["profile"]), out, run_id, same)
    told = [f"{verdict.run_id}: {text}" for verdict in verdicts for text in verdict.trouble]
    checks = complete(expansion.expected, _records(verdicts))
    return decide(
        run_id,
        gate_asks(plan, only, attestations, today),
        checks,
        rows=row_asks(setting, rows_of(plan), only, expansion.not_applicable, attestations, today),
        trouble=[*told, *trouble],
        not_applicable=expansion.not_applicable,
        rules=[rule.name for rule in plan.surfaces.normalisers],
        run={**_identity(verdicts), "phases": ", ".join(only) or "all", "command": command},
        way_back=way_back(plan, only, checks),
    )


def _records(verdicts: Sequence[Verdict]) -> list[CheckRecord]:
    """The record of each check that ran; one that did not has no command that repeats it."""
    ran: dict[str, list[tuple[str, CheckRecord]]] = {}
    for verdict in verdicts:
        for check in verdict.checks:
            if check.repeat:
                ran.setdefault(check.id, []).append((verdict.run_id, check))
    return [_worst(found) for found in ran.values()]


def _worst(found: Sequence[tuple[str, CheckRecord]]) -> CheckRecord:
    (worst,) = complete((), [check for _, check in found])
    if len({check.outcome for _, check in found}) == 1:
        return worst
    told = ", ".join(f"{check.outcome} in {run_id}" for run_id, check in found)
    return replace(worst, reason=f"{worst.reason} (it ran more than once: {told})")


def _identity(verdicts: Sequence[Verdict]) -> Mapping[str, object]:
    began = min(_began(verdict) for verdict in verdicts)
    ended = max(_began(verdict) + dt.timedelta(seconds=float(str(verdict.run["seconds"]))) for verdict in verdicts)
    hosts = [host for text in _distinct(verdicts, "allowed") for host in text.split(", ")]
    return {
        **verdicts[0].run,
        "machine": "; ".join(_distinct(verdicts, "machine")),
        "allowed": ", ".join(dict.fromkeys(hosts)),
        "started": began.isoformat(timespec="seconds"),
        "seconds": round((ended - began).total_seconds(), 1),
        "merged": ", ".join(verdict.run_id for verdict in verdicts),
    }


def _distinct(verdicts: Sequence[Verdict], key: str) -> list[str]:
    return [text for text in dict.fromkeys(str(verdict.run.get(key, "")) for verdict in verdicts) if text]


def _began(verdict: Verdict) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(str(verdict.run["started"]))
    except ValueError:
        raise HarnessError(f"run {verdict.run_id} began at {verdict.run['started']}, which is no time") from None
