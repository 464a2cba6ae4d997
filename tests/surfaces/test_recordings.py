"""Recordings read from files: what HAR and JSON Lines become, and how a file that is none is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from godwit.surfaces import read_recording, recordings
from godwit.verdict import HarnessError

LINE = {"method": "GET", "path": "/a?b=1", "status": 200}


def entry(url: str = "http://one.test/a?b=1", status: int = 200, **more: Any) -> dict[str, Any]:
    """One entry of a HAR."""
    request = {"method": "GET", "url": url, "headers": [], **more.pop("request", {})}
    return {
        "startedDateTime": more.pop("at", ""),
        "request": request,
        "response": {"status": status, "headers": [], "content": {}, **more},
    }


def har(folder: Path, *entries: Any) -> Path:
    """A HAR file with these entries."""
    path = folder / "it.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}), encoding="utf-8")
    return path


def lines(folder: Path, *written: str) -> Path:
    """A JSON Lines file with these lines."""
    path = folder / "it.jsonl"
    path.write_text("\n".join(written), encoding="utf-8")
    return path


def test_a_har_entry_becomes_an_exchange(tmp_path):
    asked = {
        "method": "POST",
        "headers": [{"name": "X-One", "value": "1"}, {"name": "Host", "value": "h"}, {"name": ":path", "value": "/a"}],
        "postData": {"mimeType": "application/json", "text": '{"é": 1}'},
    }
    answered = [{"name": "Set-Cookie", "value": "a=1"}, {"name": "Set-Cookie", "value": "b=2"}]
    path = har(tmp_path, entry(request=asked, status=201, headers=answered, content={"text": "{}"}))
    (found,) = read_recording(path).exchanges
    assert (found.method, found.path, found.headers, found.body) == (
        "POST",
        "/a?b=1",
        (("X-One", "1"),),
        '{"é": 1}'.encode(),
    )
    assert (found.answer.status, found.answer.headers, found.answer.body) == (
        201,
        (("set-cookie", "a=1"), ("set-cookie", "b=2")),
        b"{}",
    )


def test_entries_come_in_the_order_in_which_they_were_asked(tmp_path):
    late, early = entry("http://one.test/late", at="2025-01-01T00:00:02Z"), entry(at="2025-01-01T00:00:01Z")
    assert [it.path for it in read_recording(har(tmp_path, late, early)).exchanges] == ["/a?b=1", "/late"]


def test_a_body_in_base64_is_what_was_sent(tmp_path):
    path = har(tmp_path, entry(content={"text": "//4A", "encoding": "base64"}))
    assert read_recording(path).exchanges[0].answer.body == b"\xff\xfe\x00"


def test_a_form_is_sent_as_it_was_filled_in(tmp_path):
    form = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "ü"}]}
    path = har(tmp_path, entry(request={"postData": form}))
    assert read_recording(path).exchanges[0].body == b"a+b=%C3%BC"


def test_what_was_no_exchange_is_left_out_and_counted(tmp_path):
    path = har(tmp_path, entry(), entry(status=0), entry("ws://one.test/a", status=101), entry("data:text/plain,x"))
    found = read_recording(path)
    assert len(found.exchanges) == 1
    assert found.left_out == (("no HTTP", 2), ("without an answer", 1))


def test_of_several_hosts_one_is_named(tmp_path):
    path = har(tmp_path, entry(), entry("https://cdn.test/x.js"))
    found = read_recording(path, "http://one.test")
    assert [it.path for it in found.exchanges] == ["/a?b=1"]
    assert found.left_out == (("of another host", 1),)


def test_a_line_becomes_an_exchange(tmp_path):
    written = {**LINE, "headers": [["X-One", "1"]], "body": "text", "response_body_base64": "//4A", "started_at": "t"}
    (found,) = read_recording(lines(tmp_path, json.dumps(written), "")).exchanges
    assert (found.path, found.headers, found.body, found.started_at) == ("/a?b=1", (("X-One", "1"),), b"text", "t")
    assert (found.answer.status, found.answer.body) == (200, b"\xff\xfe\x00")


@pytest.mark.parametrize(
    "made",
    [pytest.param(har, id="har"), pytest.param(lambda folder: lines(folder, ""), id="lines")],
)
def test_an_empty_recording_has_no_exchange(tmp_path, made):
    assert read_recording(made(tmp_path)).exchanges == ()


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        pytest.param([{}], "log.entries[0].request: Field required", id="no-request"),
        pytest.param([entry(), entry(status="x")], "log.entries[1].response.status: Input should be", id="status"),
        pytest.param(
            [entry(content={"text": "?", "encoding": "base64"})], "response.content.text is no base64", id="b64"
        ),
        pytest.param(
            [entry(content={"text": "", "encoding": "rot13"}), "x"], "log.entries[1]: Input should", id="entry"
        ),
        pytest.param([entry(content={"text": "x", "encoding": "rot13"})], "'rot13' is not known", id="encoding"),
        pytest.param([entry(), entry("http://two.test/")], "say with `origin` whose are replayed", id="two-hosts"),
        pytest.param(
            [entry(request={"postData": {"mimeType": "multipart/form-data", "params": [{"name": "f"}]}})],
            "log.entries[0]: request.postData of type multipart/form-data has no text",
            id="upload",
        ),
    ],
)
def test_a_malformed_har_is_refused_with_the_place(tmp_path, entries, says):
    with pytest.raises(HarnessError) as refused:
        read_recording(har(tmp_path, *entries))
    assert says in str(refused.value)
    assert "it.har" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        pytest.param("it.har", b"", "Expecting value: line 1", id="empty-file"),
        pytest.param("it.har", b"[1]", "Input should be a valid dictionary", id="no-object"),
        pytest.param("it.har", b"[" * 100_000, "nested too deeply", id="deep"),
        pytest.param("it.har", b'{"log": {"entries": "\xff"}}', "byte 21 is no UTF-8", id="no-utf-8"),
        pytest.param("it.jsonl", b"{}\n", "line 1: method: Field required", id="line-without-words"),
        pytest.param(
            "it.jsonl", json.dumps(LINE).encode() + b"\n{", "line 2: Expecting property name", id="half-a-line"
        ),
        pytest.param("it.jsonl", json.dumps({**LINE, "path": "//h/x"}).encode(), "line 1: path: ", id="another-host"),
        pytest.param("it.jsonl", json.dumps({**LINE, "path": "http://h/"}).encode(), "line 1: path: ", id="absolute"),
        pytest.param("it.jsonl", json.dumps({**LINE, "patth": 1}).encode(), "patth: Extra inputs", id="unknown-word"),
    ],
)
def test_a_file_that_is_no_recording_is_refused(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HarnessError) as refused:
        read_recording(tmp_path / name)
    assert says in str(refused.value)


def test_a_refusal_tells_no_secret(tmp_path):
    written = {**LINE, "headers": [["Authorization", "Bearer s3cr3t-token", "x"]]}
    with pytest.raises(HarnessError) as refused:
        read_recording(lines(tmp_path, json.dumps(written)))
    assert "s3cr3t" not in str(refused.value)


def test_an_origin_that_nobody_asked_is_refused_with_those_that_were(tmp_path):
    with pytest.raises(HarnessError, match=r"no entry of http://x.test; the recording holds http://one.test"):
        read_recording(har(tmp_path, entry()), "http://x.test")


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "FILE_LIMIT", 10)
    with pytest.raises(HarnessError, match="a recording has at most 10: split it"):
        read_recording(har(tmp_path, entry()))


def test_a_file_that_is_not_there_is_one_message(tmp_path):
    with pytest.raises(HarnessError, match=r"gone\.har: the recording cannot be read: No such file"):
        read_recording(tmp_path / "gone.har")
