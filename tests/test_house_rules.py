"""The house rules that a machine can check; docs/house-style.md gives their reasons and refuses nothing by itself."""

import ast
import fnmatch
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from godwit.plan import load_plan
from godwit.session import Session, Setting

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHIPPED = {"godwit": ROOT / "src/godwit"} | {
    f"godwit.{folder}": ROOT / folder for folder in ("fixtures", "loadtests", "migrations", "reports", "suites")
}
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_PROMISE = 400, 50, 10
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "util", "helper"}
NOT_SHIPPED = ("reports/out/*", "*/.gitignore", "*/.gitkeep", "*.pyc")


def relative(path: Path) -> str:
    """The path as it is written in a clone."""
    return path.relative_to(ROOT).as_posix()


def sources() -> list[Path]:
    """Every Python file of the product and of its tests."""
    folders = [*SHIPPED.values(), ROOT / "tests", ROOT / "benchmarks"]
    return sorted(path for folder in folders for path in folder.rglob("*.py") if "out" not in path.parts)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function in a module, nested ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def parsed(path: Path) -> ast.Module:
    """The module as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def promises() -> list[Any]:
    """Every function of the suites, one parameter each."""
    return [
        pytest.param(function, id=f"{path.stem}-{function.name}")
        for path in sorted((ROOT / "suites").glob("*.py"))
        for function in functions(parsed(path))
    ]


def tracked(folder: Path) -> list[str]:
    """The files under a folder that git knows, as written in a clone."""
    words = ["git", "-C", str(ROOT), "ls-files", "--", relative(folder)]
    answer = subprocess.run(words, capture_output=True, text=True, check=False)
    if answer.returncode:
        pytest.skip("not a git clone: what is shipped cannot be compared with what is kept")
    return answer.stdout.split()


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_a_file_fits_in_one_reading(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_a_function_fits_on_one_screen(path: Path) -> None:
    sizes = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions(parsed(path))}
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    tree = parsed(path)
    assert not tree.body or ast.get_docstring(tree)


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_no_file_has_a_name_that_says_nothing(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


def test_there_are_sources_to_judge() -> None:
    assert len(sources()) > 20


@pytest.mark.parametrize("promise", promises())
def test_a_suite_holds_promises_and_no_helpers(promise: ast.FunctionDef) -> None:
    assert promise.name.startswith("test_")


@pytest.mark.parametrize("promise", promises())
def test_a_promise_is_one_sentence(promise: ast.FunctionDef) -> None:
    sentence = ast.get_docstring(promise) or ""
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence


@pytest.mark.parametrize("promise", promises())
def test_a_promise_is_read_at_a_glance(promise: ast.FunctionDef) -> None:
    first = promise.body[1] if ast.get_docstring(promise) and len(promise.body) > 1 else promise.body[0]
    assert (promise.end_lineno or 0) - first.lineno + 1 <= LONGEST_PROMISE


@pytest.mark.parametrize("promise", promises())
def test_a_promise_does_not_loop(promise: ast.FunctionDef) -> None:
    assert not [node for node in ast.walk(promise) if isinstance(node, ast.For | ast.While | ast.AsyncFor)]


def test_suites_have_no_conftest_so_that_everything_they_ask_for_stands_in_fixtures() -> None:
    assert list((ROOT / "suites").rglob("conftest.py")) == []


def test_suites_stay_flat() -> None:
    assert [path for path in (ROOT / "suites").iterdir() if path.is_dir() and path.name != "__pycache__"] == []


def python_folders(top: Path) -> set[Path]:
    """All folders that hold Python files, but for the evidence of runs, in which anything may lie."""
    return {path.parent for path in top.rglob("*.py") if not path.is_relative_to(ROOT / "reports" / "out")}


def packages_in_the_tree() -> Iterator[str]:
    """Import names of all folders that hold shipped Python files."""
    for name, top in SHIPPED.items():
        for folder in sorted(python_folders(top) | {top}):
            if folder == top or (folder / "__init__.py").exists():
                yield ".".join([name, *folder.relative_to(top).parts])


def test_the_package_list_equals_the_tree() -> None:
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == sorted(packages_in_the_tree())


@pytest.mark.parametrize("top", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_folder_of_python_files_is_a_package(top: Path) -> None:
    folders = sorted(python_folders(top))
    assert [relative(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def data_patterns() -> dict[str, list[str]]:
    """Folder of each package, as written in a clone, and the patterns of the data that it ships."""
    packages = {
        package: relative(SHIPPED[room].joinpath(*package[len(room) :].split(".")))
        for package in PROJECT["tool"]["setuptools"]["package-data"]
        for room in [max((room for room in SHIPPED if f"{package}.".startswith(f"{room}.")), key=len)]
    }
    return {packages[package]: words for package, words in PROJECT["tool"]["setuptools"]["package-data"].items()}


@pytest.mark.parametrize("top", SHIPPED.values(), ids=SHIPPED)
def test_every_data_file_beside_shipped_code_is_shipped(top: Path) -> None:
    wanted = [f"{folder}/{pattern}" for folder, patterns in data_patterns().items() for pattern in patterns]
    kept = [name for name in tracked(top) if not name.endswith(".py")]
    left = [name for name in kept if not any(fnmatch.fnmatch(name, p) for p in chain(wanted, NOT_SHIPPED))]
    assert left == []


def test_every_room_of_the_engine_has_its_place() -> None:
    contract = next(c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    placed = {room.strip() for layer in contract["layers"] for room in layer.split("|")}
    rooms = {path.name for path in SHIPPED["godwit"].iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == placed


@pytest.mark.parametrize("job", ["lint", "types", "imports", "tests", "clone", "wheel", "containers", "defects"])
def test_ci_runs_what_tox_lists(job: str) -> None:
    text = (ROOT / "tox.ini").read_text(encoding="utf-8")
    ci = next(line for line in text.splitlines() if line.strip().startswith("ci ="))
    assert job in ci.replace(",", " ").split()
    assert f"[testenv:{job}]" in text


@pytest.mark.parametrize("promise", promises())
def test_a_promise_asks_its_nouns_only_what_they_answer(promise, tiny_nouns):
    asked = [
        (node.func.value.id, node.func.attr)
        for node in ast.walk(promise)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    ]
    assert asked, "it asks nothing"
    assert [f"{noun}.{method}" for noun, method in asked if not hasattr(tiny_nouns, noun)] == []
    assert [f"{noun}.{method}" for noun, method in asked if not hasattr(getattr(tiny_nouns, noun), method)] == []


@pytest.fixture(scope="module")
def tiny_nouns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session of the tiny plan, nothing of it started."""
    plan = load_plan(ROOT / "tests/pytest_plugin/tiny/plan.yaml")
    with closing(Session(Setting(plan, "process", tmp_path_factory.mktemp("nouns"), "run"))) as session:
        yield session


@pytest.mark.parametrize("module", sorted((ROOT / "fixtures").glob("[a-z]*.py")), ids=lambda path: str(path.stem))
def test_everything_public_in_fixtures_is_a_fixture(module: Path) -> None:
    found = [node for node in ast.parse(module.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in found if not node.name.startswith("_") and not node.decorator_list] == []
