"""Soaks of real services that leak or do not, and base memory over real idle interpreters."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest

from godwit.plan import load_plan
from godwit.session import Session, Setting, budgets, expand
from godwit.session.shipped import catalogue
from godwit.stacks import Sampler
from godwit.verdict import HarnessError, Judgement, Outcome

HERE = Path(__file__).parent

PLAN = """
plan_version: 1
migration:
  id: soaked
  title: A service is kept busy
  baseline: {{name: s, version: "1"}}
  candidate: {{name: s, version: "1"}}
  seed: 7
stacks:
  baseline:
    version: "1"
    health: {{path: /health, expect: {{status: ok}}, timeout_s: 20s}}
    drivers: {{process: {{command: ["{{python}}", -S, "{service}", "{{port}}"]}}}}
  candidate:
    version: "1"
    health: {{path: /health, expect: {{status: ok}}, timeout_s: 20s}}
    writes_to: ["{{work}}/kept*"]
    drivers:
      process:
        command: ["{{python}}", -S, "{service}", "{{port}}"]
        env: {{LEAKS: "{leaks}", LEAKS_EVERY: "{every}", LEAKS_BYTES: "2000"}}
profiles:
  - id: busy
    rate_per_s: 400
    duration_s: 8s
    warmup_s: 200ms
    other_work: 100%
    operations: [{{id: ask, path: /, share: 100%}}]
soaks:
  - id: day
    profile: busy
    cycle: 100
    stands_for: 1h
    warmup: 2
    at_least: 10
    grows_at_most: {{memory_mb: 0.05, descriptors: 0.3, threads: 0.3, connections: 0.3, disk_mb: 0.05}}
footprints:
  - {{id: base, imports: [{imports}], settle_s: 0s, readings: 3, at_most_mb: {at_most}}}
phases:
  - {{id: long, title: It runs for long, suites: [{{suite: endurance}}], exit: lasts}}
criteria:
  - {{id: nothing-leaks, sentence: Nothing leaks, checks: [long/nothing-piles-up]}}
gates:
  - {{id: lasts, title: It lasts, criteria: [nothing-leaks]}}
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A session on a candidate that keeps something; gives the judgement of a case.

    Its cycles take half a second, so dear looks may cost more than they would be worth in a run.
    """
    monkeypatch.setattr(budgets, "Sampler", partial(Sampler, share=0.05))
    with ExitStack() as opened:

        def start(leaks: str, every: int = 1, imports: str = "asyncio, socket", at_most: float = 8) -> object:
            text = PLAN.format(service=HERE / "leaky.py", leaks=leaks, every=every, imports=imports, at_most=at_most)
            (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
            plan = load_plan(tmp_path / "plan.yaml", os.environ, catalogue())
            session = opened.enter_context(closing(Session(Setting(plan, "process", tmp_path / "out", "run"))))
            for role in ("baseline", "candidate"):
                session.world.stack(role).start()
            known = {check.case: check.element for check in expand(plan).checks}

            def judged(case: str) -> Judgement:
                if case == "base":
                    return session.endurance.at_rest(known[case])
                return session.endurance.piles_up(known[case], "long")

            return judged

        yield start


def test_memory_that_is_kept_piles_up_and_nothing_else_does(kept):
    judged = kept("memory")
    assert judged("day.memory_mb").outcome is Outcome.FAILED
    assert "15 h of use" in judged("day.memory_mb").reason
    assert judged("day.threads").outcome is Outcome.PASSED
    assert judged("day.connections").outcome is not Outcome.FAILED


def test_sockets_that_are_kept_pile_up_as_descriptors_too_and_the_disk_does_not(kept):
    judged = kept("connections", 25)
    found = {name: judged(f"day.{name}").outcome for name in ("connections", "descriptors", "disk_mb", "threads")}
    assert found == {
        "connections": Outcome.FAILED, "descriptors": Outcome.FAILED, "disk_mb": Outcome.PASSED, "threads": Outcome.PASSED,
    }  # fmt: skip


def test_base_memory_is_what_the_stack_takes_itself(kept):
    judgement = kept("nothing")("base")
    assert judgement.outcome is Outcome.PASSED
    assert "over an idle interpreter with asyncio, socket" in judgement.reason


def test_base_memory_over_nothing_imported_shows_the_imports(kept):
    assert kept("nothing", imports="", at_most=0.5)("base").outcome is Outcome.FAILED


def test_an_import_that_is_not_there_is_said(kept):
    with pytest.raises(HarnessError, match="No module named 'no_such_module'"):
        kept("nothing", imports="no_such_module")("base")
