"""Every kind of change has a code of its own, is found where it is, and nothing else is found beside it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from godwit.checks import KINDS, Contracts, read_contracts

Change = Callable[[dict[str, Any]], Any]
JSON = "application/json"
DOC: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/a/items": {
            "post": {
                "parameters": [
                    {"name": "q", "in": "query", "schema": {"type": "string", "default": "x"}},
                    {"name": "must", "in": "query", "required": True, "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        JSON: {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "name": {"type": "string", "maxLength": 9, "default": "n"},
                                    "kind": {"enum": ["a", "b"]},
                                    "shape": {"oneOf": [{"$ref": "#/x/Circle"}, {"$ref": "#/x/Square"}]},
                                },
                                "required": ["name"],
                            }
                        },
                        "text/plain": {"schema": {"type": "string"}},
                    }
                },
                "responses": {
                    "201": {
                        "headers": {"Location": {"schema": {"type": "string"}}},
                        "content": {
                            JSON: {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "id": {"type": "integer", "maximum": 5},
                                        "note": {"type": "string"},
                                        "kind": {"enum": ["a", "b"]},
                                        "shape": {"oneOf": [{"$ref": "#/x/Circle"}, {"$ref": "#/x/Square"}]},
                                    },
                                    "required": ["id"],
                                }
                            },
                            "text/plain": {"schema": {"type": "string"}},
                        },
                    },
                    "409": {"description": "taken"},
                },
            }
        },
        "/a/other": {"get": {"responses": {"200": {"description": "ok"}}}},
    },
    "x": {
        "Circle": {"type": "object", "properties": {"r": {"type": "number"}}},
        "Square": {"type": "object", "properties": {"s": {"type": "number"}}},
        "Star": {"type": "object", "properties": {"p": {"type": "number"}}},
    },
}


def post(d: Any) -> Any:
    return d["paths"]["/a/items"]["post"]


def sent(d: Any) -> Any:
    return post(d)["requestBody"]["content"][JSON]["schema"]


def got(d: Any) -> Any:
    return post(d)["responses"]["201"]["content"][JSON]["schema"]


def parameter(d: Any) -> Any:
    return post(d)["parameters"][0]


def both(one: Any, other: Any) -> Contracts:
    found = read_contracts(one, other)
    assert isinstance(found, Contracts), found
    return found


KEY = {"components": {"securitySchemes": {"key": {"type": "http"}}}}
CHANGES: dict[str, Change] = {
    "mount-moved": lambda d: d.update(paths={path.removeprefix("/a"): item for path, item in d["paths"].items()}),
    "operation-removed": lambda d: d["paths"].pop("/a/other"),
    "operation-added": lambda d: d["paths"].update({"/new": {"get": {}}}),
    "operation-deprecated": lambda d: post(d).update(deprecated=True),
    "parameter-removed": lambda d: post(d)["parameters"].pop(0),
    "parameter-added": lambda d: post(d)["parameters"].append({"name": "n", "in": "query"}),
    "parameter-newly-required": lambda d: parameter(d).update(required=True),
    "parameter-now-optional": lambda d: post(d)["parameters"][1].update(required=False),
    "parameter-default-changed": lambda d: parameter(d)["schema"].update(default="y"),
    "parameter-deprecated": lambda d: parameter(d).update(deprecated=True),
    "request-body-newly-required": lambda d: post(d)["requestBody"].update(required=True),
    "request-body-removed": lambda d: post(d).pop("requestBody"),
    "request-media-type-removed": lambda d: post(d)["requestBody"]["content"].pop("text/plain"),
    "request-media-type-added": lambda d: post(d)["requestBody"]["content"].update({"text/csv": {}}),
    "request-property-newly-required": lambda d: sent(d)["required"].append("kind"),
    "request-property-ignored": lambda d: sent(d)["properties"].pop("kind"),
    "request-property-added": lambda d: sent(d)["properties"].update(more={"type": "string"}),
    "request-property-now-optional": lambda d: sent(d).pop("required"),
    "request-properties-closed": lambda d: sent(d).update(additionalProperties=False),
    "request-type-narrowed": lambda d: sent(d)["properties"]["kind"].update(type="string"),
    "request-type-widened": lambda d: sent(d)["properties"]["name"].update(type=["string", "null"]),
    "request-enum-value-removed": lambda d: sent(d)["properties"]["kind"]["enum"].remove("b"),
    "request-enum-value-added": lambda d: sent(d)["properties"]["kind"]["enum"].append("c"),
    "request-bound-tightened": lambda d: sent(d)["properties"]["name"].update(maxLength=5),
    "request-default-changed": lambda d: sent(d)["properties"]["name"].update(default="m"),
    "request-alternative-removed": lambda d: sent(d)["properties"]["shape"]["oneOf"].pop(),
    "response-status-removed": lambda d: post(d)["responses"].pop("201"),
    "response-error-status-removed": lambda d: post(d)["responses"].pop("409"),
    "response-status-added": lambda d: post(d)["responses"].update({"429": {}}),
    "response-media-type-removed": lambda d: post(d)["responses"]["201"]["content"].pop("text/plain"),
    "response-media-type-added": lambda d: post(d)["responses"]["201"]["content"].update({"text/csv": {}}),
    "response-header-removed": lambda d: post(d)["responses"]["201"].pop("headers"),
    "response-property-removed": lambda d: got(d)["properties"].pop("note"),
    "response-property-added": lambda d: got(d)["properties"].update(more={"type": "string"}),
    "response-property-now-optional": lambda d: got(d).pop("required"),
    "response-property-newly-required": lambda d: got(d)["required"].append("note"),
    "response-type-changed": lambda d: got(d)["properties"]["note"].update(type="integer"),
    "response-type-widened": lambda d: got(d)["properties"]["note"].update(type=["string", "null"]),
    "response-type-narrowed": lambda d: got(d)["properties"]["kind"].update(type="string"),
    "response-enum-value-added": lambda d: got(d)["properties"]["kind"]["enum"].append("c"),
    "response-enum-value-removed": lambda d: got(d)["properties"]["kind"]["enum"].remove("b"),
    "response-bound-loosened": lambda d: got(d)["properties"]["id"].update(maximum=6),
    "response-alternative-added": lambda d: got(d)["properties"]["shape"]["oneOf"].append({"$ref": "#/x/Star"}),
    "property-deprecated": lambda d: got(d)["properties"]["note"].update(deprecated=True),
    "security-added": lambda d: post(d).update(security=[{"key": []}]),
}
BESIDE = {
    "request-alternative-removed": {"request-property-ignored"},
    "response-alternative-added": {"response-property-added"},
}
"""What follows from a change: the fields of an alternative come and go with it."""


@pytest.mark.parametrize("code", CHANGES)
def test_a_change_is_found_by_its_code_alone(code):
    other = copy.deepcopy(DOC)
    CHANGES[code](other)
    found = {change.code for change in both(DOC, other).changes}
    assert found - BESIDE.get(code, set()) == {code}


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        pytest.param({"security": [{"key": []}]}, {"security": []}, "security-removed", id="security-removed"),
        pytest.param(
            {"requestBody": {"content": {JSON: {"schema": {"properties": {"a": {}, "b": {}}}}}}},
            {"requestBody": {"content": {JSON: {"schema": {"properties": {"a": {}}, "additionalProperties": False}}}}},
            "request-property-refused",
            id="request-property-refused",
        ),
    ],
)
def test_a_change_of_two_documents_is_found(before, after, code):
    one, other = ({"openapi": "3.0.3", "paths": {"/x": {"post": {"responses": {}, **it}}}} for it in (before, after))
    assert code in {change.code for change in both(one, other).changes}


def test_every_code_has_its_change_here():
    assert set(CHANGES) | {"security-removed", "request-property-refused"} == set(KINDS)


def test_equal_documents_have_no_change():
    assert both(DOC, copy.deepcopy(DOC)).changes == ()


def doc_of(schema: Any, **schemas: Any) -> dict[str, Any]:
    answers = {"200": {"content": {JSON: {"schema": schema}}}}
    return {"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": answers}}}, "components": {"schemas": schemas}}


REF = {"$ref": "#/components/schemas/Tree"}


def test_circles_of_references_are_gone_through_once():
    one = doc_of(REF, Tree={"type": "object", "properties": {"kids": {"type": "array", "items": REF}, "n": {}}})
    other = copy.deepcopy(one)
    other["components"]["schemas"]["Tree"]["properties"].pop("n")
    assert [change.place.steps for change in both(one, other).changes] == [("n",)]


def test_a_schema_that_is_written_in_another_way_has_no_change():
    plain = doc_of({"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]})
    parts = [
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
        {"required": ["a"]},
    ]
    assert both(plain, doc_of({"allOf": parts})).changes == ()
    assert both(doc_of({"allOf": parts}), plain).changes == ()


def test_nullable_of_version_3_0_is_null_of_3_1():
    old = doc_of({"type": "object", "properties": {"a": {"type": "string", "nullable": True}}})
    new = doc_of({"type": "object", "properties": {"a": {"type": ["string", "null"]}}})
    assert both(old, new).changes == ()


def test_what_is_read_only_is_not_asked_of_clients():
    body = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}}, "required": ["id"]}
    one, other = (
        {"openapi": "3.1.0", "paths": {"/x": {"post": {"requestBody": {"content": {JSON: {"schema": schema}}}}}}}
        for schema in ({"type": "object", "properties": {}}, body)
    )
    assert both(one, other).changes == ()


def test_the_path_of_a_server_counts_as_part_of_every_path():
    one = {"openapi": "3.1.0", "servers": [{"url": "https://example.org/api/"}], "paths": {"/x": {"get": {}}}}
    other = {"openapi": "3.1.0", "paths": {"/api/x": {"get": {}}}}
    assert both(one, other).changes == ()


def test_one_operation_that_moved_is_no_mount_where_most_did_not():
    one = {"openapi": "3.1.0", "paths": {f"/{name}": {"get": {}} for name in "abcdef"}}
    other = copy.deepcopy(one)
    other["paths"]["/v2/a"] = other["paths"].pop("/a")
    assert {change.code for change in both(one, other).changes} == {"operation-removed", "operation-added"}


def test_a_tangle_of_references_is_gone_through_in_no_time():
    names = [f"S{number}" for number in range(40)]
    refs = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    one = doc_of(refs["S0"], **{name: {"type": "object", "properties": refs, "required": names} for name in names})
    other = copy.deepcopy(one)
    other["components"]["schemas"]["S39"]["properties"].pop("S0")
    assert "response-property-removed" in {change.code for change in both(one, other).changes}


def test_a_path_without_its_first_slash_is_read_with_it():
    one = {"openapi": "3.1.0", "paths": {"x": {"get": {}}}}
    assert both(one, {"openapi": "3.1.0", "paths": {"/x": {"get": {}}}}).changes == ()


def test_a_value_that_needs_itself_is_cut_short():
    body = {"type": "object", "properties": {"next": REF}, "required": ["next"]}
    one, other = doc_of({}, Tree=body), doc_of({}, Tree=body)
    sent_ = {"requestBody": {"content": {JSON: {"schema": {"type": "object", "properties": {"tree": REF}}}}}}
    closed = {"requestBody": {"content": {JSON: {"schema": {"type": "object", "additionalProperties": False}}}}}
    one["paths"], other["paths"] = {"/x": {"post": sent_}}, {"/x": {"post": closed}}
    assert "request-property-refused" in {change.code for change in both(one, other).changes}
