"""How services start and end: one line and an exit code for every mistake, exit code 0 when they are asked to end."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
SIDES = ("baseline", "candidate")
LISTEN = ("--host", "127.0.0.1", "--port", "0")
URLS = ("--baseline", "http://127.0.0.1:1", "--candidate", "http://127.0.0.1:1")


def started(name: str, *words: object, defect: str = "") -> tuple[int, str]:
    """Exit code and what a service that cannot start says."""
    command = [sys.executable, "-m", f"orchestration_v2.{name}", *map(str, words)]
    environment = {"PYTHONPATH": str(MIGRATIONS), "ORCHESTRATION_DEFECT": defect, "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize(
    ("store", "reason"),
    [
        pytest.param("mysql://u@h/db", "'mysql' is not supported", id="other-kind"),
        pytest.param("nonsense", "is not a URL", id="no-url"),
        pytest.param("sqlite:///relative.db", "needs an absolute path", id="relative"),
        pytest.param("sqlite:////no/such/folder/x.db", "does not exist", id="no-folder"),
    ],
)
def test_a_store_that_cannot_be_is_refused_in_one_line(name: str, store: str, reason: str) -> None:
    code, said = started(name, *LISTEN, "--store", store)
    assert (code, said.count("\n")) == (2, 1)
    assert reason in said


@pytest.mark.parametrize("name", SIDES)
def test_a_database_that_does_not_answer_ends_the_start(name: str) -> None:
    code, said = started(name, *LISTEN, "--store", "postgresql+psycopg://u:p@127.0.0.1:1/db")
    assert (code, said.count("\n")) == (1, 1)


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize("words", [(), ("--port", "x"), ("--hots", "h")], ids=["missing", "port", "typo"])
def test_a_wrong_option_is_refused_in_one_line(name: str, words: tuple[str, ...]) -> None:
    code, said = started(name, *words)
    assert (code, said.count("\n")) == (2, 1)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = started("baseline", "--host", "127.0.0.1", "--port", port, "--store", f"sqlite:///{tmp_path}/s.db")
    assert (code, said.count("\n")) == (1, 1)
    assert str(port) in said


def test_an_unknown_bus_is_refused(tmp_path: Path) -> None:
    code, said = started("candidate", *LISTEN, "--store", f"sqlite:///{tmp_path}/s.db", "--bus", "kafka://x")
    assert (code, "kafka" in said) == (2, True)


@pytest.mark.parametrize("url", ["ftp://h:1", "http://h:1/path", "h:1"])
def test_a_side_is_named_by_host_and_port(tmp_path: Path, url: str) -> None:
    code, said = started("gateway", *LISTEN, "--data", tmp_path, "--baseline", url, "--candidate", "http://h:1")
    assert (code, said.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "text", ["{", '{"use_v2": true}', '{"v2_user_percentage": 101}'], ids=["json", "name", "value"]
)
def test_a_flag_file_that_cannot_be_understood_is_not_replaced_by_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "flags.json").write_text(text)
    code, said = started("gateway", *LISTEN, "--data", tmp_path, *URLS)
    assert (code, "flags.json" in said) == (2, True)


@pytest.mark.parametrize("name", SIDES)
def test_a_defect_that_no_table_has_is_refused(tmp_path: Path, name: str) -> None:
    code, said = started(name, *LISTEN, "--store", f"sqlite:///{tmp_path}/s.db", defect="no-such-defect")
    assert (code, "no-such-defect" in said, "leak" in said) == (2, True, True)


@pytest.mark.parametrize("defect", ["loses-rows", "random-bucket"], ids=["of-the-tools", "of-the-gateway"])
def test_a_defect_of_another_program_changes_nothing(launch: Any, defect: str) -> None:
    service = launch("candidate", defect=defect)
    assert service.client.get("/health/v2").status_code == 200
    assert service.stop() == 0


@pytest.mark.parametrize("name", SIDES)
def test_a_service_keeps_its_tasks_over_a_restart(launch: Any, name: str, tmp_path: Path) -> None:
    first = launch(name, folder=tmp_path)
    task = first.client.post("/api/tasks", json={"title": "t", "created_by": "u"}).json()
    assert first.stop() == 0
    second = launch(name, "--store", f"sqlite:///{tmp_path / 'store.db'}")
    assert second.client.get(f"/api/tasks/{task['id']}").json() == task
    assert second.stop() == 0
