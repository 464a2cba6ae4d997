"""Requests made of an OpenAPI document against two real servers: what they part on is found, shrunk and told."""

import itertools
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.plan import HttpSurface, Normaliser, Surfaces
from godwit.session.generated import generated
from godwit.verdict import HarnessError, Judgement, Outcome

OK = {"200": {"description": "well"}}
BOX = {
    "type": "object",
    "properties": {"size": {"type": "integer"}},
    "required": ["size"],
    "additionalProperties": False,
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "boxes", "version": "1"},
    "paths": {
        "/boxes": {
            "post": {"requestBody": {"required": True, "content": {"application/json": {"schema": BOX}}}, "responses": OK},
            "get": {"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}], "responses": OK},
        },
        "/boxes/{boxId}": {
            "get": {
                "parameters": [{"name": "boxId", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": OK,
            }
        },
    },
}  # fmt: skip
PREPARE = [{"method": "POST", "path": "/boxes", "body": {"size": 1}, "capture": {"boxid": "/id"}}]


def reply(status: int, body: Any) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "application/json"}, json.dumps(body).encode()


def boxes(prefix: str, document: Any = DOCUMENT, wrong_from: float = float("inf"), refuses: bool = False) -> Any:
    """A service of boxes that shows those of a size from `wrong_from` on as one smaller."""
    numbers = itertools.count(1)
    known: dict[str, dict[str, Any]] = {}

    def handle(seen: Any) -> tuple[int, dict[str, str], bytes]:
        path = seen.path.partition("?")[0]
        if path == "/openapi.json":
            return reply(200, document)
        if refuses:
            return reply(401, {"error": "who are you"})
        if seen.method == "POST":
            box = {"id": f"{prefix}{next(numbers)}", "size": json.loads(seen.body)["size"]}
            known[box["id"]] = box
            return reply(201, {**box, "size": box["size"] - (box["size"] >= wrong_from)})
        if path == "/boxes":
            return reply(200, {"limit": "limit=" in seen.path})
        name = path.rpartition("/")[2]
        return reply(200, known[name]) if name in known else reply(404, {"error": "none"})

    return handle


@pytest.fixture
def tried(serve: Any) -> Callable[..., Judgement]:
    """Tries generated requests on two running services."""

    def run(baseline: Any, candidate: Any, **wanted: Any) -> Judgement:
        asked = {"id": "made", "examples": 30, "prepare": PREPARE, **wanted}
        http = HttpSurface.model_validate({"openapi": {}, "generated": asked})
        surfaces = Surfaces(http=http, normalisers=(Normaliser(kind="id", at="/id"),))
        stacks = {"baseline": serve(baseline), "candidate": serve(candidate)}
        plan = SimpleNamespace(surfaces=surfaces, migration=SimpleNamespace(seed=7))
        return generated(SimpleNamespace(plan=plan, stack=stacks.__getitem__, may_write=lambda *roles: None))

    return run


def test_sides_that_answer_alike_pass_and_each_fills_the_path_with_its_own_id(tried):
    judgement = tried(boxes("a"), boxes("b"))
    assert judgement.outcome is Outcome.PASSED, judgement.reason
    assert "of 3 operation(s), 0 left out, all answered alike" in judgement.reason


def test_a_difference_that_values_decide_is_found_and_shrunk_to_the_smallest(tried):
    judgement = tried(boxes("a"), boxes("b", wrong_from=12), only=["POST /boxes"], examples=100)
    assert judgement.outcome is Outcome.FAILED
    assert 'POST /boxes content-type: application/json {"size": 12} answered 201 ' in judgement.reason
    assert [(finding.where, finding.baseline, finding.candidate) for finding in judgement.findings] == [
        ("POST /boxes /size", "12", "11")
    ]


def test_the_path_of_the_documents_server_comes_first(tried):
    mounted = {**DOCUMENT, "servers": [{"url": "https://boxes.example/v1"}]}
    judgement = tried(boxes("a", mounted, wrong_from=-(10**30)), boxes("b"), only=["POST *"])
    assert "POST /v1/boxes " in judgement.reason


def test_a_baseline_that_refuses_everything_leaves_it_open(tried):
    judgement = tried(boxes("a", refuses=True), boxes("b", refuses=True), only=["* /boxes"])
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "accepted no request of POST /boxes (401), GET /boxes (401)" in judgement.reason


def test_an_operation_whose_path_nothing_fills_leaves_it_open(tried):
    judgement = tried(boxes("a"), boxes("b"), prepare=[])
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "accepted no request of GET /boxes/{boxId} (404)" in judgement.reason


def test_a_skipped_operation_is_not_asked_for(tried):
    skipped = [{"operation": "GET /boxes/*", "reason": "nobody calls it"}]
    judgement = tried(boxes("a"), boxes("b"), prepare=[], skip=skipped)
    assert judgement.outcome is Outcome.PASSED
    assert "of 2 operation(s), 1 left out" in judgement.reason


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param(["no"], "no OpenAPI document", id="a-list"),
        pytest.param({"paths": {}}, "no OpenAPI document", id="no-version"),
        pytest.param({**DOCUMENT, "paths": {}}, "holds no operation", id="no-operation"),
        pytest.param({**DOCUMENT, "paths": {"/a": {"$ref": "http://elsewhere/a"}}}, "refers to another", id="elsewhere"),
        pytest.param(
            {**DOCUMENT, "paths": {"/a": {"get": {"parameters": [{"$ref": "#/no"}], "responses": OK}}}}, "GET /a", id="dangling"
        ),
    ],
)  # fmt: skip
def test_a_document_of_which_nothing_can_be_made_leaves_it_open(tried, document, said):
    judgement = tried(boxes("a", document=document), boxes("b"), prepare=[])
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert said in judgement.reason


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param({"only": ["GET /crates"]}, "no operation of the document is 'GET /crates'", id="only"),
        pytest.param({"skip": [{"operation": "DELETE *", "reason": "gone"}]}, "is 'DELETE *'", id="skip"),
        pytest.param(
            {"prepare": [*PREPARE, {"path": "/boxes", "capture": {"crate": "/id"}}]},
            "has a parameter crate",
            id="captured",
        ),
    ],
)
def test_a_choice_that_meets_nothing_leaves_it_open(tried, wanted, said):
    judgement = tried(boxes("a"), boxes("b"), **wanted)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert said in judgement.reason


def test_an_operation_for_which_no_time_is_left_leaves_it_open(tried):
    judgement = tried(boxes("a"), boxes("b"), limit_s=0.05, examples=5_000)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "its time was over" in judgement.reason


def test_without_the_library_it_is_said_what_to_install(tried, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(HarnessError, match=r"pip install 'pytest-godwit\[openapi\]'"):
        tried(boxes("a"), boxes("b"))


def test_generated_requests_without_a_document_are_refused():
    with pytest.raises(ValueError, match="write openapi as well"):
        HttpSurface.model_validate({"generated": {"id": "made"}})
