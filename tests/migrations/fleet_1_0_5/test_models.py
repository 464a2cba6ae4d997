"""The stub of the model API: the same answer from every model, bills by the price list, and what is to go wrong does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

HAIKU, SONNET, OPUS = "claude-haiku-4-20250110", "claude-sonnet-4-5-20250929", "claude-opus-4-20250514"
KEY = {"x-api-key": "k"}


@pytest.fixture(scope="module")
def started_stub(launch: Any) -> Iterator[Any]:
    """One stub for all tests."""
    started = launch("models")
    yield started.client
    started.stop()


@pytest.fixture
def stub(started_stub: Any) -> Any:
    """A stub whose models behave."""
    started_stub.put("/admin/models", json={})
    return started_stub


def ask(stub: Any, model: str = SONNET, **more: Any) -> Any:
    """An answer to a prompt."""
    body = {"model": model, "prompt": "p", "input_tokens": 1000, "output_tokens": 600}
    return stub.post("/v1/messages", json=body | more, headers=KEY)


def test_every_model_says_the_same_and_bills_its_own_price(stub: Any) -> None:
    answers = [ask(stub, model).json() for model in (HAIKU, SONNET, OPUS)]
    assert len({answer["text"] for answer in answers}) == 1
    assert [answer["usd"] for answer in answers] == pytest.approx([0.0032, 0.012, 0.06])
    assert answers[0]["text"] != ask(stub, HAIKU, prompt="q").json()["text"]


def test_a_stream_is_the_whole_answer_line_by_line(stub: Any) -> None:
    lines = [json.loads(line) for line in ask(stub, stream=True).text.splitlines()]
    whole = ask(stub).json()
    assert "".join(line["text"] for line in lines[:-1]) == lines[-1]["end"] == whole["text"]
    assert (lines[-1]["usage"], lines[-1]["usd"]) == (whole["usage"], whole["usd"])


def test_who_has_no_key_or_asks_for_no_model_is_refused(stub: Any) -> None:
    body = {"model": SONNET, "prompt": "p", "input_tokens": 1, "output_tokens": 1}
    assert stub.post("/v1/messages", json=body).status_code == 401
    assert ask(stub, "gpt").status_code == 404


def test_a_share_of_calls_fails_evenly_and_for_one_model_only(stub: Any) -> None:
    assert stub.put("/admin/models", json={OPUS: {"error_rate": 0.25}}).status_code == 200
    assert [ask(stub, OPUS).status_code for _ in range(8)] == [200, 200, 200, 529, 200, 200, 200, 529]
    assert ask(stub, SONNET).status_code == 200


def test_tokens_other_than_asked_for_are_counted_and_billed(stub: Any) -> None:
    stub.put("/admin/models", json={"*": {"token_factor": 1.5}})
    answer = ask(stub).json()
    assert answer["usage"] == {"input_tokens": 1500, "output_tokens": 900}
    assert answer["usd"] == pytest.approx(0.018)


@pytest.mark.parametrize(
    "conduct", [{"gpt": {}}, {"*": {"error_rate": 2}}, {"*": {"laziness": 1}}, {"*": {"latency_ms": -1}}], ids=str
)
def test_a_conduct_that_cannot_be_is_refused_and_changes_nothing(stub: Any, conduct: Any) -> None:
    before = stub.get("/admin/models").json()
    assert stub.put("/admin/models", json=conduct).status_code == 422
    assert stub.get("/admin/models").json() == before
