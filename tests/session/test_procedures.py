"""A tool of the migration is held to its exit code and its words; one that could not try has shown nothing."""

import pytest

from godwit.plan import Tool
from godwit.verdict import Outcome

PY = ("{python}", "-S", "-c")


@pytest.fixture
def used(walked):
    """Runs a tool in the tiny migration."""
    run = walked()
    run.session.ready(run.first("parity"))

    def judge(code, **more):
        tool = {"id": "it", "sentence": "It works.", "run": (*PY, code), "timeout_s": 20.0} | more
        return run.session.procedures.tool(Tool.model_validate(tool, strict=False))

    return judge


@pytest.mark.parametrize(
    ("code", "more", "outcome"),
    [
        ("print('3 of 3 hold')", {"stdout_has": ("3 of 3 hold",)}, Outcome.PASSED),
        ("print('2 of 3 hold')", {"stdout_has": ("3 of 3 hold",)}, Outcome.FAILED),
        ("raise SystemExit(3)", {}, Outcome.FAILED),
        ("raise SystemExit(3)", {"not_tried": 3}, Outcome.INCONCLUSIVE),
        ("raise SystemExit(1)", {"not_tried": 3}, Outcome.FAILED),
    ],
    ids=["holds", "does not hold", "an exit code", "not tried", "tried in vain"],
)
def test_a_tool_is_held_to_what_the_plan_says(used, code, more, outcome):
    assert used(code, **more).outcome is outcome


def test_what_a_tool_said_at_its_end_is_the_reason_of_its_finding(used):
    (found,) = used("raise SystemExit('does not hold: three of three')").findings
    assert (found.where, found.candidate, found.reason) == ("it", "1", "does not hold: three of three")


def test_what_was_missing_is_told(used):
    code = "print('not tried: no PostgreSQL (Debian: postgresql-15)'); raise SystemExit(3)"
    assert used(code, not_tried=3).reason.endswith(
        "could not be tried: not tried: no PostgreSQL (Debian: postgresql-15)"
    )
