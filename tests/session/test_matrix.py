"""A real service with flags, taken through every case: what fails is told by the flags that it needs, once."""

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.checks import matrix_cases
from godwit.plan import Flags, State, Surfaces
from godwit.session.case_questions import CaseQuestions
from godwit.session.matrix import Matrix
from godwit.session.switches import Switches
from godwit.state import Store
from godwit.verdict import GodwitError, Judgement, Outcome

NAMES = ("streaming", "routing", "cache")
MORE = ("mail", "search", "theme")
MATRIX = {
    "on": "candidate",
    "record": {
        "write": {"method": "POST", "path": "/notes", "body": {"text": "under {case}"}, "capture": {"id": "/id"}},
        "read": {"path": "/notes/{id}"},
        "compare": ["text"],
    },
    "moving": ["seen"],
}
FLAGS = {
    "control": {"kind": "http", "path": "/admin/flags", "on": "candidate"},
    "flags": [
        {"name": it, "type": "bool", "default": False, "baseline_value": False, "values": [False, True]} for it in NAMES
    ],
    "matrix": MATRIX,
}
PROBES = [{"id": "greeting", "requests": [{"path": "/hello"}]}, {"id": "health", "requests": [{"path": "/health"}]}]
Trick = Callable[["Service", str], Any]


class Service:
    """Notes in a SQLite file, and flags; a `trick` may answer in its stead, or only do harm."""

    def __init__(self, file: Path, trick: Trick | None = None) -> None:
        self.flags = dict.fromkeys((*NAMES, *MORE), False)
        self.url, self.store, self.alive = "", f"sqlite:///{file}", True
        self.trick, self.lock, self.asked = trick, threading.Lock(), 0
        self.notes = sqlite3.connect(file, check_same_thread=False)
        self.notes.executescript("create table notes (id integer primary key, text); create table seen (n)")
        self.notes.execute("insert into notes values (1, 'old')")
        self.notes.commit()

    def health(self) -> Any:
        return SimpleNamespace(healthy=True, detail="")

    def is_running(self) -> bool:
        return self.alive

    def stop(self) -> None:
        self.alive = False

    def start(self) -> None:
        self.alive = True

    def pids(self) -> tuple[int, ...]:
        return ()

    def on(self, *names: str) -> bool:
        return all(self.flags[name] for name in names)

    def __call__(self, seen: Any) -> Any:
        with self.lock:
            self.asked += 1
            status, body = self.answer(seen) if self.alive else (0, {})
            self.notes.commit()
        if not self.alive:
            return None
        return status, {"content-type": "application/json"}, json.dumps(body).encode()

    def answer(self, seen: Any) -> tuple[int, Any]:
        if seen.path == "/admin/flags":
            self.flags |= json.loads(seen.body) if seen.method == "PUT" else {}
            return 200, self.trick(self, "flags") if self.trick and self.trick(self, "flags") else self.flags
        if seen.method == "PUT":
            return 405, {}
        if seen.method == "POST":
            made = self.notes.execute("insert into notes (text) values (?)", (json.loads(seen.body)["text"],)).lastrowid
            tricked = self.trick and self.trick(self, f"POST {made}")
            return tricked or (201, {"id": made, "text": json.loads(seen.body)["text"]})
        tricked = self.trick and self.trick(self, f"GET {seen.path}")
        return tricked or self.read(seen.path)

    def read(self, path: str) -> tuple[int, Any]:
        if path.startswith("/notes/"):
            row = self.notes.execute("select text from notes where id = ?", (int(path.split("/")[2]),)).fetchone()
            return (200, {"text": row[0]}) if row else (404, {})
        self.notes.execute("insert into seen values (1)")
        return 200, {"hello": "you"}


@pytest.fixture
def matrix(serve: Any, tmp_path: Path) -> Any:
    """Makes a matrix over a faithful baseline and a candidate with a trick."""
    stores: list[Store] = []

    def make(trick: Trick | None = None, *, flags: Any = FLAGS, invariants: Any = ()) -> Any:
        stacks = {
            "baseline": Service(tmp_path / "baseline.db"),
            "candidate": Service(tmp_path / "candidate.db", trick),
        }
        for stack in stacks.values():
            stack.url = serve(stack).url
        plan = SimpleNamespace(
            surfaces=Surfaces.model_validate({"http": {"probes": PROBES}}),
            flags=Flags.model_validate(flags),
            migration=SimpleNamespace(seed=7),
            stacks=SimpleNamespace(candidate=SimpleNamespace(capabilities=frozenset())),
            state=State.model_validate({"parallel": "separate", "invariants": list(invariants)}),
        )
        opened = {role: Store(stack.store) for role, stack in stacks.items()}
        stores.extend(opened.values())
        world: Any = SimpleNamespace(
            plan=plan, out=tmp_path, stacks=stacks, stack=stacks.__getitem__, store=opened.__getitem__,
            setting=SimpleNamespace(candidate_as_baseline=False),
            events=SimpleNamespace(emit=lambda *_: None), may_write=lambda *_: None,
        )  # fmt: skip
        world.switches = Switches(world)
        nouns: Any = SimpleNamespace()
        made = Matrix(world, CaseQuestions(world, nouns, nouns, nouns))
        return SimpleNamespace(
            matrix=made, world=world, cases=matrix_cases(plan.flags), stacks=stacks, probes=plan.surfaces.http.probes
        )

    yield make
    for store in stores:
        store.close()


def every(made: Any, promise: str) -> dict[str, Judgement]:
    return {case.id: getattr(made.matrix, promise)(case) for case in made.cases}


def outcomes(judgements: dict[str, Judgement]) -> set[Outcome]:
    return {judgement.outcome for judgement in judgements.values()}


def broken(judgements: dict[str, Judgement]) -> dict[str, list[tuple[str, str]]]:
    return {
        case: [(finding.what, finding.where) for finding in judgement.findings]
        for case, judgement in judgements.items()
        if judgement.outcome is Outcome.FAILED
    }


@pytest.mark.parametrize("promise", ["answers", "shown", "kept", "read"])
def test_a_faithful_candidate_keeps_every_promise(matrix, promise):
    made = matrix()
    assert len(made.cases) == 8
    assert outcomes(every(made, promise)) == {Outcome.PASSED}


def test_under_default_flags_each_probe_is_the_baselines(matrix):
    made = matrix(lambda service, asked: (200, {"hello": "me"}) if asked == "GET /hello" else None)
    found = {probe.id: made.matrix.default(probe).outcome for probe in made.probes}
    assert found == {"greeting": Outcome.FAILED, "health": Outcome.PASSED}


def test_a_pair_of_flags_that_breaks_one_probe_is_one_finding(matrix):
    def trick(service: Service, asked: str) -> Any:
        return (500, {}) if asked == "GET /hello" and service.on("streaming", "routing") else None

    found = every(matrix(trick), "answers")
    assert len(broken(found)) == 2
    assert {tuple(findings) for findings in broken(found).values()} == {
        (("fails whenever streaming=on and routing=on", "/streaming=on/routing=on"),)
    }
    reason = next(it for it in found.values() if it.outcome is Outcome.FAILED).findings[0].reason
    assert "greeting: status at /@status" in reason
    assert "2 of 3 flags; 2 of 2 cases with it fail, 0 of 6 without" in reason


def test_what_a_flag_is_there_to_change_is_no_failure(matrix):
    changes = [{"probe": "greeting", "at": "/hello", "when": {"cache": True}, "reason": "It is cached."}]
    made = matrix(
        lambda service, asked: (200, {"hello": "cached"}) if asked == "GET /hello" and service.on("cache") else None,
        flags={**FLAGS, "matrix": {**MATRIX, "changes": changes}},
    )
    assert outcomes(every(made, "answers")) == {Outcome.PASSED}


def test_a_case_that_spoils_rows_is_told_by_its_flags(matrix):
    def trick(service: Service, asked: str) -> Any:
        if asked == "GET /health" and service.on("cache"):
            service.notes.execute("update notes set text = '' where text <> ''")

    found = every(matrix(trick), "kept")
    assert {it for findings in broken(found).values() for it in findings} == {("fails whenever cache=on", "/cache=on")}
    assert len(broken(found)) == 4


def test_an_invariant_is_held_after_each_case(matrix):
    def trick(service: Service, asked: str) -> Any:
        if asked == "GET /health" and service.on("routing"):
            service.notes.execute("insert into notes (text) values ('orphan')")

    orphans = {
        "id": "no-orphan",
        "sentence": "No note is an orphan",
        "candidate": "select count(*) from notes where text = 'orphan'",
        "equals": 0,
    }
    found = every(matrix(trick, invariants=[orphans]), "kept")
    assert {it.outcome for case, it in found.items() if "routing=on" in case} == {Outcome.FAILED}


def test_a_record_that_cannot_be_read_once_the_flag_is_turned_back_is_told_by_both_moments(matrix):
    fast: set[int] = set()

    def trick(service: Service, asked: str) -> Any:
        word, _, what = asked.partition(" ")
        if word == "POST" and service.on("cache"):
            fast.add(int(what))
        hidden = word == "GET" and what.startswith("/notes/") and int(what.split("/")[2]) in fast
        return (404, {}) if hidden and not service.on("cache") else None

    found = every(matrix(trick), "read")
    assert {it for findings in broken(found).values() for it in findings} == {
        ("fails whenever cache=on when written and cache=off when read", "/cache=on when written/cache=off when read")
    }
    assert {case for case, it in found.items() if it.outcome is Outcome.FAILED} == {
        case.id for case in matrix_cases(Flags.model_validate(FLAGS)) if not case.flags["cache"]
    }


def test_a_record_that_is_not_taken_is_found(matrix):
    found = every(
        matrix(lambda service, asked: (507, {}) if asked.startswith("POST") and service.on("cache") else None), "kept"
    )
    assert {it for findings in broken(found).values() for it in findings} == {("fails whenever cache=on", "/cache=on")}


def test_flags_that_lie_about_themselves_are_found(matrix):
    def trick(service: Service, asked: str) -> Any:
        return {**service.flags, "cache": False} if asked == "flags" else None

    found = every(matrix(trick), "shown")
    assert {it for findings in broken(found).values() for it in findings} == {("fails whenever cache=on", "/cache=on")}


def test_what_fails_under_a_case_once_and_never_again_is_inconclusive(matrix):
    visits: list[dict[str, bool]] = [{}]

    def trick(service: Service, asked: str) -> Any:
        if asked == "GET /hello" and visits[-1] != service.flags:
            visits.append(dict(service.flags))
        wrong = service.on("routing", "cache") and not service.on("streaming")
        return (500, {}) if asked == "GET /hello" and wrong and visits.count(service.flags) == 1 else None

    found = every(matrix(trick), "answers")
    assert Outcome.FAILED not in outcomes(found)
    told = [it.reason for it in found.values() if it.outcome is Outcome.INCONCLUSIVE]
    assert len(told) == 1
    assert "the same case fails now and then: it failed 1 of 5 times" in told[0]


def test_what_fails_now_and_then_under_its_flag_is_a_failure_that_no_flag_is_blamed_for(matrix):
    asked: list[str] = []

    def trick(service: Service, asked_for: str) -> Any:
        asked.append(asked_for)
        hello = asked_for == "GET /hello" and service.on("cache")
        return (500, {}) if hello and asked.count("GET /hello") % 4 else None

    found = every(matrix(trick), "answers")
    assert Outcome.FAILED in outcomes(found)
    assert not [it for it in found.values() if "whenever" in it.reason]


def test_flags_that_cannot_be_set_prove_nothing(matrix):
    control = {"kind": "http", "path": "/none", "on": "candidate"}
    assert outcomes(every(matrix(flags={**FLAGS, "control": control}), "answers")) == {Outcome.INCONCLUSIVE}


def test_one_case_that_cannot_be_set_is_inconclusive_and_the_others_are_judged(matrix):
    made = matrix()
    give = made.world.switches.give

    def refuse(given: Any) -> None:
        if all(held["http"] for held in given.values()):
            raise GodwitError("refused")
        give(given)

    made.world.switches.give = refuse
    assert [made.matrix.answers(case).outcome for case in made.cases] == [Outcome.PASSED] * 7 + [Outcome.INCONCLUSIVE]


def test_each_case_is_set_twice_and_afterwards_the_flags_are_as_they_were(matrix):
    made = matrix()
    made.stacks["candidate"].flags["cache"] = True
    given: list[Any] = []
    give = made.world.switches.give
    made.world.switches.give = lambda flags: (given.append(flags), give(flags))
    for promise in ("answers", "shown", "kept", "read"):
        every(made, promise)
    assert len(given) == 2 * 8
    made.world.switches.settle()
    assert made.stacks["candidate"].on("cache")
    assert not made.stacks["candidate"].on("streaming")


def set_by_admin(**more: Any) -> Any:
    flags = [{**flag, "set_by": {"http": {"control": "admin", "key": flag["name"]}}} for flag in FLAGS["flags"]]
    controls = [{"id": "admin", "kind": "http", "on": "candidate", "path": "/admin/flags"}]
    return {"controls": controls, "flags": flags, "matrix": MATRIX, **more}


def test_flags_that_the_plan_shows_nowhere_are_not_told(matrix):
    made = matrix(flags=set_by_admin())
    assert outcomes(every(made, "shown")) == {Outcome.INCONCLUSIVE}
    assert outcomes(every(made, "answers")) == {Outcome.PASSED}


def test_only_the_flags_that_the_plan_shows_are_looked_at(matrix):
    shown = {"on": "candidate", "path": "/admin/flags", "pointers": {"streaming": "/streaming"}}

    def trick(service: Service, asked: str) -> Any:
        return {**service.flags, "cache": False} if asked == "flags" else None

    assert outcomes(every(matrix(trick, flags=set_by_admin(shown=shown)), "shown")) == {Outcome.PASSED}


def test_a_covering_matrix_is_narrowed_by_further_cases_none_of_them_forbidden(matrix):
    forbidden: list[Any] = []

    def trick(service: Service, asked: str) -> Any:
        forbidden.extend(["both"] if service.on("mail", "search") else [])
        return (500, {}) if asked == "GET /hello" and service.on("streaming", "cache", "mail") else None

    flags = [{**FLAGS["flags"][0], "name": name} for name in (*NAMES, *MORE)]
    most = {"streaming": True, "cache": True, "mail": True}
    plan = {**FLAGS, "flags": flags, "strength": 2, "constraints": ["not (mail and search)"], "must": [most]}
    made = matrix(trick, flags=plan)
    found = every(made, "answers")
    assert len(made.cases) < 12
    assert {it for findings in broken(found).values() for it in findings} == {
        ("fails whenever streaming=on and cache=on and mail=on", "/streaming=on/cache=on/mail=on")
    }
    assert forbidden == []


def test_a_stack_that_ends_under_a_case_is_started_again_and_the_flags_are_told(matrix):
    def trick(service: Service, asked: str) -> Any:
        if asked == "GET /hello" and service.on("streaming", "cache"):
            service.alive = False
        return None

    made = matrix(trick)
    found = every(made, "answers")
    assert {it for findings in broken(found).values() for it in findings} == {
        ("fails whenever streaming=on and cache=on", "/streaming=on/cache=on")
    }
    assert "the stacks: ended at /candidate" in next(it.reason for it in found.values() if it.outcome is Outcome.FAILED)
    assert outcomes(every(made, "read")) == {Outcome.PASSED}
