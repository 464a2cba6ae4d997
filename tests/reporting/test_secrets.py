"""What the environment gave to a plan is found nowhere in what a run leaves or says, though its own parts shout it."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from godwit.plan import masked
from godwit.reporting.allure_secrets import hide_in_results
from godwit.session import hide_in_log_records, spellings, storable
from godwit.session.hiding import hide_in_files
from godwit.verdict import CheckRecord, Finding, Outcome

TOKEN, PASSWORD = "t0ken-Zx81-sécret", "p4ss w0rd/Qy72"
ENDPOINT = "http://ann:${{PASSWORD}}@127.0.0.1:{port}/{version}?key=${{TOKEN}}&at="
SHOUT = "import os, sys; print(os.environ['TOKEN']); sys.exit(os.environ['TOKEN'] + ' is not taken')"
REPORTS = ("--junitxml", "junit.xml", "--alluredir", "allure", "--log-level", "DEBUG", "-v")


def shown_in(folder: Path, said: str) -> list[str]:
    """Where a secret, or a way to write it, is found: files below a folder, and what the run said."""
    wanted = [way for secret in (TOKEN, PASSWORD) for way in (secret, quote(secret), quote(secret, safe=""))]
    wanted += [json.dumps(TOKEN)[1:-1]]
    files = [path for path in folder.rglob("*") if path.is_file() and "tiny" not in path.relative_to(folder).parts]
    assert len(files) > 5
    found = [str(path) for path in files for way in wanted if way.encode() in path.read_bytes()]
    return found + [f"said: {line}" for line in said.splitlines() for way in wanted if way in line]


def test_secrets_of_a_stacks_environment_stay_out_of_its_log_and_of_a_commands(runs: Any) -> None:
    runs.change('env: {TINY_WRONG: ""}', 'env: {TINY_WRONG: "", SHOUTED: "${TOKEN}"}')
    runs.change("print('noted')", "import os; print(os.environ['TOKEN'])")
    service = runs.folder / "service.py"
    shouted = "import os as _os\nprint(_os.environ.get('SHOUTED'), flush=True)\n"
    service.write_text(service.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    head, _, body = service.read_text(encoding="utf-8").partition("\nimport ")
    service.write_text(f"{head}\n{shouted}import {body}", encoding="utf-8")
    ended = runs.verify("--phase", "parity", *REPORTS, TOKEN=TOKEN)
    logs = [(ended.out / "logs" / name).read_text(encoding="utf-8") for name in ("baseline.log", "command-001.log")]
    assert [("***" in log) for log in logs] == [True, True]
    assert shown_in(runs.home, ended.said) == []


def test_secrets_that_a_failing_step_shouts_stay_out_of_everything(runs: Any) -> None:
    runs.change('env: {TINY_WRONG: ""}', 'env: {TINY_WRONG: "", SHOUTED: "${TOKEN}"}')
    runs.change("\"print('noted')\"", json.dumps(SHOUT))
    ended = runs.verify("--phase", "parity", *REPORTS, TOKEN=TOKEN)
    assert ended.code == 11
    assert "*** is not taken" in ended.said
    assert "*** is not taken" in (ended.out / "journal.ndjson").read_text(encoding="utf-8")
    assert shown_in(runs.home, ended.said) == []


def test_secrets_in_the_address_of_an_endpoint_stay_out_though_its_answers_repeat_them(runs: Any, serve: Any) -> None:
    served = serve(_echo())
    _at_endpoints(runs, served.url)
    ended = runs.verify(
        "--phase",
        "parity",
        "--profile",
        "endpoint",
        "--allow",
        "write:127.0.0.1",
        *REPORTS,
        TOKEN=quote(TOKEN),
        PASSWORD=quote(PASSWORD, safe=""),
    )
    assert any(quote(TOKEN) in seen.path for seen in served.seen)
    assert ended.code == 10
    assert "/text" not in ended.said
    assert '"baseline":"' in (ended.out / "verdict.json").read_text(encoding="utf-8").replace(" ", "")
    assert shown_in(runs.home, ended.said) == []


LEAKS = """
import logging, os, sys
import allure, pytest
TOKEN, PASSWORD = os.environ["TOKEN"], os.environ["PASSWORD"]

@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    print("set up with", TOKEN)
    return (yield)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    print("out", TOKEN)
    print("error", TOKEN, file=sys.stderr)
    logging.getLogger("leaks").warning("logged %s", TOKEN)
    allure.attach(f"attached {TOKEN}", name=f"note on {TOKEN}")
    allure.attach(f"attached {TOKEN}".encode(), name="bytes")
    allure.attach.file(os.environ["LEAKING_FILE"], name="file")
    allure.dynamic.description(f"described {TOKEN}")
    allure.dynamic.tag(TOKEN)
    allure.dynamic.link(f"http://x.test/?key={PASSWORD}", name=PASSWORD)
    with allure.step(f"step with {TOKEN}"):
        pass
    if item.name.endswith("no-note]"):
        raise RuntimeError(f"broke on {TOKEN}")
    return (yield)
"""


def test_secrets_planted_in_every_channel_are_found_nowhere(runs: Any, serve: Any) -> None:
    served = serve(_echo())
    runs.change("\"print('noted')\"", "\"import os; print(os.environ['TOKEN'])\"")
    _at_endpoints(runs, served.url)
    (runs.folder / "leaks.py").write_text(LEAKS, encoding="utf-8")
    leaking = runs.folder / "leaking.txt"
    leaking.write_text(f"a file with {TOKEN}", encoding="utf-8")
    ended = runs.verify(
        *("--phase", "parity", "--profile", "endpoint", "--allow", "write:127.0.0.1", "-p", "leaks", "-rA", *REPORTS),
        TOKEN=quote(TOKEN),
        PASSWORD=quote(PASSWORD, safe=""),
        PYTHONPATH=str(runs.folder),
        LEAKING_FILE=str(leaking),
        GITHUB_STEP_SUMMARY=str(runs.home / "summary.md"),
    )
    assert ended.code == 10, ended.said
    assert "broke on ***" in (ended.out / "verdict.json").read_text(encoding="utf-8")
    attached = [path.read_text(encoding="utf-8") for path in (runs.home / "allure").glob("*-attachment*")]
    assert {"attached ***", "a file with ***"} <= set(attached), attached
    assert r"\*\*\*" in (runs.home / "summary.md").read_text(encoding="utf-8")
    assert shown_in(runs.home, ended.said) == []


def _at_endpoints(runs: Any, url: str) -> None:
    """Give every stack of the plan an address with a password and a token in it."""
    head, *stacks = (runs.folder / "plan.yaml").read_text(encoding="utf-8").split("      process:\n")
    for version, stack in zip(("1.0.0", "2.0.0", "1.0.0"), stacks, strict=True):
        address = ENDPOINT.format(port=url.rpartition(":")[2], version=version)
        head += f'      endpoint: {{url: "{address}"}}\n      process:\n{stack}'
    (runs.folder / "plan.yaml").write_text(head, encoding="utf-8")


def _echo() -> Callable[[Any], tuple[int, dict[str, str], bytes]]:
    """Answers with what was asked, and never twice the same."""
    count = iter(range(10_000))

    def answer(seen: Any) -> tuple[int, dict[str, str], bytes]:
        version = seen.path.split("?")[0].strip("/").split("/")[0]
        body = {
            "status": "ok",
            "version": version,
            "asked": f"{next(count)} {seen.path} {TOKEN} {PASSWORD} {seen.headers}",
        }
        said = {"x-token": quote(TOKEN), "set-cookie": f"session={quote(PASSWORD, safe='')}"}
        return 200, {"content-type": "application/json", **said}, json.dumps(body).encode()

    return answer


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        pytest.param("a b/c&d", "a%20b%2Fc%26d", id="quoted"),
        pytest.param("a b/c&d", "a%20b/c%26d", id="quoted-as-a-path"),
        pytest.param("a b/c&d", "a+b%2Fc%26d", id="quoted-as-a-form"),
        pytest.param("a%2Fbcd", "a/bcd", id="unquoted"),
        pytest.param('sa"id', 'sa\\"id', id="in-json"),
        pytest.param("sécret", "s\\u00e9cret", id="in-ascii-json"),
        pytest.param("s%C3%A9cret", "s\\u00e9cret", id="unquoted-in-ascii-json"),
        pytest.param("one\ntwo", "one\\ntwo", id="in-python"),
        pytest.param("https://x.test/api/", "https://x.test/api", id="without-its-last-slash"),
        pytest.param("https://ann:swordfish@x.test", "swordfish", id="password-of-a-url"),
        pytest.param("https://swordfish@x.test", "swordfish", id="token-of-a-url"),
        pytest.param("https://x.test/?key=swordfish", "swordfish", id="query-of-a-url"),
    ],
)
def test_a_secret_is_found_however_it_is_written(secret: str, shown: str) -> None:
    assert masked(f"<{shown}>", spellings([secret])) == "<***>"


def test_what_others_wrote_is_masked_and_what_stacks_own_is_left(tmp_path: Path) -> None:
    texts = {"load/short/parameters.json": '{"targets": "http://x/?key=swordfish"}', "work/own.db": "swordfish"}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "odd.log").write_bytes(b"\xff\x00 swordfish \xfe")
    hide_in_files(tmp_path, ["swordfish"])
    assert (tmp_path / "load/short/parameters.json").read_text(encoding="utf-8") == '{"targets": "http://x/?key=***"}'
    assert (tmp_path / "odd.log").read_bytes() == b"\xff\x00 *** \xfe"
    assert (tmp_path / "work/own.db").read_text(encoding="utf-8") == "swordfish"


def test_results_are_masked_though_one_of_them_was_cut_off(tmp_path: Path) -> None:
    for name, text in (("a-result.json", '{"name": "swordfish'), ("b-result.json", '{"name": "swordfish"}')):
        (tmp_path / name).write_text(text, encoding="utf-8")
    hide_in_results(tmp_path, ["swordfish"])
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ['{"name": "***', '{"name": "***"}']


def test_a_value_too_short_to_hide_anything_is_left_alone() -> None:
    assert spellings(["80", "on", ""]) == ()


def test_ids_and_words_of_a_record_stay_as_they_are() -> None:
    record = CheckRecord(
        "m/parity/it-holds",
        "parity",
        "S",
        "parity",
        Outcome.FAILED,
        "parity failed",
        findings=(Finding("parity", "w"),),
    )
    found = storable(record, ["parity", "failed"])
    assert (found.id, found.suite, found.phase, found.outcome) == (
        "m/parity/it-holds",
        "parity",
        "parity",
        Outcome.FAILED,
    )
    assert (found.reason, found.findings[0].what) == ("*** ***", "***")


def test_half_a_sign_of_utf_16_is_written_out_so_that_a_record_can_be_stored() -> None:
    found = storable(CheckRecord("i", "s", "S", "p", Outcome.FAILED, "a \ud800 b"), [])
    assert found.reason == "a \\ud800 b"


def test_log_records_are_masked_until_it_is_undone(caplog: pytest.LogCaptureFixture) -> None:
    undo = hide_in_log_records(["swordfish"])
    logging.getLogger("some.library").warning("GET %s", "http://x.test/?key=swordfish")
    undo()
    logging.getLogger("some.library").warning("GET %s", "swordfish")
    assert [record.getMessage() for record in caplog.records] == ["GET http://x.test/?key=***", "GET swordfish"]
