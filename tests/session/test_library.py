"""Python calls put to both sides: real interpreters, real modules, and what is found in them."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from godwit.plan import load_plan
from godwit.session import Check, Session, Setting, expand
from godwit.session.shipped import catalogue
from godwit.surfaces import record_calls
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


def test_what_follows_from_a_call_that_gave_nothing_to_keep_is_not_told_again(opened: Opened) -> None:
    judgement = called(opened(CALLS, ("class Basket", "class Bag")))
    assert [finding.where for finding in judgement.findings] == ["/0/outcome"]


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


PROGRAM = """
import asyncio, sys
from shop import Basket
basket = Basket("anna")
basket.add("tea", count=2)
print(asyncio.run(basket.total({"tea": 3})), sys.argv[1])
print(basket.add(name=object()))
"""


def test_calls_of_a_program_are_recorded_and_repeated(opened: Opened, tmp_path: Path) -> None:
    session = opened("    recordings: [{id: r, file: r.jsonl}]", ("sum(", "1 + sum("))
    program = tmp_path / "baseline" / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    assert record_calls(sys.executable, ["shop:Basket"], [str(program), "word"], tmp_path / "r.jsonl") == 0
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"call": "shop:Basket", "keep": "o1", "args": ["anna"], "kwargs": {}},
        {"on": "o1", "method": "add", "args": ["tea"], "kwargs": {"count": 2}},
        {"on": "o1", "method": "total", "args": [{"tea": 3}], "kwargs": {}},
    ]
    judgement = session.library.recorded(element(session, "call_recording").element)
    assert [finding.where for finding in judgement.findings] == ["/2/result"]


@pytest.mark.parametrize(
    ("name", "program", "said"),
    [
        pytest.param("shop", "program.py", "names no function or class", id="no-name"),
        pytest.param("shop:Basket", "nothing.py", "there is no program", id="no-program"),
        pytest.param("shop:Cart", "program.py", "made no call of shop:Cart", id="unknown-name"),
        pytest.param("json:dumps", "program.py", "made no call of json:dumps", id="never-called"),
    ],
)
def test_a_recording_of_nothing_is_refused(tmp_path: Path, name: str, program: str, said: str) -> None:
    (tmp_path / "shop.py").write_text(BASELINE, encoding="utf-8")
    (tmp_path / "program.py").write_text("import shop", encoding="utf-8")
    with pytest.raises(HarnessError, match=said):
        record_calls(sys.executable, [name], [str(tmp_path / program)], tmp_path / "r.jsonl")


def test_a_library_says_that_it_is_healthy(opened: Opened) -> None:
    session = opened(CALLS)
    session.world.stack("candidate").start()
    assert session.parity.health("candidate").outcome is Outcome.PASSED


def test_a_recording_without_calls_proves_nothing(opened: Opened) -> None:
    session = opened("    recordings: [{id: r, file: r.jsonl}]", files={"r.jsonl": "\n"})
    assert session.library.recorded(element(session, "call_recording").element).outcome is Outcome.INCONCLUSIVE


def test_a_recording_that_is_not_there_is_named(opened: Opened) -> None:
    session = opened("    recordings: [{id: r, file: r.jsonl}]")
    with pytest.raises(HarnessError, match=r"r\.jsonl: cannot be read"):
        session.library.recorded(element(session, "call_recording").element)


MODULES = "    modules: [shop]"


def test_the_same_sources_break_nothing(opened: Opened) -> None:
    judgement = opened(MODULES).library.api("shop")
    assert judgement.outcome is Outcome.PASSED
    assert "public name(s) of shop compared, no confirmed break" in judgement.reason


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param("count=1", "amount=1", ("call is refused", "shop:Basket.add"), id="renamed"),
        pytest.param("count=1", "count=2", ("default of count changed", "shop:Basket.add"), id="default"),
        pytest.param("class Basket", "class Bag", ("name is gone", "shop:Basket"), id="gone"),
        pytest.param("def add", "def _add", ("name is gone", "shop:Basket.add"), id="private-now"),
    ],
)
def test_a_break_in_the_sources_is_confirmed(opened: Opened, old: str, new: str, found: tuple[str, str]) -> None:
    judgement = opened(MODULES, (old, new)).library.api("shop")
    assert [(finding.what, finding.where) for finding in judgement.findings] == [found]


def test_a_name_that_is_made_at_run_time_refutes_what_the_sources_claim(opened: Opened) -> None:
    moved = (
        "class Basket",
        'def __getattr__(name):\n    if name == "Basket": return Bag\n    raise AttributeError(name)\nclass Bag',
    )
    judgement = opened(MODULES, moved).library.api("shop")
    assert (judgement.outcome, "1 refuted" in judgement.reason) == (Outcome.PASSED, True)


def test_a_module_that_is_gone_is_found(opened: Opened, tmp_path: Path) -> None:
    session = opened(MODULES)
    (tmp_path / "candidate" / "shop.py").rename(tmp_path / "candidate" / "store.py")
    judgement = session.library.api("shop")
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("name is gone", "shop")]


def test_a_module_that_the_baseline_lacks_proves_nothing(opened: Opened) -> None:
    assert opened(MODULES).library.api("store").outcome is Outcome.INCONCLUSIVE


NAMES = """    callables:
      - {id: basket, baseline: "shop:Basket", candidate: "shop:Bag"}
      - {id: add, baseline: "shop:Basket.add", deprecated: true}
      - {id: make, baseline: "shop:Basket", deprecated: true, example: {args: [anna]}}
"""


def test_a_name_stands_at_its_old_path_and_at_its_new_one(opened: Opened) -> None:
    session = opened(NAMES, ("class Basket", "class Bag"))
    judgement = session.library.name(session.setting.plan.surfaces.python.callables[0])
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("name is gone", "shop:Basket")]


def test_the_baseline_in_both_roles_is_asked_for_its_own_names_only(opened: Opened) -> None:
    session = opened(NAMES, same=True)
    assert session.library.name(session.setting.plan.surfaces.python.callables[0]).outcome is Outcome.PASSED


def test_a_deprecated_name_without_a_warning_is_found(opened: Opened) -> None:
    session = opened(NAMES)
    assert session.library.deprecation(session.setting.plan.surfaces.python.callables[1]).outcome is Outcome.FAILED


def test_a_deprecation_that_the_example_tells_passes(opened: Opened) -> None:
    warns = 'import warnings; warnings.warn("use Bag", DeprecationWarning); self.owner, self.items'
    session = opened(NAMES, ("self.owner, self.items", warns))
    judgement = session.library.deprecation(session.setting.plan.surfaces.python.callables[2])
    assert (judgement.outcome, judgement.reason) == (Outcome.PASSED, "shop:Basket says DeprecationWarning: use Bag")


DRAWN = """    drawn:
      - id: counts
        before: [{call: "shop:Basket", args: [anna], keep: b}]
        step: {on: b, method: add, args: [tea]}
        draw: {args: [{type: integer, minimum: 0, maximum: 1000}]}
        timeout_s: 1s
"""


def drawn(session: Session) -> Judgement:
    return session.library.drawn(element(session, "drawn_call").element)


def test_drawn_calls_on_the_same_code_pass(opened: Opened) -> None:
    judgement = drawn(opened(DRAWN))
    assert judgement.outcome is Outcome.PASSED
    assert judgement.reason == "100 drawn calls compared (100 returned), no difference; seed 1"


def test_drawn_calls_shrink_to_the_smallest_arguments_that_part_the_sides(opened: Opened) -> None:
    judgement = drawn(opened(DRAWN, ("return len(self.items)", "return len(self.items) if count < 17 else None")))
    assert judgement.outcome is Outcome.FAILED
    assert judgement.reason.startswith('with {"args": [17], "kwargs": {}}: ')


def test_a_drawn_call_that_hangs_is_found_without_waiting_for_ever(opened: Opened) -> None:
    hangs = "return len(self.items)", "\n        while count > 3: pass\n        return len(self.items)"
    judgement = drawn(opened(DRAWN, hangs))
    assert [finding.what for finding in judgement.findings] == ["no answer"]


def test_drawn_calls_that_all_raise_prove_nothing(opened: Opened) -> None:
    judgement = drawn(opened(DRAWN.replace("args: [tea]", "args: [tea, 1, 2]")))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "none of" in judgement.reason


def test_arguments_are_drawn_from_schemas_of_objects_and_by_name(opened: Opened) -> None:
    person = "{type: object, properties: {age: {type: integer}}, required: [age], additionalProperties: false}"
    schemas = f"{{args: [{person}], kwargs: {{count: {{$ref: '#/$defs/one', $defs: {{one: {{const: 1}}}}}}}}}}"
    wanted = DRAWN.replace("args: [tea]", "args: []").replace(
        "{args: [{type: integer, minimum: 0, maximum: 1000}]}", schemas
    )
    parts = "return len(self.items) if name['age'] < 17 and type(name['age']) is int and count == 1 else None"
    judgement = drawn(opened(wanted, ("return len(self.items)", parts)))
    assert judgement.outcome is Outcome.FAILED, judgement.reason
    assert judgement.reason.startswith('with {"args": [{"age": 17}], "kwargs": {"count": 1}}: ')


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        pytest.param(
            "type: whole", "draw takes a JSON Schema for each: Invalid `type` .* args.0 -> type", id="no-schema"
        ),
        pytest.param("type: integer, minimum: 2, maximum: 1", "cannot be drawn: Cannot generate", id="nothing-fits"),
        pytest.param("$ref: '#/no'", "draw takes a JSON Schema for each", id="dangling"),
        pytest.param("$ref: 'http://elsewhere/it'", "refers to another document", id="elsewhere"),
    ],
)
def test_a_draw_of_which_nothing_can_be_drawn_is_told(opened: Opened, schema: str, said: str) -> None:
    with pytest.raises(HarnessError, match=said):
        drawn(opened(DRAWN.replace("type: integer, minimum: 0, maximum: 1000", schema)))


def test_without_the_library_it_is_said_what_draws_arguments(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened(DRAWN)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(HarnessError, match=r"drawn calls need .* pip install 'pytest-godwit\[openapi\]'"):
        drawn(session)
