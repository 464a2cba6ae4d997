"""What only people can answer for: signatures that are not there or too old, and failures that they accept."""

import datetime as dt

import pytest

TODAY = dt.datetime.now(dt.UTC).date()
PARITY = ("--godwit-phase", "parity")
WRONG = ("--godwit-defect", "wrong-answer")


def days(number):
    """So many days from today."""
    return TODAY + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda tiny: (tiny.folder / "attestations" / "sign-off.yaml").unlink(), "nobody has signed", id="missing"),
        pytest.param(lambda tiny: tiny.sign(date=days(-31)), "not within the last 30 days", id="out-of-date"),
        pytest.param(lambda tiny: tiny.sign(date=days(2)), "not within the last 30 days", id="dated-ahead"),
        pytest.param(lambda tiny: tiny.sign(name="other"), "signs other, not sign-off", id="for-another-id"),
        pytest.param(
            lambda tiny: (tiny.folder / "attestations" / "sign-off.yaml").write_text("fine\n"), "sign-off.yaml", id="no-form"
        ),
    ],
)  # fmt: skip
def test_a_signature_that_does_not_count_is_no_go(tiny, no_go_ever, spoil, said):
    spoil(tiny)
    ended = tiny.pytest(*PARITY)
    no_go_ever(ended)
    assert (ended.code, ended.verdict.word) == (11, "INCONCLUSIVE")
    assert said in ended.criterion("signed-off").reason


def test_a_signature_on_its_last_day_counts(tiny):
    tiny.sign(date=days(-30))
    ended = tiny.pytest(*PARITY)
    assert (ended.code, ended.criterion("signed-off").outcome) == (0, "passed"), ended.said


def test_signatures_can_lie_elsewhere(tiny):
    (tiny.folder / "attestations").rename(tiny.home / "signed")
    assert tiny.verify("--phase", "parity", "--attestations", str(tiny.home / "signed")).code == 0


def test_a_waived_failure_is_listed_and_neutral(tiny):
    tiny.waive(expires=TODAY)
    ended = tiny.verify("--phase", "parity", "--defect", "wrong-answer")
    criterion = ended.criterion("same-answers")
    assert (ended.code, ended.verdict.word) == (0, "GO"), ended.said
    assert criterion.outcome == "waived"
    assert criterion.reason.startswith(f"waived by A. Editor until {TODAY}: known (was: tiny/parity/")
    assert "waived       same-answers" in ended.said
    assert ended.outcomes["parity/the-candidate-answers-as-the-baseline/third-note"] == "failed"


def test_a_waiver_accepts_nothing_beyond_its_criterion(tiny, no_go_ever):
    tiny.waive(expires=days(9))
    ended = tiny.pytest(*PARITY, "--godwit-defect", "dies")
    no_go_ever(ended)
    assert ended.criterion("both-healthy").outcome == "failed"


def test_an_expired_waiver_fails(tiny, no_go_ever):
    tiny.waive(expires=days(-1))
    ended = tiny.pytest(*PARITY, *WRONG)
    no_go_ever(ended)
    assert (ended.code, ended.criterion("same-answers").reason) == (10, f"waiver w expired on {days(-1)}")


def test_a_stale_waiver_fails(tiny, no_go_ever):
    tiny.waive(expires=days(9))
    ended = tiny.pytest(*PARITY)
    no_go_ever(ended)
    assert ended.code == 10
    assert ended.criterion("same-answers").reason.startswith("stale waiver: the failure it accepts is gone")


def test_a_waiver_does_not_stand_for_a_check_that_did_not_run(tiny, no_go_ever):
    tiny.waive(expires=days(9))
    ended = tiny.pytest(*PARITY, "-k", "not answers")
    no_go_ever(ended)
    assert ended.criterion("same-answers").outcome == "inconclusive"
