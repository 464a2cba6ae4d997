"""A plan names files of benchmarks and functions in them; what is not there, and what nobody judges, is told."""

from pathlib import Path

import pytest

from godwit.plan import Lint, lint, load_plan
from godwit.verdict import PlanError

PLAN = (Path(__file__).parent / "good" / "minimal.yaml").read_text(encoding="utf-8")
CRITERION = (
    "criteria:\n  - {id: quick, sentence: It is quick, metric: benchmark_us, benchmark: desk, operation: test_register, "
    'statistic: p50, unit: us, comparison: "<=", limit: {absolute: 9}, evidence: {n: 100}}\n'
)
SECTION = "benchmarks:\n  - {id: desk, file: bench/test_desk.py}\n"
FILE = "class TestDesk:\n    def test_register(self, benchmark): ...\ndef test_route(benchmark): ...\ndef test_sum(): ...\n"


def lints(folder: Path, *changes: tuple[str, str], file: str = FILE) -> list[Lint]:
    text = SECTION + PLAN.replace("criteria:\n", CRITERION)
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "bench").mkdir()
    (folder / "bench" / "test_desk.py").write_text(file, encoding="utf-8")
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    return [each for each in lint(load_plan(folder / "plan.yaml", {})) if each.id.startswith("benchmark")]


def test_a_benchmark_that_no_criterion_judges_is_told(tmp_path: Path) -> None:
    (found,) = lints(tmp_path)
    assert (found.id, found.level) == ("benchmark-never-judged", "warning")
    assert "no criterion asks anything of test_route in bench/test_desk.py" in found.message


def test_a_function_that_is_not_there_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    found, _ = lints(tmp_path, ("operation: test_register", "operation: test_registre"))
    assert (found.id, found.level) == ("benchmark-not-there", "error")
    assert "has no benchmark 'test_registre'; did you mean 'test_register'?" in found.message


def test_a_test_without_the_fixture_is_no_benchmark(tmp_path: Path) -> None:
    found, _ = lints(tmp_path, ("operation: test_register", "operation: test_sum"))
    assert found.id == "benchmark-not-there"


@pytest.mark.parametrize("file", ["def (", "\x00"], ids=["no-python", "no-text"])
def test_a_file_that_is_no_python_is_an_error(tmp_path: Path, file: str) -> None:
    (found,) = lints(tmp_path, file=file)
    assert (found.id, found.level) == ("benchmark-not-there", "error")
    assert "bench/test_desk.py cannot be read as a file of benchmarks" in found.message


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (found,) = lints(tmp_path, ("bench/test_desk.py", "bench/test_disk.py"))
    assert found.id == "benchmark-not-there"


def test_parameters_of_a_benchmark_may_be_named(tmp_path: Path) -> None:
    (found,) = lints(tmp_path, ("operation: test_register", 'operation: "test_register[10]"'))
    assert found.id == "benchmark-never-judged"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("benchmark: desk, ", "", "benchmark belongs to metric benchmark_us, which needs one"),
        ("metric: benchmark_us", "metric: response_ms", "benchmark belongs to metric benchmark_us"),
        ("operation: test_register, ", "", "write operation (the function in its file), and no profile"),
        ("benchmark: desk", "benchmark: disk", "no benchmark 'disk'; did you mean 'desk'?"),
        ("file: bench/test_desk.py", "file: bench/test_desk.py, turns: 5", "greater than or equal to 10"),
    ],
    ids=["no-benchmark", "other-metric", "no-operation", "unknown", "few-turns"],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(PlanError, match=said.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")):
        lints(tmp_path, (old, new))


STARTS = "starts:\n  - {id: service}\n"
STARTED = (
    "criteria:\n  - {id: up, sentence: It is up, metric: startup_ms, starts: service, statistic: p50, unit: s, "
    'comparison: "<", limit: {absolute: 2}, evidence: {n: 10}}\n'
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("starts: service, ", "", "starts belongs to metric startup_ms or recovery_ms, which needs one"),
        ("metric: startup_ms", "metric: response_ms", "starts belongs to metric startup_ms or recovery_ms"),
        ("starts: service, ", "starts: service, operation: x, ", "starts is no load with a profile"),
        ("starts: service, ", "starts: servant, ", "no set of starts 'servant'"),
    ],
    ids=["no-starts", "other-metric", "an-operation", "unknown"],
)
def test_starts_are_named_by_what_they_measure(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = STARTS + PLAN.replace("criteria:\n", STARTED, 1)
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    assert load_plan(tmp_path / "plan.yaml").starts[0].turns == 10
    assert text.count(old) == 1
    (tmp_path / "plan.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PlanError, match=said):
        load_plan(tmp_path / "plan.yaml")
