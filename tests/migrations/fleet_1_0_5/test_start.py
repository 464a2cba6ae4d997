"""How the fleet's services start and end: one line and an exit code for every mistake, 0 when they are asked to end."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
SIDES = ("baseline", "candidate")
LISTEN = ("--host", "127.0.0.1", "--port", "0", "--models", "http://127.0.0.1:1")
GOOD = {"fleet": {"id": "f", "name": "F"}, "ai": {"apiKey": "k"}}


def started(name: str, *words: object, **more: str) -> tuple[int, str]:
    """Exit code and what a service that cannot start says."""
    command = [sys.executable, "-m", f"fleet_1_0_5.{name}", *map(str, words)]
    environment = {"PYTHONPATH": str(MIGRATIONS), "PATH": ""} | more
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    return done.returncode, done.stderr


def config(folder: Path, document: Any = GOOD) -> Path:
    """A configuration in a file."""
    path = folder / "fleet.yaml"
    if isinstance(document, str):
        path.write_text(document)
        return path
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(document, file)
    return path


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("fleet: [", "cannot be read"),
        ("- 1\n", "fleet.yaml: "),
        ("", "fleet.yaml: "),
        ({"fleet": {"id": 7, "name": "F"}}, "fleet.id"),
        (GOOD | {"agents": [{"type": "x", "class": "nowhere:Agent"}]}, "'nowhere:Agent' cannot be loaded"),
        (GOOD | {"agents": [{"type": "x", "class": "json:JSONDecoder"}]}, "is no BaseAgent"),
        (GOOD | {"tools": [{"name": "x"}]}, "tools.0.class"),
    ],
    ids=["no-yaml", "list", "empty", "wrong-type", "no-module", "no-agent", "tool-without-class"],
)
def test_a_configuration_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, name: str, document: Any, reason: str
) -> None:
    words = ("--config", config(tmp_path, document), "--store", f"sqlite:///{tmp_path}/f.db")
    code, said = started(name, *LISTEN, *words)
    assert (code, said.count("\n")) == (2, 1)
    assert reason in said


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--store", "mysql://u@h/db"), "'mysql' is not supported"),
        (("--store", "sqlite:////no/such/folder/x.db"), "does not exist"),
        (("--config", "/no/such/file.yaml"), "cannot be read"),
        (("--template", "/no/such/file.yaml", "--config", "/tmp/no/such.yaml"), "No such file"),
        (("--models", "nowhere"), "is no URL"),
        (("--port", "x"), "is not a port"),
        (("--hots", "h"), "unrecognized"),
    ],
    ids=["store-kind", "store-folder", "no-config", "no-template", "models", "port", "typo"],
)
def test_a_wrong_option_is_refused_in_one_line(tmp_path: Path, name: str, words: Any, reason: str) -> None:
    plain = ("--config", config(tmp_path), "--store", f"sqlite:///{tmp_path}/f.db")
    code, said = started(name, *LISTEN, *plain, *words)
    assert (code, said.count("\n")) == (2, 1)
    assert reason in said


def test_a_router_says_what_is_wrong_with_its_flags_or_its_sides(tmp_path: Path) -> None:
    (tmp_path / "flags.json").write_text("{")
    sides = ("--baseline", "http://127.0.0.1:1", "--candidate", "http://127.0.0.1:1")
    where = ("--host", "127.0.0.1", "--port", "0", "--data", tmp_path)
    code, said = started("router", *where, *sides)
    assert (code, said.count("\n"), "mend or remove it" in said) == (2, 1, True)
    code, said = started("router", *where, *sides, "--candidate", "ftp://x")
    assert (code, said.count("\n"), "is not http://host:port" in said) == (2, 1, True)


@pytest.mark.parametrize("name", SIDES)
def test_a_defect_that_nobody_knows_is_refused(tmp_path: Path, name: str) -> None:
    if not (MIGRATIONS / "fleet_1_0_5/defects.py").exists():
        pytest.skip("there is no table of defects")
    words = ("--config", config(tmp_path), "--store", f"sqlite:///{tmp_path}/f.db")
    code, said = started(name, *LISTEN, *words, ORCHESTRATION_DEFECT="no-such-defect")
    assert (code, said.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", SIDES)
def test_a_service_takes_its_template_and_ends_its_own_models(launch: Any, tmp_path: Path, name: str) -> None:
    template, place = config(tmp_path), tmp_path / "elsewhere"
    place.mkdir()
    side = launch(name, "--template", str(template), folder=place)
    assert side.config.read_bytes() == template.read_bytes()
    assert side.do()["status"] == "completed"
    children = psutil.Process(side.process.pid).children()
    assert len(children) == 1
    assert side.stop() == 0
    assert psutil.wait_procs(children, timeout=30)[1] == []
    assert "Traceback" not in (place / f"{name}.log").read_text()
