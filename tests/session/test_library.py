"""Python calls put to both sides: real interpreters, real modules, and what is found in them."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from godwit.plan import load_plan
from godwit.session import Check, Session, Setting, expand
from godwit.session.shipped import catalogue
from godwit.verdict import HarnessError, Judgement, Outcome

BASELINE = """
class Basket:
    def __init__(self, owner): self.owner, self.items = owner, []
    def add(self, name, count=1):
        self.items.append((name, count))
        return len(self.items)
    async def total(self, prices):
        if not prices: raise KeyError("no prices")
        return sum(prices[name] * count for name, count in self.items)
"""
PLAN = """plan_version: 1
migration: {{id: shop, title: Shop, baseline: {{name: s, version: "1"}}, candidate: {{name: s, version: "2"}}, seed: 1}}
stacks:
  baseline: {{version: "1", drivers: {{library: {{requirements: [./baseline]}}}}}}
  candidate: {{version: "2", drivers: {{library: {{requirements: [./candidate]}}}}}}
surfaces:
  python:
{surface}
criteria: [{{id: same, sentence: The same, checks: [it/*]}}]
phases:
  - id: it
    title: It
    suites: [{{suite: python-compatibility}}]
    exit: done
gates: [{{id: done, title: Done, criteria: [same]}}]
"""
CALLS = """    calls:
      - id: fill
        timeout_s: 2s
        steps:
          - {call: "shop:Basket", args: [anna], keep: basket}
          - {on: basket, method: add, args: [tea]}
          - {on: basket, method: add, args: [milk], kwargs: {count: 2}}
          - {on: basket, get: items}
          - {on: basket, method: total, args: [{tea: 3, milk: 1}]}
          - {on: basket, method: total, args: [{}]}
"""
MOVED = """    calls:
      - id: moved
        steps:
          - {call: "shop:Basket", args: [a], candidate: {call: "shop:Bag", args: [a]}}
"""
Opened = Callable[..., Session]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a session on two plain folders, `candidate` the baseline changed at some places."""
    with ExitStack() as closes:

        def start(
            surface: str, *changes: tuple[str, str], same: bool = False, files: dict[str, str] | None = None
        ) -> Session:
            candidate = BASELINE
            for old, new in changes:
                assert candidate.count(old) == 1, old
                candidate = candidate.replace(old, new)
            for role, text in (("baseline", BASELINE), ("candidate", candidate)):
                (tmp_path / role).mkdir()
                (tmp_path / role / "shop.py").write_text(text, encoding="utf-8")
            for name, text in (files or {}).items():
                (tmp_path / name).write_text(text, encoding="utf-8")
            (tmp_path / "plan.yaml").write_text(PLAN.format(surface=surface), encoding="utf-8")
            plan = load_plan(tmp_path / "plan.yaml", os.environ, catalogue())
            setting = Setting(plan, "process", tmp_path / "out", "run", same, environ=os.environ)
            return closes.enter_context(closing(Session(setting)))

        yield start


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GODWIT_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("GODWIT_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))


def element(session: Session, word: str) -> Check:
    return next(check for check in expand(session.setting.plan).checks if word in check.promise.asks)


def called(session: Session) -> Judgement:
    return session.library.calls(element(session, "call_script").element)


def test_the_same_calls_on_the_same_code_pass(opened: Opened) -> None:
    judgement = called(opened(CALLS))
    assert (judgement.outcome, judgement.reason) == (Outcome.PASSED, "6 call(s) compared, no difference")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        pytest.param("count=1", "count=2", "/3/result/0/value/1", id="default"),
        pytest.param("return len(self.items)", "return None", "/1/result", id="none"),
        pytest.param("self.items.append((name, count))", "self.items.append([name, count])", "/3/result/0", id="list"),
        pytest.param("async def", "def", "/4/async", id="not-async"),
        pytest.param("raise KeyError", "raise ValueError", "/5/raised/type", id="exception"),
        pytest.param("if not prices: raise", "if 0: raise", "/5/raised/message", id="another-message"),
        pytest.param("return sum", "prices.clear(); return sum", "/4/outcome", id="mutation-breaks"),
        pytest.param("def add(self, name, count", "def add(self, name, amount", "/2/outcome", id="renamed"),
        pytest.param("class Basket", "class Bag", "/0/outcome", id="gone"),
        pytest.param("self.owner, self.items = owner, []", "import os; os._exit(1)", "/0/@status", id="dies"),
        pytest.param("return len(self.items)", "\n        while True: pass", "/1/@status", id="hangs"),
    ],
)
def test_what_breaks_a_user_is_found(opened: Opened, old: str, new: str, place: str) -> None:
    judgement = called(opened(CALLS, (old, new)))
    assert judgement.outcome is Outcome.FAILED
    assert place in [finding.where for finding in judgement.findings]


def test_a_step_may_have_become_another_on_the_candidate(opened: Opened) -> None:
    steps = MOVED.replace("args: [a],", "args: [a], keep: b,", 1)
    assert called(opened(steps, ("class Basket", "class Bag"))).outcome is Outcome.PASSED


def test_the_baseline_in_both_roles_is_called_as_the_baseline(opened: Opened) -> None:
    assert called(opened(MOVED, same=True)).outcome is Outcome.PASSED


def test_a_name_that_the_baseline_never_had_proves_nothing(opened: Opened) -> None:
    judgement = called(opened('    calls:\n      - {id: a, steps: [{call: "shop:Cart"}]}\n'))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "the baseline itself has no shop:Cart" in judgement.reason


def test_recorded_calls_are_repeated_on_both_sides(opened: Opened) -> None:
    lines = '{"call": "shop:Basket", "args": ["a"], "keep": "b"}\n{"on": "b", "method": "add", "args": ["tea"]}\n'
    session = opened(
        "    recordings: [{id: r, file: r.jsonl}]",
        ("count=1", "count=3"),
        files={"r.jsonl": lines + '{"on": "b", "get": "items"}\n'},
    )
    judgement = session.library.recorded(element(session, "call_recording").element)
    assert [finding.where for finding in judgement.findings] == ["/2/result/0/value/1"]


def test_a_recording_without_calls_proves_nothing(opened: Opened) -> None:
    session = opened("    recordings: [{id: r, file: r.jsonl}]", files={"r.jsonl": "\n"})
    assert session.library.recorded(element(session, "call_recording").element).outcome is Outcome.INCONCLUSIVE


def test_a_recording_that_is_not_there_is_named(opened: Opened) -> None:
    session = opened("    recordings: [{id: r, file: r.jsonl}]")
    with pytest.raises(HarnessError, match=r"r\.jsonl: cannot be read"):
        session.library.recorded(element(session, "call_recording").element)
