"""Runs that shared the checks of one plan come to what one run would have come to; what ran in none did not run."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from godwit.plan import Plan, load_plan
from godwit.session import expand, merged, refuse_strangers
from godwit.session.shipped import catalogue
from godwit.verdict import CheckRecord, HarnessError, Outcome, Verdict, complete, decide

TINY = Path(__file__).resolve().parents[1] / "pytest_plugin" / "tiny" / "plan.yaml"
P, F, S = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED
SIGNED = "id: sign-off\nstatement: fine\nby: Ann\nrole: editor\ndate: 2026-01-01\nevidence: minutes\n"
SAME = {
    "migration": "tiny", "plan_sha256": "ab", "seed": 7, "baseline": "1.0.0", "candidate": "2.0.0",
    "candidate_as": "candidate", "defect": "", "profile": "process", "python": "3.12.1", "versions": "pytest 9",
}  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(TINY, {}, catalogue())


def shard(
    plan: Plan,
    name: str,
    ran: Callable[[str], Outcome | None],
    *,
    day: int = 2,
    trouble: Sequence[str] = (),
    **run: object,
) -> Verdict:
    """A run in which these checks ran and ended so; the rest did not run."""
    expected = expand(plan).expected
    records = [
        replace(check, outcome=outcome, reason=f"{outcome} in {name}", repeat="godwit verify tiny")
        for check in expected
        if (outcome := ran(check.id.partition("/")[2]))
    ]
    began = dt.datetime(2026, 1, day, tzinfo=dt.UTC).isoformat()
    identity = {**SAME, "machine": name, "started": began, "seconds": 60.0, **run}
    return decide(name, [], complete(expected, records), trouble=trouble, run=identity)


def in_phase(*phases: str) -> Callable[[str], Outcome | None]:
    return lambda check: P if check.partition("/")[0] in phases else None


def merge(
    plan: Plan, folder: Path, *verdicts: Verdict, only: Sequence[str] = (), trouble: Sequence[str] = ()
) -> Verdict:
    (folder / "sign-off.yaml").write_text(SIGNED, encoding="utf-8")
    refuse_strangers(verdicts)
    return merged(
        plan, verdicts, run_id="m", out=folder, only=only, attestations=folder, trouble=trouble, command="godwit merge"
    )


def check_of(verdict: Verdict, part: str) -> CheckRecord:
    return next(check for check in verdict.checks if part in check.id)


def test_phases_that_ran_apart_are_one_go(plan: Plan, tmp_path: Path) -> None:
    found = merge(
        plan, tmp_path, shard(plan, "a", in_phase("parity", "load")), shard(plan, "b", in_phase("switch"), day=5)
    )
    assert (found.word, found.exit_code) == ("GO", 0)
    assert [check.id for check in found.checks] == [check.id for check in expand(plan).expected]
    assert {key: found.run[key] for key in ("merged", "machine", "phases", "seconds", "started")} == {
        "merged": "a, b",
        "machine": "a; b",
        "phases": "all",
        "seconds": 3 * 86400 + 60.0,
        "started": "2026-01-02T00:00:00+00:00",
    }


def test_what_ran_in_none_did_not_run(plan: Plan, tmp_path: Path) -> None:
    found = merge(plan, tmp_path, shard(plan, "a", in_phase("parity")), shard(plan, "b", in_phase("switch")))
    assert found.word == "INCONCLUSIVE"
    assert check_of(found, "load/").reason == "did not run"


def test_phases_that_are_not_asked_for_are_not_missed(plan: Plan, tmp_path: Path) -> None:
    shards = [
        shard(plan, "a", lambda check: P if check.startswith("parity") and "healthy" in check else None),
        shard(plan, "b", lambda check: P if check.startswith("parity") and "healthy" not in check else None),
    ]
    assert merge(plan, tmp_path, *shards, only=("parity",)).word == "GO"
    assert merge(plan, tmp_path, *shards).word == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("other", "word"), [pytest.param(F, "NO-GO", id="failed"), pytest.param(S, "INCONCLUSIVE", id="skipped")]
)
@pytest.mark.parametrize("swapped", [False, True], ids=["worse-last", "worse-first"])
def test_of_a_check_that_ran_twice_the_worse_counts_and_it_is_said(
    plan: Plan, tmp_path: Path, other: Outcome, word: str, swapped: bool
) -> None:
    shards = [
        shard(plan, "a", in_phase("parity", "switch", "load")),
        shard(plan, "b", lambda check: other if check.endswith("third-note") else None),
    ]
    found = merge(plan, tmp_path, *(reversed(shards) if swapped else shards))
    assert found.word == word
    record = check_of(found, "third-note")
    assert record.outcome is other
    assert "it ran more than once: " in record.reason
    assert "passed in a" in record.reason
    assert f"{other} in b" in record.reason


@pytest.mark.parametrize("place", ["run", "folder"])
def test_trouble_of_any_run_stays_in_the_way(plan: Plan, tmp_path: Path, place: str) -> None:
    whole = shard(
        plan, "a", in_phase("parity", "switch", "load"), trouble=["worker gw0 died"] if place == "run" else ()
    )
    found = merge(plan, tmp_path, whole, trouble=["no verdict"] if place == "folder" else ())
    assert (found.word, found.trouble) == ("INCONCLUSIVE", ("a: worker gw0 died" if place == "run" else "no verdict",))


def test_a_signature_is_judged_on_the_day_of_the_last_run(plan: Plan, tmp_path: Path) -> None:
    old = shard(plan, "a", in_phase("parity", "switch", "load"), started="2026-03-01T00:00:00+00:00")
    assert "which is not within the last 30 days" in merge(plan, tmp_path, old).reason


@pytest.mark.parametrize("key", list(SAME))
def test_runs_of_another_kind_are_refused(plan: Plan, key: str) -> None:
    verdicts = [shard(plan, "a", in_phase("parity")), shard(plan, "b", in_phase("switch"), **{key: "another"})]
    with pytest.raises(
        HarnessError, match=f"runs a and b are no parts of one run: {key} is .* and another in the other"
    ):
        refuse_strangers(verdicts)


def test_a_run_is_named_once(plan: Plan) -> None:
    with pytest.raises(HarnessError, match="run a is named twice"):
        refuse_strangers([shard(plan, "a", in_phase("parity"))] * 2)


def test_a_run_that_does_not_say_what_it_was_is_refused(plan: Plan) -> None:
    with pytest.raises(HarnessError, match="run x does not say its migration, plan_sha256"):
        refuse_strangers([decide("x", [], [])])


def test_the_hosts_that_any_of_the_runs_was_allowed_are_listed_as_one_run_lists_them(
    plan: Plan, tmp_path: Path
) -> None:
    """`godwit replay` reads them."""
    first = shard(plan, "a", in_phase("parity"), allowed="one.example, two.example")
    found = merge(plan, tmp_path, first, shard(plan, "b", in_phase("switch"), allowed="two.example, three.example"))
    assert found.run["allowed"] == "one.example, two.example, three.example"
