"""Configuration files in five formats are read as plain values, and what is malformed is refused."""

from pathlib import Path

import pytest

from godwit.surfaces import format_of, read_config, spoiled
from godwit.verdict import GodwitError

TEXTS = {
    "json": '{"server": {"port": 8080}, "on": true}',
    "yaml": "server: {port: 8080}\non: true\n",
    "toml": "on = true\n[server]\nport = 8080\n",
}


@pytest.mark.parametrize("form", TEXTS)
def test_typed_formats_keep_their_types(form):
    assert read_config(TEXTS[form].encode(), form) == {"server": {"port": 8080}, "on": True}


def test_ini_holds_texts_and_keeps_case_and_signs():
    text = b"[Server]\nPort = 8080\npath = %(home)s/x\n[empty]\n"
    assert read_config(text, "ini") == {"Server": {"Port": "8080", "path": "%(home)s/x"}, "empty": {}}


def test_env_holds_texts():
    assert read_config(b"# note\nexport PORT=8080\nNAME='a b'\n", "env") == {"PORT": "8080", "NAME": "a b"}


@pytest.mark.parametrize(
    ("content", "form", "says"),
    [
        pytest.param(b"{", "json", "Expecting", id="json"),
        pytest.param(b"a: [", "yaml", "while parsing", id="yaml"),
        pytest.param(b"a: 1\n---\nb: 2\n", "yaml", "single document", id="two-documents"),
        pytest.param(b"a = ", "toml", "Invalid value", id="toml"),
        pytest.param(b"no section", "ini", "no section headers", id="ini"),
        pytest.param(b"[1]", "json", "it holds list", id="no-table"),
        pytest.param(b"\xff", "env", "not UTF-8 at byte 1", id="bytes"),
        pytest.param(b"[" * 100_000, "json", "nested too deeply", id="deep"),
    ],
)
def test_what_is_malformed_is_refused(content, form, says):
    with pytest.raises(ValueError, match=says):
        read_config(content, form)


@pytest.mark.parametrize("form", TEXTS)
def test_a_file_can_be_spoiled_in_three_ways(form):
    assert len(list(spoiled(TEXTS[form].encode(), form))) >= 2


def test_spoiled_files_are_those_that_no_reader_takes():
    assert [what for what, _ in spoiled(b"A=1\nB=2\n", "env")] == ["that is not UTF-8"]


@pytest.mark.parametrize(
    ("name", "stated", "form"),
    [("a.yml", None, "yaml"), (".env", None, "env"), (".env.local", None, "env"), ("a.conf", "toml", "toml")],
)
def test_the_name_tells_the_format_unless_it_is_stated(name, stated, form):
    assert format_of(Path(name), stated) == form


def test_a_name_that_tells_nothing_is_refused():
    with pytest.raises(GodwitError, match="write one of env, ini, json, toml, yaml"):
        format_of(Path("settings"), None)
