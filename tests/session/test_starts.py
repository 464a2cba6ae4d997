"""Starts of real services, in order and after a kill, and criteria judged on how long they took."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from godwit.plan import load_plan
from godwit.session import Session, Setting
from godwit.session.shipped import catalogue
from godwit.verdict import Judgement, Outcome

SERVICE = Path(__file__).parent / "rising.py"
PLAN = """
plan_version: 1
migration:
  id: risen
  title: A service is started
  baseline: {name: s, version: "1"}
  candidate: {name: s, version: "1"}
  seed: 7
stacks:
  baseline:
    version: "1"
    health: {path: /health, expect: {status: ok}, timeout_s: 30s}
    drivers:
      process:
        command: ["{python}", -S, SERVICE, "{port}", "{store}"]
        env: {RISES_S: "0", MENDS_S: "0"}
        store: "sqlite:///{work}/{role}.db"
  candidate:
    version: "1"
    health: {path: /health, expect: {status: ok}, timeout_s: 30s}
    drivers:
      process:
        command: ["{python}", -S, SERVICE, "{port}", "{store}"]
        env: {RISES_S: "0", MENDS_S: "0.6"}
        store: "sqlite:///{work}/{role}.db"
starts:
  - {id: service, other_work: 100%}
criteria:
CRITERIA
phases:
  - {id: up, title: It is up, suites: [{suite: performance-budgets}], exit: is-up}
gates:
  - {id: is-up, title: It is up, criteria: [starts, starts-as-before, recovers, often]}
"""
CRITERION = (
    "  - {{id: {id}, sentence: It is up, metric: {metric}, starts: service, statistic: p50, unit: s,"
    ' comparison: "<=", limit: {limit}, evidence: {{n: {n}}}}}'
)
ASKED = (
    ("starts", "startup_ms", "{absolute: 20}", 10),
    ("starts-as-before", "startup_ms", "{worse_than_baseline_by: 100%, floor: 1}", 10),
    ("recovers", "recovery_ms", "{worse_than_baseline_by: 50%, floor: 0.25}", 10),
    ("often", "startup_ms", "{absolute: 20}", 11),
)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Judgement]]:
    """Judges a criterion of the plan; all of them rest on the same starts."""
    folder = tmp_path_factory.mktemp("risen")
    criteria = [CRITERION.format(id=name, metric=metric, limit=limit, n=n) for name, metric, limit, n in ASKED]
    text = PLAN.replace("SERVICE", str(SERVICE)).replace("CRITERIA", "\n".join(criteria))
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    plan = load_plan(folder / "plan.yaml", os.environ, catalogue())
    with closing(Session(Setting(plan, "process", folder / "out", "run"))) as session:
        for role in ("baseline", "candidate"):
            with closing(sqlite3.connect(str(session.world.stack(role).store).removeprefix("sqlite:///"))) as store:
                store.execute("CREATE TABLE kept (id INTEGER)")
        yield lambda name: session.budgets.judge(next(each for each in plan.criteria if each.id == name), "up")
        assert not any(stack.is_running() for stack in session.world.stacks.values())


@pytest.mark.parametrize("name", ["starts", "starts-as-before"])
def test_a_start_in_order_is_timed_till_the_stack_is_healthy(judge: Callable[[str], Judgement], name: str) -> None:
    found = judge(name)
    assert found.outcome is Outcome.PASSED, found.reason
    assert found.actual is not None
    assert (found.actual.n, found.actual.unit) == (10, "ms")
    assert found.actual.value > 10


def test_a_recovery_that_takes_longer_than_the_baselines_fails(judge: Callable[[str], Judgement]) -> None:
    found = judge("recovers")
    assert found.outcome is Outcome.FAILED, found.reason
    assert found.actual is not None
    assert found.baseline is not None
    assert found.actual.value >= 600 > found.baseline.value


def test_fewer_starts_than_asked_for_are_inconclusive(judge: Callable[[str], Judgement]) -> None:
    found = judge("often")
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "10 samples of startup_ms on the candidate, 11 are needed" in found.reason
