"""The Python worker: values keep their types, what hangs or dies is told, and called code cannot break the protocol."""

import ast
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from godwit.stacks.owners import started
from godwit.surfaces import LostError, Worker, python_worker, read_calls
from godwit.verdict import CallReply, HarnessError

MODULE = """
import asyncio, dataclasses, enum, os, sys, time, warnings
class Colour(enum.Enum):
    RED = 1
@dataclasses.dataclass
class Task:
    title: str
    done: bool = False
    def finish(self):
        self.done = True
        return self
class Stack(Exception): pass
class Empty(Stack): pass
def give(value): return value
def colour(): return Colour.RED
def grow(values): values.append(1); return None
def fail(): raise Empty("nothing there")
async def later(value):
    await asyncio.sleep(0)
    return value
async def many():
    for each in range(3):
        yield each
def old(): warnings.warn("use give", DeprecationWarning); return 1
def loud(): print("loud"); sys.stdout.flush(); os.write(1, b"louder"); return sys.stdin.read()
def hang(): time.sleep(60)
def die(): os._exit(3)
def leave(): raise SystemExit(4)
def circle():
    values = []
    values.append(values)
    return values
def huge(): return 10 ** 6000
def stay():
    import subprocess
    return subprocess.Popen(["sleep", "60"]).pid
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    (tmp_path / "shop.py").write_text(MODULE, encoding="utf-8")
    with Worker(sys.executable, tmp_path, {}, tmp_path / "worker.log") as opened:
        yield opened


def call(worker: Worker, name: str, *args: Any, keep: str = "", timeout_s: float = 10.0) -> CallReply:
    question = {"call": f"shop:{name}", "args": list(args), **({"keep": keep} if keep else {})}
    return worker.call(name, question, timeout_s)


@pytest.mark.parametrize(
    ("given", "returned"),
    [
        pytest.param(1, 1, id="int"),
        pytest.param(1.0, 1.0, id="float"),
        pytest.param(2**70, 2**70, id="big"),
        pytest.param("\udc80", "\udc80", id="surrogate"),
        pytest.param({"a": [None, True]}, {"a": [None, True]}, id="nested"),
        pytest.param(*[{"!type": "tuple", "value": [1, {"!type": "tuple", "value": []}]}] * 2, id="tuple"),
        pytest.param(
            {"!type": "set", "value": ["b", "a"]}, {"!type": "set", "value": ["a", "b"]}, id="set-in-a-settled-order"
        ),
        pytest.param(*[{"!type": "bytes", "value": "AP8="}] * 2, id="bytes"),
        pytest.param(*[{"!type": "dict", "value": [[1, "a"]]}] * 2, id="dict-of-numbers"),
        pytest.param({"!import": "shop:Colour"}, {"!type": "class", "name": "Colour"}, id="class"),
    ],
)
def test_a_value_goes_in_and_out_with_its_type(worker: Worker, given: Any, returned: Any) -> None:
    reply = call(worker, "give", given)
    assert reply.value == returned
    assert type(reply.value) is type(returned)


def test_an_enumeration_keeps_its_name_and_value(worker: Worker) -> None:
    assert call(worker, "colour").value == {"!type": "Colour", "name": "RED", "value": 1}


def test_an_object_is_told_by_its_public_attributes(worker: Worker) -> None:
    reply = call(worker, "Task", "write")
    assert reply.value == {"!type": "Task", "!kin": ["Task"], "attributes": {"done": False, "title": "write"}}


def test_what_is_kept_can_be_called_and_looked_at(worker: Worker) -> None:
    call(worker, "Task", "write", keep="task")
    worker.call("finish", {"on": "task", "method": "finish"}, 10)
    assert worker.call("done", {"on": "task", "get": "done"}, 10).value is True


def test_a_value_that_contains_itself_ends(worker: Worker) -> None:
    assert call(worker, "circle").value == [{"!type": "(the same again)"}]


def test_a_number_too_long_for_json_is_told_in_hex(worker: Worker) -> None:
    assert call(worker, "huge").value == {"!type": "int", "value": hex(10**6000)}


def test_an_exception_is_told_with_all_that_it_inherits_from(worker: Worker) -> None:
    reply = call(worker, "fail")
    assert (reply.raised[:3], reply.message, reply.found) == (("Empty", "Stack", "Exception"), "nothing there", True)


def test_an_exit_of_called_code_is_an_answer(worker: Worker) -> None:
    assert call(worker, "leave").raised[0] == "SystemExit"


def test_a_name_that_is_not_there_is_told_apart_from_an_exception(worker: Worker) -> None:
    reply = call(worker, "gone")
    assert (reply.raised[0], reply.found) == ("AttributeError", False)


def test_arguments_are_told_as_they_are_after_the_call(worker: Worker) -> None:
    assert call(worker, "grow", []).arguments == {"args": [[1]], "kwargs": {}}


@pytest.mark.parametrize(
    ("name", "args", "value"), [("later", (7,), 7), ("many", (), [0, 1, 2])], ids=["coroutine", "generator"]
)
def test_what_has_to_be_awaited_is_and_is_said_to_be(worker: Worker, name: str, args: Any, value: Any) -> None:
    reply = call(worker, name, *args)
    assert (reply.value, reply.awaited) == (value, True)


def test_deprecations_are_told_every_time(worker: Worker) -> None:
    told = [call(worker, "old").warnings for _ in range(2)]
    assert told == [(("DeprecationWarning", "use give"),)] * 2


def test_what_called_code_prints_and_reads_is_kept_from_the_protocol(worker: Worker, tmp_path: Path) -> None:
    assert call(worker, "loud").value == ""
    assert call(worker, "give", 1).value == 1
    assert "louder" in (tmp_path / "worker.log").read_text(encoding="utf-8")


def test_a_call_that_hangs_is_ended_in_time(worker: Worker) -> None:
    assert call(worker, "hang", timeout_s=0.3).error == "no answer within 0.3 s; it was ended"
    assert call(worker, "give", 1).error == "the worker was ended before"


def test_a_process_that_ends_is_told_with_its_exit_code(worker: Worker) -> None:
    assert call(worker, "die").error == "the process ended with exit code 3"


def test_nothing_that_was_started_is_left(worker: Worker) -> None:
    gone_when(worker, worker.close)


def test_nothing_that_was_started_by_a_process_that_died_is_left(worker: Worker) -> None:
    gone_when(worker, lambda: call(worker, "die"))


def gone_when(worker: Worker, end: Callable[[], object]) -> None:
    """What the worker has started is gone after its end; by its start as well, for an id may become another's."""
    reply = call(worker, "stay", timeout_s=60)
    began = started(reply.value)
    assert began is not None, reply
    end()
    ends = time.monotonic() + 30
    while started(reply.value) == began and time.monotonic() < ends:
        time.sleep(0.02)
    assert started(reply.value) != began


def test_a_worker_that_is_closed_again_ends_nobody_else(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    call(worker, "die")
    monkeypatch.setattr("os.killpg", lambda *_: pytest.fail("the id may be another's by now"))
    worker.close()
    assert not worker.is_alive()


def test_a_question_that_is_none_is_the_askers_mistake(worker: Worker) -> None:
    with pytest.raises(HarnessError, match="cannot answer"):
        worker.ask({"do": "dance"}, 10)


def test_a_python_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot be started"):
        Worker("/nowhere/python", tmp_path, {}, tmp_path / "log")


def test_a_python_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    with (
        Worker("/bin/false", tmp_path, {}, tmp_path / "log") as worker,
        pytest.raises(HarnessError, match="exit code 1"),
    ):
        worker.hello()


def test_a_closed_worker_answers_no_more(worker: Worker) -> None:
    worker.close()
    with pytest.raises(LostError, match="ended before"):
        worker.ask({"do": "hello"}, 10)


def test_the_worker_is_written_for_old_pythons() -> None:
    text = Path(python_worker.__file__).read_text(encoding="utf-8")
    assert ast.parse(text, feature_version=(3, 8))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "not a recorded call", id="no-json"),
        pytest.param('{"call": "a b"}', "'a b' is nothing to import", id="no-import-path"),
        pytest.param('{"args": []}', "a call names either call", id="no-target"),
    ],
)
def test_a_line_that_is_no_recorded_call_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(f'{{"call": "shop:give"}}\n\n{text}\n', encoding="utf-8")
    with pytest.raises(HarnessError, match=f"calls.jsonl:3: not a recorded call: .*{said}|calls.jsonl:3: {said}"):
        read_calls(path)


def test_recorded_calls_are_read_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text('{"call": "shop:give", "args": [1]}\n{"call": "shop:grow", "args": [[]]}\n', encoding="utf-8")
    assert [step.call for step in read_calls(path)] == ["shop:give", "shop:grow"]
