"""The library driver: an environment for each side, made once, that holds what the plan asks for and nothing else."""

import subprocess
from pathlib import Path

import pytest

from godwit.stacks import Site, open_stacks
from godwit.verdict import GodwitError, StackError
from tests.stacks.conftest import imported, pair, process

PROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "shop"
version = "{version}"
"""
# A build backend of a few lines, so that building needs no network.
BACKEND = """
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    version = open("VERSION").read()
    name = f"shop-{version}-py3-none-any.whl"
    info = f"shop-{version}.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.write("shop.py")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: shop\\nVersion: {version}\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    open("built", "w").close()
    return name
"""


def project(folder: Path, version: str = "1.0") -> Path:
    """The folder of a project with one module."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT.format(version=version), encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "VERSION").write_text(version, encoding="utf-8")
    (folder / "shop.py").write_text(f"version = {version!r}\n", encoding="utf-8")
    return folder


def asked(python: str, code: str) -> str:
    """What a program prints under this Python."""
    return subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_project_is_installed_in_its_version_and_its_folder_stays_clean(site: Site, tmp_path: Path) -> None:
    folder = project(tmp_path / "shop")
    before = sorted(path.name for path in folder.iterdir())
    with open_stacks(pair(imported("1.0", str(folder)), imported("1.0", str(folder))), "process", site) as stacks:
        stacks["baseline"].start()
        runtime = stacks["baseline"].runtime()
        assert runtime is not None
        assert asked(runtime.python, "import shop; print(shop.version)") == "1.0"
        assert stacks["baseline"].url == stacks["candidate"].url
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_changed_project_is_installed_anew(site: Site, tmp_path: Path) -> None:
    folder = project(tmp_path / "shop")
    with open_stacks(pair(imported("1.0", str(folder))), "process", site) as stacks:
        first = stacks["baseline"].url
    (folder / "shop.py").write_text("version = 'changed'\n", encoding="utf-8")
    with open_stacks(pair(imported("1.0", str(folder))), "process", site) as stacks:
        assert stacks["baseline"].url != first


def test_another_version_than_the_plans_is_not_healthy(site: Site, tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", "1.1")
    with (
        open_stacks(pair(imported("1.0", str(folder))), "process", site) as stacks,
        pytest.raises(StackError, match=r"it has version '1\.1', the plan says '1\.0'"),
    ):
        stacks["baseline"].start()


def test_a_folder_that_is_no_project_is_put_on_the_path(site: Site, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "shop.py").write_text("version = 'plain'\n", encoding="utf-8")
    with open_stacks(pair(imported("1", str(tmp_path / "plain"))), "process", site) as stacks:
        runtime = stacks["baseline"].runtime()
        assert runtime is not None
        assert asked(runtime.python, "import shop; print(shop.version)") == "plain"


def test_a_folder_that_is_not_there_is_named(site: Site) -> None:
    with pytest.raises(StackError, match=r"requirement './nowhere': there is no file or folder"):
        open_stacks(pair(imported("1", "./nowhere")), "process", site)


def test_a_python_that_is_not_there_is_named(site: Site) -> None:
    spec = imported()
    spec["drivers"] = {"library": {"requirements": ["./."], "python": "python9.9"}}
    with pytest.raises(StackError, match=r"no Python at 'python9\.9'.*drivers\.library\.python"):
        open_stacks(pair(spec), "process", site)


def test_a_library_and_a_process_stand_beside_each_other(site: Site) -> None:
    with open_stacks(pair(process(), imported("2")), "process", site) as stacks:
        for stack in stacks.values():
            stack.start()
        assert [stack.url.partition(":")[0] for stack in stacks.values()] == ["http", "python"]


def test_a_process_comes_before_a_library(site: Site) -> None:
    both = process()
    both["drivers"] = {**process()["drivers"], **imported()["drivers"]}  # type: ignore[dict-item]
    with open_stacks(pair(both), "process", site) as stacks:
        assert stacks["baseline"].url.startswith("http:")


def test_the_environment_that_a_defect_adds_reaches_called_code(site: Site) -> None:
    added = {"candidate": {"DEFECT": "1"}}
    with open_stacks(pair(imported(), imported("2")), "process", site, extra_env=added) as stacks:
        found = [stack.runtime() for stack in stacks.values()]
    assert [runtime.env.get("DEFECT") for runtime in found if runtime] == [None, "1"]


def test_a_library_under_a_profile_of_containers_is_refused(site: Site) -> None:
    with pytest.raises(GodwitError, match="drivers has no 'container'; it has library"):
        open_stacks(pair(imported(), imported("2")), "container", site)
