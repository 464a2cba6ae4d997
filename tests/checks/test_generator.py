"""Whether a load was the one that was asked for: each fault of the generator is named, with what would help."""

import re

import pytest

from godwit.checks import labelled, unfit
from godwit.verdict import LoadRun, Series, passed


def load(answered=1000, **more):
    told = {"asked": 1000, "generator_cpu": 0.1, "late_share": 0.0} | more
    return LoadRun("average", 10.0, sides={"candidate": {"read": Series((1,) * answered)}}, **told)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        pytest.param(load(asked=0), "asked for nothing", id="nothing"),
        pytest.param(load(generator_cpu=0.95, workers=2), "used 95% of its core.*workers: 4", id="saturated"),
        pytest.param(load(late_share=0.06), "6.0% of the requests started late.*a core of its own", id="late"),
        pytest.param(
            load(faults={"connections": 11}), "11 of 1000 requests waited.*raise connections", id="connections"
        ),
        pytest.param(load(faults={"ports": 1}), "1 requests were not sent: no port.*ip_local_port_range", id="ports"),
        pytest.param(load(faults={"files": 3}), "3 requests were not sent.*ulimit -n", id="files"),
        pytest.param(load(faults={"memory": 3}), "no buffers left", id="memory"),
        pytest.param(load(foreign_cpu=0.31), "other work used 31%", id="disturbed"),
        pytest.param(load(answered=949), "only 949 of 1000", id="short"),
    ],
)
def test_a_load_that_measured_its_generator_is_unfit_and_says_what_helps(run, says):
    assert re.search(says, unfit(run))


def test_a_load_that_was_what_was_asked_for_is_fit():
    assert unfit(load(generator_cpu=0.9, late_share=0.05, faults={"connections": 10})) == ""


def test_a_judgement_on_a_closed_loop_says_so():
    assert labelled(passed("p95 is 3 ms"), load(loop="closed")).reason.endswith(
        "(closed loop: slow answers asked for less load)"
    )
    assert labelled(passed("p95 is 3 ms"), load()).reason == "p95 is 3 ms"
