"""An expectation holds when everything it names is there, with its type; what it does not name is free."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import holds


@pytest.mark.parametrize(
    ("expect", "actual"),
    [
        pytest.param({"a": 1}, {"a": 1, "b": 2}, id="more-keys"),
        pytest.param({"a": "*"}, {"a": 0}, id="any-value"),
        pytest.param({}, {"a": 1}, id="any-object"),
        pytest.param([], [], id="empty-list"),
        pytest.param([{"t": 2}], [{"t": 1}, {"t": 2, "u": 3}], id="item-among-others"),
        pytest.param([1, 3], [1, 2, 3], id="items-in-order"),
        pytest.param(("a",), ["a"], id="tuple-of-a-plan"),
        pytest.param(None, None, id="null"),
    ],
)
def test_what_is_there_holds(expect: Any, actual: Any) -> None:
    assert holds(expect, actual) == ()


@pytest.mark.parametrize(
    ("expect", "actual", "where"),
    [
        pytest.param({"a": 1}, {}, "/a", id="key-missing"),
        pytest.param({"a": None}, {}, "/a", id="null-is-not-absent"),
        pytest.param({"a": "*"}, {}, "/a", id="any-value-missing"),
        pytest.param({"a": "*"}, {"a": None}, "/a", id="any-value-but-null"),
        pytest.param({"a": 1}, {"a": "1"}, "/a", id="number-as-text"),
        pytest.param({"a": 1}, {"a": True}, "/a", id="number-as-boolean"),
        pytest.param({"a": 1}, {"a": 1.0}, "/a", id="integer-as-fraction"),
        pytest.param([], [1], "", id="not-empty"),
        pytest.param([3, 1], [1, 2, 3], "/1", id="items-in-another-order"),
        pytest.param([1, 1], [1, 2, 3], "/1", id="item-expected-twice"),
        pytest.param({"a": {"b/c": 1}}, {"a": {"b/c": 2}}, "/a/b~1c", id="deep"),
        pytest.param([{"t": 1}, {"t": 2}], [{"t": 1}, {"t": 3}], "/1/t", id="smallest-place-in-a-list"),
    ],
)
def test_what_is_not_there_is_found_at_its_place(expect: Any, actual: Any, where: str) -> None:
    assert [finding.where for finding in holds(expect, actual)] == [where]


values = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
)


@given(values)
def test_every_value_holds_itself(value: Any) -> None:
    assert holds(value, value) == ()
