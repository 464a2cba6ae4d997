"""Files of benchmarks, run on two sides by real processes, and criteria judged on what they took."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from godwit.plan import Plan, load_plan
from godwit.session import Session, Setting
from godwit.session.shipped import catalogue
from godwit.verdict import Judgement, Outcome

PLAN = """
plan_version: 1
migration:
  id: timed
  title: A desk is rewritten
  baseline: {name: desk, version: "1"}
  candidate: {name: desk, version: "2"}
  seed: 7
stacks:
  baseline:
    version: "1"
    health: {path: /}
    drivers: {process: {command: ["{python}", -m, desk], env: {PYTHONPATH: one}}}
  candidate:
    version: "2"
    health: {path: /}
    drivers: {process: {command: ["{python}", -m, desk], env: {PYTHONPATH: two}}}
benchmarks:
  - {id: desk, file: bench/test_desk.py, for_s: 5ms, other_work: 100%}
criteria:
CRITERIA
phases:
  - {id: quick, title: It is quick, suites: [{suite: performance-budgets}], exit: is-quick}
gates:
  - {id: is-quick, title: It is quick, criteria: [NAMES]}
"""
CRITERION = (
    "  - {{id: {id}, sentence: It is quick, metric: benchmark_us, benchmark: desk, operation: {operation}, statistic: p50,"
    ' unit: ms, comparison: "<=", limit: {limit}, evidence: {{n: 20}}}}'
)
AT_MOST_TWICE = "{worse_than_baseline_by: 100%, floor: 1}"
OPERATIONS = {
    "same": ("test_same", AT_MOST_TWICE),
    "slower": ("test_slower", AT_MOST_TWICE),
    "under-a-second": ("test_same", "{absolute: 1000}"),
    "of-ten": ("test_many[10]", "{absolute: 1000}"),
    "fails": ("test_fails", "{absolute: 1000}"),
    "skipped": ("test_skipped", "{absolute: 1000}"),
    "idle": ("test_idle", "{absolute: 1000}"),
    "only-there": ("test_only_there", "{absolute: 1000}"),
}
DESK = "import time\ndef same(): time.sleep(0.0005)\ndef slower(): time.sleep({slow_s})\nVERSION = {version}\n"
BENCHMARKS = """
import desk
import pytest

def test_same(benchmark):
    benchmark(desk.same)

def test_slower(benchmark):
    benchmark(desk.slower)

@pytest.mark.parametrize("number", [10])
def test_many(benchmark, number):
    benchmark(sum, range(number))

def test_fails(benchmark):
    benchmark(desk.same)
    assert desk.VERSION == 1, "two is not one"

@pytest.mark.skipif(desk.VERSION == 2, reason="not yet")
def test_skipped(benchmark):
    benchmark(desk.same)

def test_idle(benchmark):
    pass

if desk.VERSION == 1:
    def test_only_there(benchmark):
        benchmark(desk.same)
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Plan]:
    """Writes both sides, the benchmarks and the plan, and loads it."""

    def write(benchmarks: str) -> Plan:
        folder = tmp_path_factory.mktemp("timed")
        for side, version, slow_s in (("one", 1, 0.0005), ("two", 2, 0.01)):
            (folder / side).mkdir()
            (folder / side / "desk.py").write_text(DESK.format(slow_s=slow_s, version=version), encoding="utf-8")
        (folder / "bench").mkdir()
        (folder / "bench" / "test_desk.py").write_text(benchmarks, encoding="utf-8")
        criteria = [
            CRITERION.format(id=name, operation=f'"{operation}"', limit=limit)
            for name, (operation, limit) in OPERATIONS.items()
        ]
        text = PLAN.replace("CRITERIA", "\n".join(criteria)).replace("NAMES", ", ".join(OPERATIONS))
        (folder / "plan.yaml").write_text(text, encoding="utf-8")
        return load_plan(folder / "plan.yaml", os.environ, catalogue())

    return write


def judging(plan: Plan, session: Session) -> Callable[[str], Judgement]:
    return lambda name: session.budgets.judge(next(each for each in plan.criteria if each.id == name), "quick")


@pytest.fixture(scope="module")
def judge(planned: Callable[[str], Plan]) -> Iterator[Callable[[str], Judgement]]:
    """Judges a criterion of the plan; all of them rest on one run of the benchmarks."""
    plan = planned(BENCHMARKS)
    with closing(Session(Setting(plan, "process", plan.directory / "out", "run"))) as session:
        yield judging(plan, session)


@pytest.mark.parametrize("name", ["same", "under-a-second", "of-ten"])
def test_what_is_quick_enough_passes(judge: Callable[[str], Judgement], name: str) -> None:
    found = judge(name)
    assert found.outcome is Outcome.PASSED, found.reason
    assert found.actual is not None
    assert found.actual.n >= 20


def test_what_is_slower_than_the_baseline_fails_with_both_figures(judge: Callable[[str], Judgement]) -> None:
    found = judge("slower")
    assert found.outcome is Outcome.FAILED, found.reason
    assert found.actual is not None
    assert found.baseline is not None
    assert found.actual.value > 9000 > found.baseline.value


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fails", "test_fails on the candidate: it failed: AssertionError: two is not one"),
        ("skipped", "test_skipped on the candidate: it was skipped: not yet"),
        ("idle", "test_idle on the baseline: it benchmarked nothing"),
        ("only-there", "nothing was timed of test_only_there on the candidate"),
    ],
    ids=["failed", "skipped", "idle", "missing"],
)
def test_what_was_not_measured_is_inconclusive(judge: Callable[[str], Judgement], name: str, said: str) -> None:
    found = judge(name)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert said in found.reason


def test_a_file_that_cannot_be_imported_is_inconclusive_and_says_why(planned: Callable[[str], Plan]) -> None:
    plan = planned("import nowhere\ndef test_same(benchmark): ...\n")
    with closing(Session(Setting(plan, "process", plan.directory / "out", "run"))) as session:
        found = judging(plan, session)("same")
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "No module named 'nowhere'" in found.reason
    assert "test_desk.py on the " in found.reason


def test_a_python_without_the_plugin_is_inconclusive_and_says_what_to_install(planned: Callable[[str], Plan]) -> None:
    plan = planned(BENCHMARKS)
    (plan.directory / "two" / "sitecustomize.py").write_text(
        "import importlib.util as u\nu.find_spec = lambda name, whole=u.find_spec: name == 'pytest' and whole(name)\n"
    )
    with closing(Session(Setting(plan, "process", plan.directory / "out", "run"))) as session:
        found = judging(plan, session)("same")
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "lacks pytest-benchmark; install it there" in found.reason
    assert "stacks.candidate" in found.reason


def test_a_file_that_hangs_is_ended(planned: Callable[[str], Plan]) -> None:
    plan = planned("import time\ntime.sleep(60)\n")
    slow = plan.benchmarks[0].model_copy(update={"timeout_s": 1.0})
    plan = plan.model_copy(update={"benchmarks": (slow,)}).read_from(plan.path, {})
    with closing(Session(Setting(plan, "process", plan.directory / "out", "run"))) as session:
        found = judging(plan, session)("same")
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "did not end within 1 s" in found.reason
