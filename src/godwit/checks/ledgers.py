"""Judges whether every acknowledged write is still there, once and unchanged; a write nobody looked for proves nothing."""

from collections.abc import Mapping
from typing import Any

from godwit.checks.differences import grouped, verdict_on
from godwit.checks.subset import holds
from godwit.verdict import Finding, Judgement, inconclusive


def judge_ledger(
    acknowledged: Mapping[str, Mapping[str, Any]],
    found: Mapping[str, Mapping[str, Any] | None],
    counts: Mapping[str, int],
) -> Judgement:
    """Judge acknowledged writes (id to the fields that must be there) by what was found.

    `found` maps each id that was looked for to its row, or to None when there is none: lost. `counts` maps an id to
    the number of rows that came of its write: more than one is doubled. A field that differs is changed. Ids that were
    not looked for make it inconclusive unless something else is wrong.
    """
    wrong: list[tuple[object, Finding]] = []
    for write, fields in acknowledged.items():
        row = found.get(write)
        if write in found and row is None:
            wrong.append(("lost", Finding("write was lost", write, "acknowledged", "(absent)")))
        if counts.get(write, 0) > 1:
            wrong.append(("doubled", Finding("write was doubled", write, "once", f"{counts[write]} times")))
        if row is not None:
            wrong += [_changed(write, it) for it in holds(dict(fields), dict(row))]
    unseen = [write for write in acknowledged if write not in found]
    if unseen and not wrong:
        return inconclusive(f"{len(unseen)} of {len(acknowledged)} acknowledged writes were not looked for")
    return verdict_on(grouped(wrong), len(acknowledged), "acknowledged write(s)")


def _changed(write: str, it: Finding) -> tuple[object, Finding]:
    return ("changed", it.where), Finding(
        f"write was changed at {it.where}", write, it.baseline, it.candidate, it.reason
    )
