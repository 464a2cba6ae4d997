"""When a load ends at once: past a limit and on enough answers, never otherwise."""

import pytest

from godwit.checks import Recent, uses, why_stop
from godwit.plan import StopAt

LIMITS = StopAt(errors=5.0, p95_s=0.2, p99_s=0.5)


@pytest.mark.parametrize(
    ("recent", "said"),
    [
        pytest.param(Recent(200, 10, 3.0, 200.0, 500.0), "", id="at the limits"),
        pytest.param(Recent(200, 11, 3.0, 9.0, 9.0), "errors 5.5 % of 5 % over the last 10 s", id="errors"),
        pytest.param(Recent(200, 0, 3.0, 9.0, 501.0), "p99 501 ms of 500 ms over the last 10 s", id="slow tail"),
        pytest.param(
            Recent(200, 3, 3.0, 9.0, None), "p99 none answered of 500 ms over the last 10 s", id="failed tail"
        ),
        pytest.param(Recent(19, 19), "", id="too few"),
        pytest.param(Recent(99, 0, 3.0, 9.0, 900.0), "", id="too few for a p99"),
        pytest.param(
            Recent(99, 9, 3.0, 210.0, 900.0),
            "errors 9.09 % of 5 %; p95 210 ms of 200 ms over the last 10 s",
            id="both",
        ),
    ],
)
def test_a_load_stops_past_a_limit(recent, said):
    assert why_stop(LIMITS, recent) == said


def test_only_limits_that_are_named_are_looked_at():
    assert [use.name for use in uses(StopAt(p50_s=1.0), Recent(500, 500))] == ["p50"]
