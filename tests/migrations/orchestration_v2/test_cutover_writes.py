"""A minute of writes and reads across the reference cutover: nothing is lost, doubled, put out of order or seen late."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from godwit.plan import Plan, load_plan
from godwit.session import Session, Setting, expand
from godwit.verdict import Outcome

pytestmark = pytest.mark.slow
PLAN = Path(__file__).resolve().parents[3] / "migrations" / "orchestration_v2" / "plan.yaml"
MINUTE_S = 60.0


def lasting(plan: Plan, for_s: float) -> Plan:
    """The plan, with everything that goes on around the cutover going on for so long."""
    assert plan.state is not None
    assert plan.state.ledger is not None
    ledger = plan.state.ledger.model_copy(update={"for_s": for_s})
    histories = tuple(history.model_copy(update={"for_s": for_s}) for history in plan.state.histories)
    state = plan.state.model_copy(update={"ledger": ledger, "histories": histories})
    return plan.model_copy(update={"state": state}).read_from(plan.path, {})


def test_a_minute_of_writes_across_the_cutover_loses_nothing(tmp_path: Path) -> None:
    plan = lasting(load_plan(PLAN, os.environ), MINUTE_S)
    setting = Setting(plan, "process", tmp_path / "out", "minute", environ=os.environ)
    with closing(Session(setting)) as session:
        session.ready(next(check for check in expand(plan).checks if check.phase == "migration"))
        assert plan.state is not None
        judged = {
            "found": session.custody.writes_found(),
            "listed": session.writing.listed(),
            "answered": session.custody.uninterrupted(),
            **{history.id: session.writing.history(history) for history in plan.state.histories},
        }
        print({name: judgement.reason for name, judgement in judged.items()})
        assert {name: it.findings for name, it in judged.items() if it.outcome is not Outcome.PASSED} == {}
        entries = session.ledgers.ledger.entries()
        assert len(entries) > MINUTE_S
        assert entries[-1].at_s - entries[0].at_s > MINUTE_S - 15
