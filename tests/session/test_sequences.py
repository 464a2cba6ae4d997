"""Generated sequences of operations against two real servers: the smallest one on which they part is told."""

import itertools
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.plan import HttpSurface, Normaliser, Sequences, Surfaces
from godwit.session.sequences import Call, Course, explored, shortened
from godwit.verdict import Judgement, Outcome

OPERATIONS = [
    {
        "id": "create", "method": "POST", "path": "/boxes", "body": {"size": "{size}"}, "draw": {"size": [1, 2, 3]},
        "makes": {"box": "/id"},
    },
    {"id": "close", "method": "POST", "path": "/boxes/{box}/close"},
    {"id": "reopen", "method": "POST", "path": "/boxes/{box}/reopen"},
    {"id": "read", "path": "/boxes/{box}"},
    {"id": "list", "path": "/health"},
]  # fmt: skip


def boxes(spoiled: Callable[[dict[str, Any]], bool] = lambda box: False, prefix: str = "box-a") -> Any:
    """A service of boxes that are closed and opened again; `spoiled` says which of them reads wrongly."""
    numbers = itertools.count(1)
    known: dict[str, dict[str, Any]] = {}

    def handle(seen: Any) -> tuple[int, dict[str, str], bytes]:
        if seen.path == "/health":
            return reply(200, {"status": "ok"})
        if seen.path == "/boxes":
            made = f"{prefix}{next(numbers)}"
            known[made] = {"id": made, "size": json.loads(seen.body)["size"], "open": True, "closed": 0}
            return reply(201, known[made])
        _, _, name, *deed = seen.path.split("/")
        box = known[name]
        if deed == ["close"]:
            box |= {"open": False, "closed": box["closed"] + 1}
        elif deed == ["reopen"]:
            box["open"] = True
        shown = {key: value for key, value in box.items() if key != "closed"}
        return reply(200, {**shown, "open": not box["open"]} if not deed and spoiled(box) else shown)

    return handle


def reply(status: int, body: Any) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "application/json"}, json.dumps(body).encode()


@pytest.fixture
def tried(serve: Any) -> Callable[..., Judgement]:
    """Tries sequences on two running services."""

    def run(baseline: Any, candidate: Any, operations: Any = OPERATIONS, **wanted: Any) -> Judgement:
        asked = Sequences(**{"examples": 60, "steps": 8, **wanted})
        http = HttpSurface.model_validate({"operations": operations, "sequences": asked})
        surfaces = Surfaces(http=http, normalisers=(Normaliser(kind="id", at="/id"),))
        stacks = {"baseline": serve(baseline), "candidate": serve(candidate)}
        plan = SimpleNamespace(surfaces=surfaces, migration=SimpleNamespace(seed=7))
        return explored(SimpleNamespace(plan=plan, stack=stacks.__getitem__, may_write=lambda *roles: None))

    return run


def test_sides_that_answer_alike_pass(tried):
    judgement = tried(boxes(), boxes(prefix="box-b"))
    assert judgement.outcome is Outcome.PASSED, judgement.reason
    assert judgement.reason.startswith("60 sequence(s)")


def test_a_difference_that_needs_four_calls_is_shrunk_to_four(tried):
    wrong = boxes(lambda box: box["closed"] == 1 and box["open"], prefix="box-b")
    judgement = tried(boxes(), wrong)
    assert judgement.outcome is Outcome.FAILED
    assert judgement.reason.startswith(
        "4 request(s) on which the sides part: 0: POST /boxes (create) answered 201 / 201; "
    )
    assert [finding.where for finding in judgement.findings] == ["/3/open"]


def test_requests_that_a_parted_sequence_does_not_need_are_dropped(serve):
    wrong = boxes(lambda box: box["closed"] >= 1 and box["open"], prefix="box-b")
    urls = {"baseline": serve(boxes()).url, "candidate": serve(wrong).url}
    http = HttpSurface.model_validate({"operations": OPERATIONS})
    create, close, reopen, read, listing = http.operations
    surfaces = Surfaces(http=http, normalisers=(Normaliser(kind="id", at="/id"),))
    course = Course(SimpleNamespace(surfaces=surfaces))
    for operation in (listing, create, create, close, read, close, listing, reopen, read):
        course.ask(Call(operation, {"size": 1}, {"box": 1} if operation.uses else {}), urls)
    shorter, judgement = shortened(course, course.judgement(), urls, float("inf"))
    assert shorter.asked == ["create", "close", "reopen", "read"]
    assert [finding.where for finding in judgement.findings] == ["/3/open"]


def test_a_difference_that_drawn_values_decide_is_found(tried):
    judgement = tried(boxes(), boxes(lambda box: box["size"] == 3, prefix="box-b"))
    assert judgement.reason.startswith("2 request(s)")


def test_a_difference_that_comes_only_once_is_told_as_it_came(tried):
    shown = itertools.count()
    judgement = tried(boxes(), boxes(lambda box: next(shown) == 20, prefix="box-b"))
    assert judgement.outcome is Outcome.FAILED
    assert "depends on what earlier sequences left behind" in judgement.reason


def test_an_operation_that_the_baseline_never_accepts_leaves_it_open(tried):
    def refusing(seen: Any) -> tuple[int, dict[str, str], bytes]:
        return reply(200, {"status": "ok"}) if seen.path == "/health" else reply(401, {"error": "who are you"})

    judgement = tried(refusing, refusing)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "never accepted create, close, reopen, read" in judgement.reason


def test_a_baseline_that_fails_leaves_it_open(tried):
    judgement = tried(lambda seen: reply(500, {}), lambda seen: reply(500, {}))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "equal failures prove nothing" in judgement.reason


def test_sequences_for_which_no_time_is_left_leave_it_open(tried):
    judgement = tried(boxes(), boxes(prefix="box-b"), examples=10_000, limit_s=0.2)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    said = re.match(
        r"its time was over after (\d+) of 10000 sequences; raise limit_s; (\d+) sequence", judgement.reason
    )
    assert said, judgement.reason
    assert int(said[1]) == int(said[2]) < 5_000


def test_sides_that_parted_before_the_time_was_over_have_failed(tried):
    judgement = tried(boxes(), lambda seen: reply(200, {"status": "gone"}), examples=10_000, limit_s=0.2)
    assert judgement.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        pytest.param([{"id": "read", "path": "/boxes/{box}"}], "uses {box}, which is not drawn", id="nothing-makes-it"),
        pytest.param(
            [{"id": "read", "path": "/boxes/{box}", "makes": {"box": "/id"}}], "no sequence can begin", id="nothing-begins"
        ),
    ],
)  # fmt: skip
def test_operations_that_cannot_be_put_together_are_refused(operations, said):
    with pytest.raises(ValueError, match=said):
        HttpSurface.model_validate({"operations": operations})
