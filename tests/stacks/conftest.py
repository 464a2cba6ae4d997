"""What the tests of stacks share: a site, and plans' sections for the tiny service under each driver."""

import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from godwit.plan import Stacks
from godwit.stacks import Site, engine

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GODWIT_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("GODWIT_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site("run-1", tmp_path / "work", tmp_path / "logs", HERE, 7, sys.executable)


def process(version: str = "1", timeout: str = "10s", says: str | None = None, **env: str) -> dict[str, object]:
    """A stack's part of a plan; the service says `says`, or the version that the plan names."""
    command = ["{python}", "service.py", "{host}", "{port}"]
    driver = {"command": command, "env": {"VERSION": says or version, **env}, "store": "sqlite:///{work}/store.db"}
    health = {"path": "/health", "expect": {"status": "ok"}, "timeout_s": timeout}
    return {"version": version, "drivers": {"process": driver}, "health": health}


def imported(version: str = "1", *requirements: str) -> dict[str, object]:
    """A stack that is imported: this folder, put on the path as it is, or other requirements."""
    return {"version": version, "drivers": {"library": {"requirements": list(requirements or ["./."])}}}


def installed(version: str = "1") -> dict[str, object]:
    """A stack that is a file tree with a command, which says its version."""
    driver = {"tree": "tree", "command": ["{python}", "tool.py"], "env": {"HOME": "{tree}", "VERSION": version}}
    return {"version": version, "drivers": {"installation": driver}}


def contained(version: str = "1", timeout: str = "20s", **changes: object) -> dict[str, object]:
    """The same service in a container of the local base image; `changes` replace words of the driver's section."""
    spec = process(version, timeout)
    build = {"context": ".", "dockerfile": "Dockerfile", "args": {"WHO": "tests"}}
    spec["drivers"] = {"container": {"build": build, "port": 8000, "env": {"VERSION": version}, **changes}}
    return spec


def pair(baseline: dict[str, object] | None = None, candidate: dict[str, object] | None = None) -> Stacks:
    """Both roles; what is not given is the plain process stack."""
    return Stacks.model_validate({"baseline": baseline or process(), "candidate": candidate or process("2")})


@pytest.fixture(scope="session")
def local_engine() -> None:
    """An engine that answers and the local Python base; skips, and says so, where there is none."""
    if not engine.answers():
        pytest.skip("not run: no container engine answers (containers/dockerd-up.sh starts one)")
    with closing(engine.connect()) as client:
        if not os.environ.get("GODWIT_BASE_IMAGE") and not engine.has_image(client, "godwit/python:3"):
            pytest.skip("not run: no base image (containers/prepare makes godwit/python:3)")
