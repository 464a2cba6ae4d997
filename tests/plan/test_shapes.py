"""Shapes of loads: straight lines that fill the whole time between the lowest and the highest rate, and what is refused."""

import pytest
from pydantic import ValidationError

from godwit.plan import LoadProfile, Shape, StopAt, segments_of

OPERATIONS = [{"id": "read", "path": "/", "share": 100.0}]


def lines(kind, rate=100.0, seconds=60.0, **words):
    found = segments_of(Shape(kind=kind, **words), rate, seconds)
    return [(each.seconds, each.begin_per_s, each.end_per_s) for each in found]


@pytest.mark.parametrize(
    ("kind", "words", "wanted"),
    [
        pytest.param("constant", {}, [(60, 100, 100)], id="constant"),
        pytest.param("ramp", {"from_per_s": 0}, [(60, 0, 100)], id="ramp"),
        pytest.param("step", {"from_per_s": 40, "steps": 3}, [(20, 40, 40), (20, 70, 70), (20, 100, 100)], id="step"),
        pytest.param("knee", {"from_per_s": 25, "steps": 3}, [(20, 25, 25), (20, 50, 50), (20, 100, 100)], id="knee"),
        pytest.param(
            "spike",
            {"from_per_s": 10, "peak_s": 8.0, "rise_s": 1.0},
            [(25, 10, 10), (1, 10, 100), (8, 100, 100), (1, 100, 10), (25, 10, 10)],
            id="spike",
        ),
        pytest.param(
            "spike",
            {"from_per_s": 10, "peak_s": 20.0},
            [(20, 10, 10), (20, 100, 100), (20, 10, 10)],
            id="spike at once",
        ),
        pytest.param(
            "soak",
            {"from_per_s": 5, "rise_s": 10.0},
            [(10, 5, 100), (40, 100, 100), (10, 100, 5)],
            id="soak",
        ),
    ],
)
def test_a_shape_is_straight_lines_over_the_whole_time(kind, words, wanted):
    assert lines(kind, **words) == wanted


def test_a_profile_counts_the_arrivals_of_its_shape_and_tells_them():
    ramp = LoadProfile.model_validate(
        {
            "id": "up",
            "rate_per_s": 100,
            "duration_s": 60.0,
            "shape": {"kind": "ramp", "from_per_s": 10},
            "operations": OPERATIONS,
        }
    )
    assert ramp.arrivals == 3300
    assert ramp.told == "ramp from 10/s to 100/s for 60 s"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param({"kind": "ramp"}, "shape ramp also needs from_per_s", id="a word missing"),
        pytest.param({"kind": "ramp", "from_per_s": 1, "steps": 3}, "shape ramp has no steps", id="a word too many"),
        pytest.param({"kind": "constant", "from_per_s": 1}, "it has no more words", id="constant"),
        pytest.param({"kind": "knee", "from_per_s": 0, "steps": 3}, "begins above 0", id="multiples of nothing"),
        pytest.param({"kind": "ramp", "from_per_s": 100}, "must be under rate_per_s", id="no rise"),
        pytest.param({"kind": "spike", "from_per_s": 1, "peak_s": 61.0}, "longer than duration_s", id="no time"),
        pytest.param({"kind": "soak", "from_per_s": 1, "rise_s": 31.0}, "longer than duration_s", id="no time to rise"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(words, said):
    profile = {"id": "p", "rate_per_s": 100, "duration_s": 60.0, "shape": words, "operations": OPERATIONS}
    with pytest.raises(ValidationError, match=said):
        LoadProfile.model_validate(profile)


def test_a_closed_loop_has_no_shape():
    closed = {"id": "p", "loop": "closed", "concurrency": 2, "duration_s": 60.0, "shape": {"kind": "constant"}}
    with pytest.raises(ValidationError, match="a closed one has no rate"):
        LoadProfile.model_validate(closed | {"operations": OPERATIONS})


def test_a_stop_without_a_limit_is_refused():
    with pytest.raises(ValidationError, match="stop_at needs errors"):
        StopAt()
