"""Flags that are changed while a real little stack is written to: what it costs is found, and what costs nothing passes."""

import pytest

from godwit.verdict import Outcome

RIGHT = [
    "a-hot-change-acts-in-time/fast",
    "a-hot-change-fails-no-request/fast",
    "a-hot-change-restarts-nothing/fast",
    "a-hot-change-acts-in-time/deep",
    "a-hot-change-fails-no-request/quiet",
    "toggling-loses-nothing/quiet",
    "the-kill-switch-brings-the-baseline-back/all-off",
]


def test_a_shop_whose_flags_cost_nothing_passes(shop):
    ask = shop()
    judged = {name: ask(name) for name in RIGHT}
    assert {name: one.findings or one.reason for name, one in judged.items() if one.outcome is not Outcome.PASSED} == {}


@pytest.mark.parametrize(
    ("wrong", "check", "what"),
    [
        ("late", "a-hot-change-acts-in-time/quiet", "took too long"),
        ("drops", "a-hot-change-fails-no-request/quiet", "nobody was served"),
        ("hangs-up", "a-hot-change-restarts-nothing/quiet", "connection was lost"),
        ("drops", "toggling-loses-nothing/quiet", "nobody was served"),
        ("runs-out", "toggling-loses-nothing/quiet", "flag was not turned"),
        ("loses", "toggling-loses-nothing/quiet", "write was lost"),
        ("stays-slow", "the-kill-switch-brings-the-baseline-back/all-off", "value"),
        ("hides", "the-kill-switch-brings-the-baseline-back/all-off", "write was lost"),
    ],
)
def test_what_a_change_costs_is_found(shop, wrong, check, what):
    judgement = shop(wrong)(check)
    assert judgement.outcome is Outcome.FAILED, judgement.reason
    assert what in [finding.what for finding in judgement.findings], judgement.findings


def test_what_is_lost_on_purpose_is_no_loss(shop):
    ask = shop("hides", ("probes: [prices]", "probes: [prices], lost: Notes of the fast path are drafts"))
    judgement = ask("the-kill-switch-brings-the-baseline-back/all-off")
    assert (judgement.outcome, "drafts" in judgement.reason) == (Outcome.PASSED, True)
