"""The walk through a plan: each phase once, in order, with the steps of all before it; a failed step ends it."""

import pytest

from godwit.verdict import HarnessError, Outcome

STEPS = ["start-baseline", "start-candidate", "note-the-time", "start-router"]
NOTED = """run: ["{python}", -S, -c, "print('noted')"]"""
FAILS = """run: ["{python}", -S, -c, "raise SystemExit('no time')"]"""
LATE = "{id: start-candidate, start: candidate, timeout_s: 1ms}"


def test_each_phase_is_entered_once_and_in_order(walked):
    run = walked()
    for check in run.checks:
        run.session.ready(check)
    assert run.entered() == ["parity", "switch", "load"]
    assert run.steps("step-done") == STEPS


def test_a_later_phase_walks_the_steps_of_all_before_it(walked):
    run = walked()
    run.session.ready(run.first("load"))
    assert run.entered() == ["parity", "switch", "load"]
    assert run.steps("step-done") == STEPS


def test_nothing_is_started_before_a_check_asks(walked):
    run = walked()
    assert (run.entered(), run.steps()) == ([], [])
    assert run.session.walk.phase is None


def test_a_phase_that_is_over_is_not_entered_again(walked):
    run = walked()
    run.session.ready(run.first("switch"))
    with pytest.raises(HarnessError, match="phase parity is over; the run is in switch"):
        run.session.ready(run.first("parity"))
    assert run.entered() == ["parity", "switch"]


def test_a_step_that_fails_keeps_its_phase_from_being_entered(walked):
    run = walked((NOTED, FAILS))
    with pytest.raises(
        HarnessError, match=r"phase parity could not be entered: step note-the-time \(run\) failed.*no time"
    ):
        run.session.ready(run.first("parity"))
    assert run.session.walk.phase is None
    assert run.steps("step-failed") == ["note-the-time"]


def test_a_phase_that_could_not_be_entered_is_tried_once(walked):
    run = walked((NOTED, FAILS))
    for number, check in enumerate(run.checks):
        with pytest.raises(HarnessError, match="failed" if number == 0 else "as its first check tells"):
            run.session.ready(check)
    assert run.entered() == ["parity"]
    assert run.steps() == STEPS[:3]


def test_a_failure_in_a_later_phase_leaves_the_earlier_ones_alone(walked):
    run = walked(("service.py, router", "no-such-file.py, router"))
    run.session.ready(run.first("parity"))
    with pytest.raises(HarnessError, match="phase switch could not be entered: step start-router"):
        run.session.ready(run.first("load"))
    assert run.session.walk.phase.id == "parity"


def test_a_late_step_lets_its_phase_be_entered_and_is_judged_failed(walked):
    run = walked(("{id: start-candidate, start: candidate}", LATE))
    run.session.ready(run.first("parity"))
    parity = run.session.setting.plan.phases[0]
    judged = {step.id: run.session.procedures.step(step) for step in parity.steps}
    assert {name: judgement.outcome for name, judgement in judged.items()} == {
        "start-baseline": Outcome.PASSED,
        "start-candidate": Outcome.FAILED,
        "note-the-time": Outcome.PASSED,
    }
    assert "late" in judged["start-candidate"].reason


def test_a_step_of_another_phase_is_not_judged_by_this_one(walked):
    run = walked()
    run.session.ready(run.first("parity"))
    judgement = run.session.procedures.step(run.session.setting.plan.phases[1].steps[0])
    assert judgement.outcome is Outcome.INCONCLUSIVE


def test_a_phases_flags_are_set_when_it_is_entered(walked):
    run = walked(("title: The candidate bears the load", "title: Load\n    flags: {use_next: true}"))
    run.session.ready(run.first("switch"))
    before = run.session.world.router.flags()["use_next"]
    run.session.ready(run.first("load"))
    assert (before, run.session.world.router.flags()["use_next"]) == (False, True)


@pytest.mark.parametrize("phase", ["parity", "load"])
def test_closing_stops_everything_that_was_started(walked, phase):
    run = walked()
    run.session.ready(run.first(phase))
    stacks = [run.session.world.stack(role) for role in ("baseline", "candidate", "router")]
    started = [stack.role for stack in stacks if stack.is_running()]
    run.session.close()
    assert started == ["baseline", "candidate"] + (["router"] if phase == "load" else [])
    assert not any(stack.is_running() for stack in stacks)


def test_closing_stops_what_a_failed_phase_left_running(walked):
    run = walked((NOTED, FAILS))
    with pytest.raises(HarnessError):
        run.session.ready(run.first("parity"))
    baseline = run.session.world.stack("baseline")
    assert baseline.is_running()
    run.session.close()
    assert not baseline.is_running()


def test_a_stack_that_takes_no_faults_says_so(walked):
    run = walked()
    with pytest.raises(HarnessError, match=r"stacks.router.faults is not in the plan"):
        run.session.world.faults("router")


def test_a_role_that_the_plan_does_not_have_is_named(walked):
    with pytest.raises(HarnessError, match="no stack for the role archive; it has baseline, candidate, router"):
        walked().session.world.stack("archive")
