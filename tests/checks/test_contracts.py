"""A contract is broken by what clients of the baseline would feel; additions are free."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from godwit.checks import compare_contracts
from godwit.verdict import Outcome

TASK = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "estimate": {"type": "integer"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "parent": {"$ref": "#/components/schemas/Task"},
    },
    "required": ["id"],
}
DOC: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/tasks/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "parameters": [{"name": "fields", "in": "query", "schema": {"type": "string"}}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}},
                    "404": {"description": "none"},
                },
            },
        },
        "/tasks": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
                "responses": {"201": {"description": "made"}},
            }
        },
    },
    "components": {
        "schemas": {
            "Task": TASK,
            "New": {"type": "object", "properties": {"title": {"type": "string"}, "n": {"type": "number"}}},
        }
    },
}


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    doc = copy.deepcopy(DOC)
    change(doc)
    return doc


def get(doc: dict[str, Any]) -> Any:
    return doc["paths"]["/tasks/{id}"]["get"]


def post(doc: dict[str, Any]) -> Any:
    return doc["paths"]["/tasks"]["post"]


def schema(doc: dict[str, Any], name: str) -> Any:
    return doc["components"]["schemas"][name]


def rename_path_parameter(doc: dict[str, Any]) -> None:
    item = doc["paths"].pop("/tasks/{id}")
    item["parameters"][0]["name"] = "task_id"
    doc["paths"]["/tasks/{task_id}"] = item


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(lambda d: d["paths"].pop("/tasks"), "operation-removed", id="operation"),
        pytest.param(lambda d: get(d).pop("parameters"), "parameter-removed", id="parameter"),
        pytest.param(
            lambda d: get(d)["parameters"].append({"name": "x", "in": "query", "required": True}),
            "parameter-newly-required",
            id="new-required-parameter",
        ),
        pytest.param(
            lambda d: get(d)["parameters"][0].update(required=True), "parameter-newly-required", id="now-required"
        ),
        pytest.param(
            lambda d: get(d)["parameters"][0].update(schema={"type": "integer"}), "request-type-narrowed", id="type"
        ),
        pytest.param(lambda d: post(d)["responses"].pop("201"), "response-status-removed", id="status"),
        pytest.param(
            lambda d: schema(d, "Task")["properties"].pop("estimate"), "response-property-removed", id="field"
        ),
        pytest.param(
            lambda d: schema(d, "Task")["properties"].update(estimate={"type": "string"}),
            "response-type-changed",
            id="field-type",
        ),
        pytest.param(
            lambda d: schema(d, "Task")["properties"].update(id={"type": ["string", "null"]}),
            "response-type-widened",
            id="field-may-be-null",
        ),
        pytest.param(
            lambda d: schema(d, "New").update(required=["title"]), "request-property-newly-required", id="body"
        ),
        pytest.param(
            lambda d: schema(d, "New")["properties"].update(n={"type": "integer"}),
            "request-type-narrowed",
            id="body-type",
        ),
        pytest.param(
            lambda d: post(d)["requestBody"].update(required=True), "request-body-newly-required", id="body-required"
        ),
        pytest.param(
            lambda d: post(d)["requestBody"].update(content={"text/plain": {}}),
            "request-media-type-removed",
            id="media-type",
        ),
    ],
)
def test_what_breaks_a_client_fails(change: Callable[[dict[str, Any]], Any], what: str) -> None:
    judgement = compare_contracts(DOC, changed(change))
    assert judgement.outcome is Outcome.FAILED
    assert what in {finding.what for finding in judgement.findings}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d: None, id="nothing"),
        pytest.param(lambda d: d["paths"].update({"/new": {"get": {"responses": {}}}}), id="operation-added"),
        pytest.param(lambda d: get(d)["parameters"].append({"name": "x", "in": "query"}), id="optional-parameter"),
        pytest.param(lambda d: schema(d, "Task")["properties"].update(new={"type": "string"}), id="field-added"),
        pytest.param(lambda d: schema(d, "Task")["properties"].update(note={"type": "string"}), id="never-null-now"),
        pytest.param(lambda d: schema(d, "New")["properties"].update(title={}), id="request-takes-more"),
        pytest.param(rename_path_parameter, id="path-parameter-renamed"),
    ],
)
def test_what_no_client_feels_passes(change: Callable[[dict[str, Any]], Any]) -> None:
    assert compare_contracts(DOC, changed(change)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "doc",
    [
        pytest.param(None, id="nothing"),
        pytest.param({"swagger": "2.0", "paths": {}}, id="swagger"),
        pytest.param({"openapi": "3.0.0"}, id="no-paths"),
        pytest.param("<html>", id="text"),
    ],
)
def test_what_is_no_openapi_document_is_inconclusive(doc: Any) -> None:
    assert compare_contracts(DOC, doc).outcome is Outcome.INCONCLUSIVE
    assert compare_contracts(doc, DOC).outcome is Outcome.INCONCLUSIVE


def test_a_contract_without_operations_is_inconclusive() -> None:
    empty = {"openapi": "3.1.0", "paths": {}}
    assert compare_contracts(empty, DOC).outcome is Outcome.INCONCLUSIVE


def test_a_reference_that_leads_nowhere_is_inconclusive() -> None:
    doc = changed(lambda d: d["components"]["schemas"].pop("Task"))
    assert compare_contracts(doc, doc).outcome is Outcome.INCONCLUSIVE
