"""Flags are set in files, over HTTP and for OpenFeature: what was put is there, what was not is gone, nothing is half-written."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from godwit.plan import FlagControl, read_document
from godwit.rollout import EnvironmentControl, FileControl, HttpControl, RefusedError, ServedControl
from godwit.rollout.openfeature import FlagdControl, resolved
from godwit.verdict import GodwitError, StackError


def test_variables_act_by_one_restart_and_only_if_they_changed():
    variables, restarts = {"OTHER": "stays"}, []
    control = EnvironmentControl(variables, lambda: restarts.append(dict(variables)))
    control.put({"FAST": True, "TEAMS": ("a", "b"), "SHARE": 5})
    control.put({"FAST": True, "TEAMS": ("a", "b"), "SHARE": 5})
    control.put({"SHARE": 6})
    assert restarts == [
        {"OTHER": "stays", "FAST": "true", "TEAMS": "a,b", "SHARE": "5"},
        {"OTHER": "stays", "SHARE": "6"},
    ]


def test_a_restart_that_failed_is_tried_again():
    tries: list[int] = []

    def restart() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise StackError("it crashed")

    control = EnvironmentControl({}, restart)
    with pytest.raises(StackError):
        control.put({"FAST": "maybe"})
    control.put({"FAST": "maybe"})
    assert len(tries) == 2


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_keys_are_set_in_a_file_and_taken_back(tmp_path: Path, form: str):
    path = tmp_path / f"fleet.{form}"
    path.write_text('{"fleet": {"name": "aqe"}, "features": {"old": 1}}', encoding="utf-8")
    control = FileControl(path, form)
    control.put({"features.fast": True, "teams": ("a",)})
    held = {"fleet": {"name": "aqe"}, "features": {"old": 1, "fast": True}, "teams": ["a"]}
    assert read_document(path.read_text(encoding="utf-8")) == held
    control.put({})
    assert read_document(path.read_text(encoding="utf-8")) == {"fleet": {"name": "aqe"}, "features": {"old": 1}}
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_variables_are_set_in_a_file_and_its_other_lines_stay(tmp_path: Path):
    path = tmp_path / ".env"
    path.write_text("# shop\nFAST=false\nNAME=till\n", encoding="utf-8")
    control = FileControl(path, "env")
    control.put({"FAST": True})
    assert path.read_text(encoding="utf-8") == '# shop\nNAME=till\nFAST="true"\n'
    control.put({})
    assert path.read_text(encoding="utf-8") == "# shop\nFAST=false\nNAME=till\n"


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_half_a_file_can_be_read_by_nobody_and_is_whole_afterwards(tmp_path: Path, form: str):
    control = FileControl(tmp_path / "flags", form)
    control.put({"features.fast": True, "features.deep": False})
    with control.trouble("half-written"):
        half = (tmp_path / "flags").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="JSON"):
        read_document(half)
    assert read_document((tmp_path / "flags").read_text(encoding="utf-8"))["features"] == {"fast": True, "deep": False}


def test_a_file_that_is_missing_comes_back(tmp_path: Path):
    control = FileControl(tmp_path / "flags.json", "json")
    control.put({"fast": True})
    with control.trouble("missing"):
        assert not (tmp_path / "flags.json").exists()
    assert json.loads((tmp_path / "flags.json").read_text(encoding="utf-8")) == {"fast": True}


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path):
    path = tmp_path / "fleet.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(GodwitError, match="only in a file that it can read"):
        FileControl(path, "json").put({"a": 1})
    assert path.read_text(encoding="utf-8") == "{"


@pytest.mark.parametrize(
    ("withdraw", "wanted"),
    [
        ("default", [("PUT", {"fast": True}), ("PUT", {"slow": 1, "fast": False})]),
        ("null", [("PUT", {"fast": True}), ("PUT", {"slow": 1, "fast": None})]),
        ("delete", [("PUT", {"fast": True}), ("DELETE", None), ("PUT", {"slow": 1})]),
    ],
    ids=["default", "null", "delete"],
)
def test_what_is_no_longer_put_is_withdrawn(serve, withdraw, wanted):
    served = serve(lambda seen: (200, {}, b"{}"))
    control = HttpControl(
        served.url, FlagControl(kind="http", path="/admin", withdraw=withdraw), {"fast": False, "slow": 0}
    )
    control.put({"fast": True})
    control.put({"slow": 1})
    assert [(seen.method, json.loads(seen.body) if seen.body else None) for seen in served.seen] == wanted


@pytest.mark.parametrize(("status", "error"), [(422, RefusedError), (500, StackError)], ids=["refused", "broken"])
def test_a_refusal_is_told_from_a_stack_that_breaks(serve, status, error):
    served = serve(lambda seen: (status, {}, b"no"))
    with pytest.raises(error, match=str(status)):
        HttpControl(served.url, FlagControl(kind="http", path="/admin"), {}).put({"fast": "maybe"})


def test_a_stack_that_does_not_answer_is_broken():
    with pytest.raises(StackError, match="no answer"):
        HttpControl("http://127.0.0.1:9", FlagControl(kind="http", path="/admin"), {}).put({"fast": True})


def fetched(url: str) -> object:
    """What a stack gets at the URL: a document, a status, or the kind of error."""
    try:
        with urllib.request.urlopen(url, timeout=0.5) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, ValueError) as error:
        return type(error).__name__


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("refused", "URLError"), ("hanging", "TimeoutError"), ("failing", 500), ("garbled", "JSONDecodeError")],
)
def test_a_served_document_can_be_out_of_order_and_comes_back(kind, wanted):
    control = ServedControl()
    try:
        control.put({"a.deep": True})
        with control.trouble(kind):
            assert fetched(control.url) == wanted
        assert fetched(control.url) == {"a": {"deep": True}}
    finally:
        control.close()


def test_flagds_own_provider_reads_what_was_written(tmp_path: Path):
    values = {"fast": True, "share": 50, "mode": "rich", "teams": ["qa"], "rate": 0.5}
    FlagdControl(tmp_path / "flags.json").put(values)
    assert resolved(tmp_path / "flags.json", values) == values


def test_a_document_of_flags_can_be_gone_and_half_written(tmp_path: Path):
    path = tmp_path / "flags.json"
    control = FlagdControl(path)
    control.put({"fast": True})
    whole = path.read_text(encoding="utf-8")
    for kind in ("missing", "half-written"):
        with control.trouble(kind):
            assert not path.exists() or path.read_text(encoding="utf-8") != whole
        assert path.read_text(encoding="utf-8") == whole


def test_what_was_refused_is_not_withdrawn_later(serve):
    served = serve(lambda seen: (422 if b"strange" in seen.body else 200, {}, b"{}"))
    control = HttpControl(served.url, FlagControl(kind="http", path="/admin", withdraw="null"), {})
    control.put({"fast": True})
    with pytest.raises(RefusedError):
        control.put({"fast": True, "strange": 1})
    control.put({})
    assert json.loads(served.seen[-1].body) == {"fast": None}


def test_a_file_that_somebody_else_has_replaced_is_what_keys_are_set_in(tmp_path: Path):
    path = tmp_path / "fleet.json"
    path.write_text('{"name": "dev"}', encoding="utf-8")
    control = FileControl(path, "json")
    control.put({"fast": True})
    path.write_text('{"name": "production"}', encoding="utf-8")
    control.put({})
    assert json.loads(path.read_text(encoding="utf-8")) == {"name": "production"}
