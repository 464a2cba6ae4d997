"""Health: what a stack says of itself is compared with what the plan expects, and nothing is taken for granted."""

from typing import Any

import pytest

from godwit.plan import StackSpec
from godwit.stacks import health as asked
from godwit.stacks.health import at_pointer, missing_from, wait_until_healthy
from godwit.verdict import Health


@pytest.mark.parametrize(
    ("body", "expected", "gap"),
    [
        pytest.param({"a": 1, "b": 2}, {"a": 1}, "", id="subset"),
        pytest.param({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, "", id="nested-subset"),
        pytest.param({"a": 1}, {"a": 2}, "/a is 1, expected 2", id="other-value"),
        pytest.param({}, {"a": 2}, "/a is None, expected 2", id="missing"),
        pytest.param({"a": 1}, {"a": True}, "/a is 1, expected True", id="one-is-not-true"),
        pytest.param([1], {"a": 1}, "/ is [1], expected an object", id="not-an-object"),
        pytest.param({"a": [1, 2]}, {"a": [1]}, "/a is [1, 2], expected [1]", id="lists-are-whole"),
    ],
)
def test_a_json_body_holds_the_expected_part_or_the_first_gap_is_told(body: Any, expected: Any, gap: str) -> None:
    assert missing_from(body, expected) == gap


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        pytest.param("/a/b", 1, id="objects"),
        pytest.param("/l/1", "y", id="list"),
        pytest.param("/l/9", None, id="beyond-the-list"),
        pytest.param("/x~1y/~0", 2, id="escapes"),
        pytest.param("/nowhere/at/all", None, id="missing"),
        pytest.param("", {"a": {"b": 1}, "l": ["x", "y"], "x/y": {"~": 2}}, id="everything"),
    ],
)
def test_a_pointer_finds_its_value_or_nothing(pointer: str, found: Any) -> None:
    assert at_pointer({"a": {"b": 1}, "l": ["x", "y"], "x/y": {"~": 2}}, pointer) == found


class FakeTime:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def waited(*answers: bool, gone: str = "", timeout_s: float = 5.0) -> str:
    time, left = FakeTime(), list(answers)

    def ask() -> Health:
        return Health(left.pop(0) if left else False, 200, "1", detail="still sick")

    return wait_until_healthy(ask, timeout_s, lambda: gone, clock=time.clock, sleep=time.sleep)


def test_waiting_ends_with_the_first_healthy_answer() -> None:
    assert waited(False, False, True) == ""


def test_waiting_ends_with_the_time_and_tells_the_last_answer() -> None:
    assert waited(False) == "not healthy after 5 s; last health answer: still sick"


def test_waiting_ends_at_once_when_the_stack_is_gone() -> None:
    assert waited(True, gone="exit code 3") == "exit code 3"


def spec(**health: Any) -> StackSpec:
    return StackSpec.model_validate({"version": "2.20", "drivers": {}, "health": {"path": "/v", **health}})


@pytest.mark.parametrize(
    ("body", "expect", "healthy"),
    [
        pytest.param(b'"2.20"', {}, True, id="the-version-alone"),
        pytest.param(b'"2.21"', {}, False, id="another-version"),
        pytest.param(b'"2.20"', {"status": "up"}, False, id="less-than-expected"),
    ],
)
def test_a_body_that_is_no_object_is_enough_when_nothing_is_expected_of_it(
    monkeypatch: pytest.MonkeyPatch, body: bytes, expect: dict[str, Any], healthy: bool
) -> None:
    monkeypatch.setattr(asked, "fetch", lambda _: (200, body, ""))
    assert asked.check("http://127.0.0.1:1", spec(version_at="", expect=expect)).healthy is healthy
