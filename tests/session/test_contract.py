"""A change of contracts is confirmed or refuted by two real servers, and undecided only with a reason."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from godwit.plan import HttpSurface
from godwit.session.contract import Contract
from godwit.verdict import HarnessError, Judgement, Outcome

NEW = {"type": "object", "properties": {"title": {"type": "string"}, "kind": {"enum": ["a", "b"], "type": "string"}}}
ITEM = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}, "size": {"type": "integer"}},
    "required": ["id", "title"],
}
LIST = {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}}}
DOC: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/items": {
            "get": {
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "example": 1}}],
                "responses": {"200": {"content": {"application/json": {"schema": LIST}}}},
            },
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": NEW, "example": {"title": "x", "kind": "a"}}}
                },
                "responses": {"201": {"description": "made"}},
            },
        },
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "example": 1}}],
            "get": {
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}},
                    "404": {"description": "none"},
                }
            },
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
    },
    "components": {"schemas": {"Item": ITEM}},
}
ITEMS = [{"id": 1, "title": "one", "size": 1}, {"id": 2, "title": "two", "size": 2}]


class Service:
    """A small service whose answers differ from the baseline's by what it lacks."""

    def __init__(self, document: Any, *defects: str, mount: str = "") -> None:
        self.document, self.defects, self.mount = document, defects, mount

    def __call__(self, seen: Any) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(seen.path)
        if parts.path == "/openapi.json":
            return self._json(200, self.document)
        path = parts.path.removeprefix(self.mount) if parts.path.startswith(self.mount) else "/nowhere"
        if seen.method == "POST":
            return self._made(json.loads(seen.body or b"null"))
        if path == "/items":
            limit = 10 if "no-limit" in self.defects else int(parse_qs(parts.query).get("limit", ["10"])[0])
            return self._json(200, {"items": [self._item(item) for item in ITEMS[:limit]]})
        found = next((item for item in ITEMS if path == f"/items/{item['id']}"), None)
        if found is None or "no-item" in self.defects:
            return self._json(400 if "no-404" in self.defects else 404, {"error": "none"})
        return self._json(200, self._item(found))

    def _made(self, body: Any) -> tuple[int, dict[str, str], bytes]:
        wrong = not isinstance(body, dict) or ("strict" in self.defects and not {"title", "kind"} <= body.keys())
        wrong = wrong or ("only-b" in self.defects and body.get("kind") == "a")
        return self._json(422 if wrong else 201, {})

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in item.items() if not (key == "size" and "no-size" in self.defects)}
        return shown | ({"id": str(shown["id"])} if "text-ids" in self.defects else {})

    @staticmethod
    def _json(status: int, body: Any) -> tuple[int, dict[str, str], bytes]:
        return status, {"content-type": "application/json"}, json.dumps(body).encode()


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    document = copy.deepcopy(DOC)
    change(document)
    return document


def item(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Item"]


def new(document: dict[str, Any]) -> Any:
    return document["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]["schema"]


@pytest.fixture
def kept(serve: Any, tmp_path: Path) -> Callable[..., Judgement]:
    """Compares the contract of two running services, under a plan's `surfaces.http`."""

    def compare(one: Service, other: Service, *, writable: bool = True, **openapi: Any) -> Judgement:
        urls = {"baseline": serve(one).url, "candidate": serve(other).url}
        http = HttpSurface.model_validate({"openapi": openapi, "probes": openapi.pop("probes", ())})

        def may_write(*roles: str) -> None:
            if not writable:
                raise HarnessError(f"this would write to {roles[0]}")

        world = SimpleNamespace(
            plan=SimpleNamespace(surfaces=SimpleNamespace(http=http), directory=tmp_path),
            stack=lambda role: SimpleNamespace(url=urls[role]),
            may_write=may_write,
            out=tmp_path,
        )
        return Contract(world).kept()  # type: ignore[arg-type]

    return compare


CHANGES = [
    pytest.param(lambda d: d["paths"]["/items/{id}"].pop("get"), "operation-removed", "no-item", id="operation"),
    pytest.param(
        lambda d: d["paths"]["/items"]["get"].pop("parameters"), "parameter-removed", "no-limit", id="parameter"
    ),
    pytest.param(
        lambda d: new(d).update(required=["title"]), "request-property-newly-required", "strict", id="required"
    ),
    pytest.param(
        lambda d: new(d)["properties"]["kind"].update(enum=["b"]), "request-enum-value-removed", "only-b", id="enum"
    ),
    pytest.param(lambda d: item(d)["properties"].pop("size"), "response-property-removed", "no-size", id="property"),
    pytest.param(
        lambda d: item(d)["properties"]["id"].update(type="string"), "response-type-changed", "text-ids", id="type"
    ),
    pytest.param(
        lambda d: d["paths"]["/items/{id}"]["get"]["responses"].pop("404"),
        "response-error-status-removed",
        "no-404",
        id="error-status",
    ),
]


@pytest.mark.parametrize(("change", "code", "defect"), CHANGES)
def test_a_change_that_the_candidate_shows_is_confirmed_and_fails(kept, change, code, defect):
    judgement = kept(Service(DOC), Service(changed(change), defect))
    assert judgement.outcome is Outcome.FAILED
    assert [finding.what for finding in judgement.findings] == [code]
    assert "confirmed: " in judgement.findings[0].reason


@pytest.mark.parametrize(("change", "code", "defect"), CHANGES)
def test_a_change_of_the_document_alone_is_refuted_and_noted(kept, change, code, defect):
    judgement = kept(Service(DOC), Service(changed(change)))
    assert judgement.outcome is Outcome.PASSED, judgement
    assert f"the candidate's document is wrong about {code}" in judgement.reason


def test_a_cause_in_a_shared_schema_is_one_finding_with_its_places(kept):
    judgement = kept(Service(DOC), Service(changed(lambda d: item(d)["properties"].pop("size")), "no-size"))
    (finding,) = judgement.findings
    assert (finding.count, finding.examples) == (
        2,
        ("GET /items 200 .items [] .size", "GET /items/{id} 200 .size"),
    )


def test_what_cannot_be_tried_fails_by_the_document_alone_and_says_why(kept):
    judgement = kept(Service(DOC), Service(changed(lambda d: d["paths"]["/items/{id}"].pop("delete"))))
    assert judgement.outcome is Outcome.FAILED
    assert "undecided: no request for it can be made" in judgement.findings[0].reason


@pytest.mark.parametrize(
    "limits",
    [pytest.param({"writable": False}, id="stack"), pytest.param({"made_up_writes": False}, id="plan")],
)
def test_nothing_is_written_where_it_may_not_be(kept, limits):
    document = changed(lambda d: new(d).update(required=["title"]))
    baseline, posted = Service(DOC, "strict"), []
    baseline._made = lambda body: posted.append(body) or baseline._json(201, {})  # type: ignore[method-assign]
    judgement = kept(baseline, Service(document, "strict"), **limits)
    assert (judgement.outcome, posted) == (Outcome.FAILED, [])
    assert "undecided" in judgement.findings[0].reason


def test_a_probe_of_the_plan_gives_the_request_that_a_document_cannot(kept):
    document = changed(lambda d: d["paths"]["/items/{id}"].pop("get"))
    without_examples = changed(lambda d: d["paths"]["/items/{id}"]["parameters"][0]["schema"].update(example=99))
    probe = {
        "id": "second",
        "requests": [{"path": "/items", "capture": {"it": "/items/1/id"}}, {"path": "/items/{it}"}],
    }
    judgement = kept(Service(without_examples), Service(document, "no-item"), probes=[probe])
    assert judgement.findings[0].reason == "breaking, confirmed: GET /items/2: baseline 200, candidate 404"


def test_documents_that_differ_by_a_mount_only_are_the_same(kept):
    mounted = changed(lambda d: d.update(paths={f"/api{path}": item for path, item in d["paths"].items()}))
    judgement = kept(Service(DOC, mount="/api"), Service(mounted, mount="/api"))
    assert judgement.outcome is Outcome.PASSED, judgement
    assert "mount-moved" in judgement.reason


def test_a_mount_that_really_moved_is_confirmed(kept):
    mounted = changed(lambda d: d.update(paths={f"/api{path}": item for path, item in d["paths"].items()}))
    judgement = kept(Service(DOC), Service(mounted, mount="/api"))
    assert [(finding.what, finding.candidate) for finding in judgement.findings] == [("mount-moved", "/api")]


def test_contract_files_of_the_plan_stand_for_documents_that_nobody_serves(kept, tmp_path):
    (tmp_path / "old.yaml").write_text(
        "openapi: 3.0.3\npaths: {/items: {get: {responses: {200: {description: ok}}}}}\n"
    )
    (tmp_path / "new.json").write_text('{"openapi": "3.0.3", "paths": {"/other": {"get": {}}}}')
    judgement = kept(Service(None), Service(None), baseline="old.yaml", candidate="new.json")
    assert [finding.what for finding in judgement.findings] == []
    assert "the candidate's document is wrong about operation-removed" in judgement.reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("<html>", "no JSON", id="html"),
        pytest.param("", "no JSON", id="empty"),
        pytest.param("a: [", "neither JSON nor YAML", id="broken"),
        pytest.param("swagger: '2.0'", "version 2.0", id="swagger"),
        pytest.param('{"openapi": "3.0.0", "paths": {"/x": {"get": {"parameters": 7}}}}', "wrong shape", id="shape"),
        pytest.param("&a [*a]", "neither JSON nor YAML", id="circle"),
        pytest.param("[" * 100_000, "nested too deep", id="deep"),
    ],
)
def test_a_document_that_is_none_is_inconclusive_and_says_so(kept, tmp_path, text, said):
    (tmp_path / "bad").write_text(text)
    judgement = kept(Service(DOC), Service(DOC), candidate="bad")
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert said in judgement.reason
    assert "candidate" in judgement.reason or said == "wrong shape"


def test_a_side_that_serves_no_document_is_inconclusive(kept):
    judgement = kept(Service(DOC), Service(DOC), path="/other.json")
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "answered 404, not 200" in judgement.reason


def test_every_change_is_kept_with_its_trial(kept, tmp_path):
    kept(Service(DOC), Service(changed(lambda d: item(d)["properties"].pop("size")), "no-size"))
    rows = json.loads((tmp_path / "contract.json").read_text())
    assert {(row["code"], row["tried"]) for row in rows} == {("response-property-removed", "confirmed")}
