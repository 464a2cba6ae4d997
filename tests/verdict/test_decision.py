"""No run can be decided GO on anything but checks that ran and passed, whatever was lost, doubled, skipped or waived."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from godwit.checks import judge_criterion
from godwit.plan import Criterion
from godwit.verdict import (
    Ask,
    CheckRecord,
    GateAsk,
    LoadRun,
    Observation,
    Outcome,
    Series,
    Verdict,
    Word,
    complete,
    decide,
    failed,
    inconclusive,
    not_run,
    passed,
)

PHASES = ("first", "second")
OTHER = [outcome for outcome in Outcome if outcome is not Outcome.PASSED]
ANY = st.sampled_from(Outcome)
OUTCOMES = [pytest.param(outcome, id=outcome.value) for outcome in OTHER]


def record(name: str, outcome: Outcome = Outcome.PASSED, phase: str = "first") -> CheckRecord:
    """The record of one check."""
    return CheckRecord(f"m/{phase}/{name}", "suite", "It holds", phase, outcome, f"{name} was {outcome}")


def gate(*criteria: Ask, phase: str = "first", rolls_back: bool = False) -> GateAsk:
    """The exit gate of a phase."""
    return GateAsk(f"gate-{phase}", "A gate", phase, criteria, rolls_back)


def ask(name: str, phase: str = "first", waiver: str = "", waiver_fault: str = "") -> Ask:
    """What a gate asks of one check."""
    checks = (f"{phase}/{name}",)
    return Ask(f"criterion-{name}", "It holds", "critical", checks=checks, waiver=waiver, waiver_fault=waiver_fault)


@dataclass(frozen=True)
class Run:
    """A run that was planned, and what came of it."""

    gates: tuple[GateAsk, ...]
    expected: tuple[CheckRecord, ...]
    records: tuple[CheckRecord, ...]

    def decided(self, records: tuple[CheckRecord, ...] | None = None, trouble: tuple[str, ...] = ()) -> Verdict:
        """The verdict on these records, or on its own."""
        found = self.records if records is None else records
        return decide("run", self.gates, complete(self.expected, found), trouble=trouble)


@st.composite
def runs(draw: st.DrawFn, outcomes: st.SearchStrategy[Outcome] = ANY) -> Run:
    """Runs of one or two phases; some checks answer a criterion, some only stand in their phase."""
    gates, expected, records = [], [], []
    for phase in PHASES[: draw(st.integers(1, 2))]:
        names = [f"check-{number}" for number in range(draw(st.integers(1, 4)))]
        asked = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        gates.append(gate(*(ask(name, phase) for name in asked), phase=phase, rolls_back=draw(st.booleans())))
        expected += [not_run(f"m/{phase}/{name}", "did not run") for name in names]
        records += [record(name, draw(outcomes), phase) for name in names]
    return Run(tuple(gates), tuple(expected), tuple(records))


passing = runs(outcomes=st.just(Outcome.PASSED))


@given(passing)
def test_a_run_in_which_everything_passed_is_a_go(run: Run) -> None:
    assert run.decided().word is Word.GO


@given(runs())
def test_a_go_rests_on_passed_checks_only(run: Run) -> None:
    verdict = run.decided()
    assert (verdict.word is Word.GO) == ({check.outcome for check in verdict.checks} == {Outcome.PASSED})


@given(passing, st.data())
def test_losing_any_record_loses_the_go(run: Run, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(run.records))
    left = tuple(check for check in run.records if check is not lost)
    verdict = run.decided(left)
    assert verdict.word is Word.INCONCLUSIVE
    assert "did not run" in verdict.reason


@given(passing, st.sampled_from(OTHER), st.data())
def test_any_other_outcome_of_any_check_loses_the_go(run: Run, outcome: Outcome, data: st.DataObject) -> None:
    spoilt = data.draw(st.sampled_from(run.records))
    verdict = run.decided(tuple(replace(check, outcome=outcome) if check is spoilt else check for check in run.records))
    assert verdict.word is (Word.NO_GO if outcome is Outcome.FAILED else Word.INCONCLUSIVE)


@given(runs(), st.sampled_from(OTHER), st.data())
def test_a_second_record_of_a_check_never_makes_it_better(run: Run, outcome: Outcome, data: st.DataObject) -> None:
    again = replace(data.draw(st.sampled_from(run.records)), outcome=outcome)
    before, after = run.decided(), run.decided((*run.records, again))
    assert after.word is not Word.GO
    assert not (before.word is Word.NO_GO and after.word is not Word.NO_GO)


@given(runs(), st.data())
def test_passing_in_a_second_attempt_makes_no_go_of_nothing(run: Run, data: st.DataObject) -> None:
    assume(run.decided().word is not Word.GO)
    again = tuple(replace(check, outcome=Outcome.PASSED) for check in run.records)
    attempts = data.draw(st.permutations((*run.records, *again)))
    assert run.decided(tuple(attempts)).word is not Word.GO


@given(runs(), st.data())
def test_the_order_in_which_records_come_means_nothing(run: Run, data: st.DataObject) -> None:
    shuffled = tuple(data.draw(st.permutations(run.records)))
    assert run.decided(shuffled) == run.decided()


@given(runs(), st.data())
def test_every_expected_check_is_accounted_for_once(run: Run, data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(run.records)))
    assert [check.id for check in complete(run.expected, some)] == [check.id for check in run.expected]


@given(passing, st.sampled_from(OTHER), st.sampled_from([*PHASES, "third"]))
def test_a_record_that_nobody_expected_cannot_help_but_can_fail(run: Run, outcome: Outcome, phase: str) -> None:
    assert run.decided((*run.records, record("stray", outcome, phase))).word is not Word.GO


@given(runs())
def test_with_trouble_there_is_no_go_and_no_go_stays(run: Run) -> None:
    before, after = run.decided(), run.decided(trouble=("worker gw0 died",))
    assert after.word is (Word.NO_GO if before.word is Word.NO_GO else Word.INCONCLUSIVE)
    assert after.trouble == ("worker gw0 died",)


@given(runs())
def test_the_exit_code_says_what_the_word_says(run: Run) -> None:
    verdict = run.decided()
    rolls_back = any(decided.rolls_back for decided in verdict.gates if decided.word is Word.NO_GO)
    no_go = 12 if rolls_back else 10
    assert verdict.exit_code == {Word.GO: 0, Word.NO_GO: no_go, Word.INCONCLUSIVE: 11}[verdict.word]


@given(runs())
def test_a_gate_counts_what_it_expected_and_what_ran(run: Run) -> None:
    for decided in run.decided().gates:
        mine = [check for check in run.records if check.phase == decided.phase]
        assert decided.checks_expected == len(mine)
        assert decided.checks_ran == sum(check.outcome in (Outcome.PASSED, Outcome.FAILED) for check in mine)


def test_nothing_at_all_is_inconclusive() -> None:
    verdict = decide("run", [], [])
    assert (verdict.word, verdict.exit_code, verdict.reason) == (Word.INCONCLUSIVE, 11, "no gate was decided")


def test_a_gate_that_asks_nothing_of_a_phase_without_checks_is_inconclusive() -> None:
    assert decide("run", [gate()], []).word is Word.INCONCLUSIVE


def test_a_criterion_that_no_check_answers_is_inconclusive_though_all_checks_passed() -> None:
    verdict = decide("run", [gate(ask("lost"))], [record("here")])
    assert verdict.word is Word.INCONCLUSIVE
    assert verdict.gates[0].criteria[0].reason == "no check answers it in this run (asked: first/lost)"


def test_a_check_of_another_phase_answers_no_criterion() -> None:
    verdict = decide("run", [gate(ask("it", "second"), phase="first")], [record("it", phase="second")])
    assert verdict.word is Word.INCONCLUSIVE


def test_a_pattern_without_a_case_means_every_case() -> None:
    checks = [record("it/one"), record("it/two", Outcome.FAILED), record("items")]
    (criterion,) = decide("run", [gate(ask("it"))], checks).gates[0].criteria
    assert (criterion.outcome, criterion.checks) == (Outcome.FAILED, ("m/first/it/one", "m/first/it/two"))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_check_that_no_criterion_names_still_holds_its_gate(outcome: Outcome) -> None:
    verdict = decide("run", [gate(ask("asked"))], [record("asked"), record("loose", outcome)])
    assert verdict.word is not Word.GO


@pytest.mark.parametrize(
    ("judgement", "word"),
    [
        pytest.param(passed("signed"), Word.GO, id="signed"),
        pytest.param(inconclusive("nobody has signed"), Word.INCONCLUSIVE, id="unsigned"),
        pytest.param(failed("the score is 2"), Word.NO_GO, id="refused"),
    ],
)
def test_what_people_say_counts_like_a_check(judgement, word) -> None:  # type: ignore[no-untyped-def]
    people = Ask("people", "They agree", "critical", judgement=judgement)
    assert decide("run", [gate(ask("it"), people)], [record("it")]).word is word


@pytest.mark.parametrize(
    ("outcome", "words", "expected", "word"),
    [
        pytest.param(Outcome.FAILED, {"waiver": "w"}, Outcome.WAIVED, Word.GO, id="in-force"),
        pytest.param(Outcome.PASSED, {"waiver": "w"}, Outcome.FAILED, Word.NO_GO, id="stale"),
        pytest.param(Outcome.FAILED, {"waiver_fault": "over"}, Outcome.FAILED, Word.NO_GO, id="expired"),
        pytest.param(Outcome.PASSED, {"waiver_fault": "over"}, Outcome.FAILED, Word.NO_GO, id="expired-and-stale"),
        pytest.param(Outcome.INCONCLUSIVE, {"waiver": "w"}, Outcome.INCONCLUSIVE, Word.INCONCLUSIVE, id="did-not-run"),
        pytest.param(Outcome.ERRORED, {"waiver": "w"}, Outcome.ERRORED, Word.INCONCLUSIVE, id="broke-down"),
        pytest.param(Outcome.SKIPPED, {"waiver": "w"}, Outcome.INCONCLUSIVE, Word.INCONCLUSIVE, id="skipped"),
    ],
)
def test_a_waiver_accepts_a_failure_and_nothing_else(outcome, words, expected, word) -> None:  # type: ignore[no-untyped-def]
    checks = [record("waived", outcome), record("sound")]
    verdict = decide("run", [gate(ask("waived", **words), ask("sound"))], checks)
    assert (verdict.gates[0].criteria[0].outcome, verdict.word) == (expected, word)


def test_a_gate_of_waivers_only_is_inconclusive() -> None:
    verdict = decide("run", [gate(ask("it", waiver="w"))], [record("it", Outcome.FAILED)])
    assert verdict.word is Word.INCONCLUSIVE


def test_a_waived_failure_does_not_excuse_a_criterion_beside_it() -> None:
    other = Ask("other", "It holds too", "critical", (), ("first/it",))
    verdict = decide("run", [gate(ask("it", waiver="w"), other)], [record("it", Outcome.FAILED)])
    assert verdict.word is Word.NO_GO


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"generator_cpu": 0.97}, "it measured itself", id="generator-saturated"),
        pytest.param({"late_share": 0.2}, "started late", id="generator-late"),
        pytest.param({"asked": 4000}, "only 1000 of 4000 requests were sent", id="not-reached"),
        pytest.param({"asked": 0}, "asked for nothing", id="nothing-asked"),
        pytest.param({"sides": {}}, "only 0 of 1000 requests were sent", id="no-request"),
    ],
)
def test_a_load_that_was_not_what_was_asked_for_is_no_go_ever(changed, said) -> None:  # type: ignore[no-untyped-def]
    words = {"metric": "error_rate_percent", "statistic": "share", "unit": "%", "comparison": "<", "profile": "short"}
    evidence = {"limit": {"absolute": 5.0}, "evidence": {"n": 90}}
    criterion = Criterion.model_validate({"id": "few-errors", "sentence": "Few fail", **words, **evidence})
    sound = LoadRun("short", 10.0, 1000, 0.1, 0.0, {"candidate": {"read": Series((900,) * 1000)}})
    assert judge_criterion(criterion, Observation(sound)).outcome is Outcome.PASSED
    judgement = judge_criterion(criterion, Observation(replace(sound, **changed)))
    check = replace(record("budget", judgement.outcome), reason=judgement.reason)
    verdict = decide("run", [gate(ask("budget"))], [check])
    assert verdict.word is Word.INCONCLUSIVE
    assert said in verdict.reason


def fired(case: str, rules: dict[str, int] | None) -> CheckRecord:
    return CheckRecord(f"m/p/alike/{case}", "s", "It is alike", "p", Outcome.PASSED, "alike", rules=rules)


def test_rules_are_summed_over_a_run_and_one_that_never_fired_is_told() -> None:
    checks = [fired("a", {"id /id": 2}), fired("b", {"id /id": 1}), fired("c", None)]
    verdict = decide("r", [], checks, rules=["id /id", "order /a"])
    assert [(it.rule, it.fired) for it in verdict.rules] == [("id /id", 3), ("order /a", 0)]


def test_rules_that_nothing_was_compared_under_are_not_blamed() -> None:
    assert decide("r", [], [fired("a", None)], rules=["id /id"]).rules == ()


def test_rules_decide_nothing() -> None:
    words = [decide("r", [], [fired("a", {})], rules=rules).word for rules in ([], ["id /id"])]
    assert words[0] == words[1]
