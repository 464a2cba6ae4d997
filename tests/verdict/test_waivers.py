"""A waiver accepts a failure, and nothing else: what did not run or crashed stays in the way of a GO."""

import pytest

from godwit.verdict import Ask, CheckRecord, GateAsk, Outcome, Verdict, Word, decide


def verdict(*outcomes: Outcome) -> Verdict:
    """A gate with one waived criterion over these checks, and another check that passed."""
    checks = [CheckRecord(f"shop/cutover/it-works/{i}", "s", "S", "cutover", of, "r") for i, of in enumerate(outcomes)]
    other = CheckRecord("shop/cutover/it-starts", "s", "S", "cutover", Outcome.PASSED, "r")
    ask = Ask("works", "It works", "critical", checks=("cutover/it-works",), waiver="waived by ann until 2027: known")
    return decide("run", [GateAsk("done", "Done", "cutover", (ask,), rolls_back=False)], [other, *checks])


def test_a_failure_in_a_waived_criterion_is_neutral() -> None:
    assert verdict(Outcome.FAILED).word is Word.GO


@pytest.mark.parametrize("outcome", [Outcome.INCONCLUSIVE, Outcome.ERRORED, Outcome.SKIPPED], ids=lambda of: of.value)
def test_what_is_no_failure_is_not_waived_beside_one(outcome: Outcome) -> None:
    assert verdict(Outcome.FAILED, outcome).word is Word.INCONCLUSIVE


def test_a_waiver_whose_failure_is_gone_is_a_failure() -> None:
    assert verdict(Outcome.PASSED).word is Word.NO_GO
