"""What people read of kept runs beside each other: history, comparison, explanation; and that a regression is called one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from godwit.reporting import (
    KeptRun,
    compared,
    comparison_lines,
    explanation,
    history_lines,
    kept_runs,
    recent_outcomes,
    regressions,
    write_verdict,
)
from godwit.verdict import (
    Ask,
    CheckRecord,
    GateAsk,
    HarnessError,
    Interval,
    Judgement,
    Measurement,
    Outcome,
    Verdict,
    decide,
)
from tests.reporting.conftest import VERDICTS

Golden = Callable[[Path, str], None]
HERE = Path(__file__).parent / "golden"
STATES = [name for name in VERDICTS if not name.startswith("hostile")]
P, F, U, E = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERRORED


def run(number: int, outcome: Outcome, **identity: str) -> Verdict:
    """A run with one criterion that ended so."""
    check = CheckRecord("shop/live/it-holds", "suite", "It holds", "live", outcome, "because")
    gate = GateAsk("gate", "A gate", "live", (Ask("holds", "It holds", "critical", checks=("live/it-holds",)),), False)
    told = {"migration": "shop", "started": f"2026-01-{number:02}T00:00:00+00:00", **identity}
    return decide(f"run-{number}", [gate], [check], run=told)


def runs(*outcomes: Outcome) -> list[Verdict]:
    return [run(number, outcome) for number, outcome in enumerate(outcomes, 1)]


def measured(value: float, low: float, high: float) -> Verdict:
    """A run that measured a response time."""
    figure = Measurement("response_ms", value, "ms", 400, Interval(low, high, 0.95))
    found = Judgement(Outcome.PASSED, "fine", actual=figure)
    check = CheckRecord("shop/live/fast", "suite", "It is fast", "live", found.outcome, found.reason, actual=figure)
    return decide("run", [], [check], run={"migration": "shop"})


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        pytest.param((P, F), ("run-1", "run-2"), id="at-once"),
        pytest.param((P, F, F), ("run-1", "run-2"), id="for-some-time"),
        pytest.param((P, U, E, F), ("run-1", "run-4"), id="untold-in-between"),
        pytest.param((P, F, P, F), ("run-3", "run-4"), id="once-more"),
        pytest.param((F, F), None, id="never-passed"),
        pytest.param((U, F), None, id="never-told"),
        pytest.param((F, P), None, id="passes-again"),
        pytest.param((P, U), None, id="cannot-be-told"),
    ],
)
def test_a_failure_after_a_pass_is_a_regression(outcomes: Sequence[Outcome], expected: tuple[str, str] | None) -> None:
    *_, last = found = runs(*outcomes)
    told = [(each.passed_in, each.failed_since) for each in regressions(last, found)]
    assert told == ([expected] if expected else [])


@pytest.mark.parametrize("key", ["migration", "profile", "candidate_as", "defect"])
def test_only_runs_that_verified_the_same_are_beside_each_other(key: str) -> None:
    last = run(2, F)
    assert regressions(last, [run(1, P), last]) != ()
    assert regressions(last, [run(1, P, **{key: "another"}), last]) == ()


def test_recent_outcomes_end_with_the_run_itself() -> None:
    *_, last = found = runs(P, F, U, P, F)
    assert recent_outcomes(last, found) == {"gate/holds": (P, F, U, P, F)}
    assert recent_outcomes(last, found, most=2) == {"gate/holds": (P, F)}
    assert recent_outcomes(found[1], found) == {"gate/holds": (P, F)}


def test_kept_runs_are_read_oldest_first_and_one_without_a_verdict_is_told(tmp_path: Path) -> None:
    for number, outcome in ((2, F), (1, P)):
        (tmp_path / f"a{number}").mkdir()
        write_verdict(run(number, outcome), tmp_path / f"a{number}")
    (tmp_path / "died").mkdir()
    (tmp_path / "died" / "events.ndjson").touch()
    (tmp_path / "no-run").mkdir()
    found = kept_runs(tmp_path)
    assert [each.folder.name for each in found] == ["a1", "a2", "died"]
    text = "\n".join(line for line, _ in history_lines(found, 20))
    assert "regressed: gate/holds passed in run-1" in text
    assert "no verdict" in text


def test_the_last_runs_are_shown_beside_all_that_are_kept() -> None:
    found = [KeptRun(Path(it.run_id), str(it.run["started"]), it) for it in runs(P, F, F)]
    lines = [line for line, _ in history_lines(found, 1)]
    assert [line.split()[3] for line in lines if "  run-" in line] == ["run-3"]
    assert "passed in run-1, failed since run-2" in lines[-1]


def test_the_history_of_every_state(golden: Golden) -> None:
    told = [
        replace(
            VERDICTS[name], run_id=name, run={**VERDICTS[name].run, "started": f"2026-01-{number:02}T03:00:00+00:00"}
        )
        for number, name in enumerate(STATES, 1)
    ]
    found = [KeptRun(Path(it.run_id), str(it.run["started"]), it) for it in told]
    golden(HERE / "history.txt", "".join(f"{line}\n" for line, _ in history_lines(found, len(found))))


@pytest.mark.parametrize("name", STATES)
def test_a_comparison_with_a_go(name: str, golden: Golden) -> None:
    lines = comparison_lines(compared(VERDICTS["go"], VERDICTS[name]))
    golden(HERE / f"{name}.compare.txt", "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("name", [name for name in STATES if VERDICTS[name].checks])
def test_an_explanation_of_all_that_a_state_has(name: str, golden: Golden) -> None:
    verdict = VERDICTS[name]
    ids = [item.id for gate in verdict.gates for item in gate.criteria]
    ids += (
        [next(check.id for check in verdict.checks if check.outcome is not P)]
        if verdict.word != "GO" and any(check.outcome is not P for check in verdict.checks)
        else []
    )
    ids += [row.id for row in verdict.rows]
    golden(HERE / f"{name}.explain.txt", "\n\n".join("\n".join(explanation(verdict, each)) for each in ids) + "\n")


@pytest.mark.parametrize("name", [name for name in VERDICTS if name.startswith("hostile")])
def test_what_is_explained_or_compared_stays_text(name: str) -> None:
    verdict = VERDICTS[name]
    lines = [*explanation(verdict, "same-answers"), *comparison_lines(compared(VERDICTS["go"], verdict))]
    assert [line for line in lines if "\x1b" in line or "\u202e" in line or len(line) > 240] == []


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param((84, 80, 88), "+100 %, worse; the intervals lie apart", id="worse"),
        pytest.param((21, 20, 22), "-50 %, better; the intervals lie apart", id="better"),
        pytest.param((43, 41, 45), "+2.38 %, worse; the intervals overlap: it may be chance", id="overlap"),
        pytest.param((42, 40, 44), "no change", id="same"),
        pytest.param((float("inf"), 40, float("inf")), "+inf ms, worse; the intervals overlap", id="infinite"),
    ],
)
def test_a_figure_is_compared_by_its_intervals(now: tuple[float, float, float], said: str) -> None:
    lines = comparison_lines(compared(measured(42, 40, 44), measured(*now)))
    assert said in lines[-1]


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(HarnessError, match="has no criterion, check or row 'same-anwsers'; did you mean same-answers"):
        explanation(VERDICTS["go"], "same-anwsers")


def test_a_check_is_found_without_its_migration() -> None:
    assert explanation(VERDICTS["no-go"], "parity/answers/third-note")[0].startswith("tiny/parity/answers/third-note")


def test_what_would_settle_it_is_counted() -> None:
    figure = Measurement("response_ms", 199.0, "ms", 400, Interval(190, 210, 0.95))
    check = CheckRecord(
        "shop/live/fast", "suite", "It is fast", "live", U, "across", actual=figure, limit="< 200 ms", n_needed=1500
    )
    lines = explanation(decide("run", [], [check]), "live/fast")
    assert "           its interval reaches across the limit" in lines
    assert "to settle  about 1,500 samples, 1,100 more than the 400 there were (shop/live/fast)" in lines
