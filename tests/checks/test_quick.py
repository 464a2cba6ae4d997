"""The quick way through two bodies tells what the exact way tells, in every case that it takes upon itself."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from godwit.checks.bodies import BodyComparison, Difference
from godwit.checks.normalising import Rules, matches
from godwit.checks.quick import parts_apart
from godwit.plan import Normaliser
from godwit.verdict import Answer

RULES = (
    Normaliser(kind="id", at="/**/id"),
    Normaliser(kind="id", at="/*"),
    Normaliser(kind="timestamp", at="/**/at"),
    Normaliser(kind="order", at="/**/tags"),
    Normaliser(kind="order", at="/a/*"),
    Normaliser(kind="number", at="/**/n", tolerance=0.5),
)


def said(
    one: bytes, other: bytes, rules: tuple[Normaliser, ...], *, quickly: bool, whole_order: bool = True
) -> list[Difference]:
    """All differences, the second time by the exact walk alone."""
    comparison = BodyComparison(Rules(rules), whole_order=whole_order)
    sides = Answer("GET /x", 200, (), one), Answer("GET /x", 200, (), other)
    if quickly:
        comparison.bodies((), *sides)
    else:
        comparison._exactly(*sides)
    return comparison.differences()


class Written(str):
    """A number as it is written."""

    __slots__ = ()


NUMBERS = st.sampled_from(
    [
        "0", "-0", "0.0", "-0.0", "1", "1.0", "1.00", "1e0", "10", "1e1", "1E1", "100", "1e2", "0.1", "0.10", "1.1", "1.10",
        "9007199254740992", "9007199254740993", "18446744073709551615", "18446744073709551616", "-9223372036854775808",
        "-9223372036854775809", "0.1000000000000000055511151231257827", "1e400", "1e-400", "NaN", "Infinity", "1e16", "2", "3",
    ]
).map(Written)  # fmt: skip
KEYS = st.sampled_from(["a", "b", "id", "at", "n", "tags", "é", "a/b", "~", "", " ", "0"])
TEXTS = st.sampled_from(
    [
        "",
        "x",
        "t-1",
        "t-2",
        "t-12",
        "see t-1",
        "é",
        "e\u0301",
        "\ud800",
        "a b",
        "2025-01-01",
        "2025-01-01T00:00:00Z",
        '"',
        "\\n",
    ]
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
# Objects are lists of pairs, so that a key can come twice.
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(st.tuples(KEYS, inner), max_size=4).map(tuple)
        | st.lists(st.tuples(KEYS, inner), max_size=4, unique_by=lambda pair: pair[0]).map(tuple)
    ),
    max_leaves=14,
)


def written(value: Any, space: str, ascii_only: bool) -> str:
    """The value as JSON text, in one of many ways to write it."""
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, list):
        return f"[{space}" + f",{space}".join(written(item, space, ascii_only) for item in value) + "]"
    if isinstance(value, tuple):
        members = (f"{json.dumps(key)}:{space}{written(item, space, ascii_only)}" for key, item in value)
        return "{" + f",{space}".join(members) + f"{space}}}"
    return json.dumps(value, ensure_ascii=ascii_only)


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """The value, with a change somewhere in it, or none."""
    deed = draw(st.sampled_from(["same", "same", "other", "inside", "inside", "inside", "order", "drop", "twice"]))
    if deed == "other" or (deed != "same" and not (isinstance(value, list | tuple) and value)):
        return draw(VALUES if deed == "twice" else SCALARS)
    if deed == "same":
        return value
    items = list(value)
    index = draw(st.integers(0, len(items) - 1))
    if deed == "inside" and isinstance(value, tuple):
        items[index] = (items[index][0], draw(changed(items[index][1])))
    elif deed == "inside":
        items[index] = draw(changed(items[index]))
    elif deed == "order":
        items = draw(st.permutations(items))
    elif deed == "drop":
        del items[index]
    else:
        items.insert(index, items[index])
    return type(value)(items)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Two bodies that are alike for the most part."""
    one = draw(VALUES)
    other = one
    for _ in range(draw(st.integers(0, 3))):
        other = draw(changed(other))
    spaces = st.sampled_from(["", "", "", " ", "\n  "])
    texts = (written(value, draw(spaces), draw(st.booleans())) for value in (one, other))
    return tuple(text.encode("utf-8", "surrogatepass") for text in texts)  # type: ignore[return-value]


@settings(max_examples=600, deadline=None)
@given(pairs(), st.booleans(), st.booleans())
@example((b'{"a":1,"b":2}', b'{"b":2,"a":1}'), False, True)
@example((b'{"a":1,"b":"x"}', b'{"a":true,"b":"y"}'), False, True)
@example((b'[1,"x"]', b'[1.0,"y"]'), False, True)
@example((b'[0.0,"x"]', b'[-0.0,"y"]'), False, True)
@example((b'[1.1,"x"]', b'[1.10,"x"]'), False, True)
@example((b'{"id":"t-1","a":[{"id":"t-1"}]}', b'{"id":"t-1","a":[{"id":"t-2"}]}'), True, True)
@example((b'{"id":-0}', b'{"id":-0}'), True, True)
def test_the_quick_way_tells_what_the_exact_way_tells(
    pair: tuple[bytes, bytes], ruled: bool, whole_order: bool
) -> None:
    rules = RULES if ruled else ()
    quick, exact = (said(*pair, rules, quickly=quickly, whole_order=whole_order) for quickly in (True, False))
    assert sorted(quick, key=repr) == sorted(exact, key=repr)


@settings(max_examples=300, deadline=None)
@given(st.lists(KEYS | st.sampled_from(["1", "x"]), max_size=5).map(tuple))
def test_compiled_rules_mean_the_places_that_their_patterns_match(steps: tuple[str, ...]) -> None:
    patterns = {"id": "/**/id", "order": "/a/**/b", "timestamp": "/*/at/**"}
    rules = Rules([Normaliser(kind=kind, at=at) for kind, at in patterns.items()])
    told = {kind for kind, at in patterns.items() if matches(tuple(at.split("/")[1:]), steps)}
    assert set(rules.at(steps)) == told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(b'{"a": 1, "a": 2}', b'{"a": 2}', id="key-twice"),
        pytest.param(b"[1.10]", b"[1.1]", id="trailing-zero"),
        pytest.param(b"[1.1]", b"[1.10]", id="trailing-zero-of-the-candidate"),
        pytest.param(b"[18446744073709551617]", b"[18446744073709551616]", id="beyond-64-bit"),
        pytest.param(b"[1e2]", b"[100.0]", id="exponent"),
        pytest.param(b"[NaN]", b"[1]", id="nan"),
        pytest.param(b'["\\ud800"]', b'["x"]', id="lone-surrogate"),
        pytest.param(b"\xff\xfe[\x00]\x00", b"[]", id="utf-16"),
        pytest.param(b"[" * 2000 + b"]" * 2000, b"[]", id="deep"),
        pytest.param(b"", b"[]", id="empty"),
    ],
)
def test_what_the_quick_way_cannot_keep_is_left_to_the_exact_one(one: bytes, other: bytes) -> None:
    assert parts_apart(one, other, Rules(())) is None


@pytest.mark.parametrize("space", ["", " ", "\n    "], ids=("compact", "spaced", "indented"))
def test_ordinary_bodies_are_taken_the_quick_way(space: str) -> None:
    texts = [f'{{"a":{space}[1,{space}{n},{space}"é b"]}}'.encode() for n in ("2.5", "3")]
    parts = parts_apart(*texts, Rules(()))
    assert parts is not None
    assert [steps for steps, _, _ in parts] == [("a", "1")]


def test_bodies_too_deep_to_be_walked_are_compared_by_bytes() -> None:
    one, other = (b"[" * 700 + digit + b"]" * 700 for digit in (b"1", b"2"))
    assert [difference.what for difference in said(one, other, (), quickly=False)] == ["body from byte 700"]
    assert len(said(one, other, (), quickly=True)) == 1
