"""Percentages swept over an endpoint, a command and a callable: who moves is seen, and what cannot be asked is told."""

import json
import os
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.plan import FlagControl, Rollout
from godwit.rollout import RouterControl
from godwit.session.bucketing import Cohorts
from godwit.session.expansion import BucketOverride, BucketPair, OtherEvaluator
from godwit.stacks import Places, Runtime
from godwit.verdict import GodwitError, HarnessError, Outcome

ROUTER = {
    "served_by": {"header": "X-Served-By", "baseline": "v1", "candidate": "v2"},
    "user_header": "X-User",
    "team_header": "X-Team",
    "assignments": "/assignments",
    "ask": "/",
}
RULE = """
import zlib
def side(user, team, percent):
    if user is None:
        return "candidate" if percent >= 100 else "baseline"
    return "candidate" if zlib.crc32(user.encode()) % 1000 < percent * 10 else "baseline"
def sides(users, percent):
    return [side(*user, percent) for user in users]
"""
COMMAND = f"""import json, sys
{RULE}
print(*sides(map(json.loads, sys.stdin), float(sys.argv[1])), sep="\\n")
"""
SHARE = {
    "id": "share",
    "sentence": "The share",
    "flag": "share",
    "flags": {"teams": []},
    "resolution": "5%",
    "levels": ["25%", "50%", "75%"],
    "evaluators": [{"id": "door", "kind": "http", "on": "router", "path": "/assignments", "chunk": 700, "at_once": 3}],
    "overrides": [
        {
            "id": "qa",
            "sentence": "QA first",
            "flags": {"teams": ["qa"]},
            "where": {"team": "qa"},
            "served_by": "candidate",
        }
    ],
}


class Door:
    """A router that keeps its flags; `salt` goes into every hash, `answer` changes what it says."""

    def __init__(self, salt: str = "", answer: Any = None) -> None:
        self.flags: dict[str, Any] = {"share": 0, "teams": []}
        self.salt, self.answer, self.starts = salt, answer, 0

    def side(self, user: str | None, team: str | None) -> str:
        if team in self.flags["teams"]:
            return "candidate"
        if user is None:
            return "candidate" if self.flags["share"] == 100 else "baseline"
        return "candidate" if zlib.crc32((self.salt + user).encode()) % 1000 < self.flags["share"] * 10 else "baseline"

    def __call__(self, seen: Any) -> Any:
        if seen.path == "/":
            side = self.side(seen.headers.get("x-user"), seen.headers.get("x-team"))
            return 200, {"X-Served-By": "v2" if side == "candidate" else "v1"}, b"{}"
        if seen.path == "/lines":
            users = [json.loads(line) for line in seen.body.splitlines()]
            return 200, {}, "\n".join(self.side(*user) for user in users).encode()
        body = json.loads(seen.body or b"null")
        if seen.path == "/flags":
            self.flags |= body
            return 200, {}, json.dumps(self.flags).encode()
        if self.answer is not None:
            return self.answer
        if "percent" in body:
            self.flags["share"] = body["percent"]
        return 200, {}, json.dumps({"assignments": [self.side(*user) for user in body["users"]]}).encode()

    def stop(self) -> None:
        """Stop it, as a stack is stopped."""

    def start(self) -> None:
        """Start it, as a stack is started."""
        self.starts += 1


@pytest.fixture
def opened(serve: Any, tmp_path: Path) -> Any:
    """Cohorts before a door and a second instance of it, with the bucketings of a plan."""

    def open_(door: Door, *changes: dict[str, Any], second: Door | None = None) -> Any:
        (tmp_path / "rule.py").write_text(RULE, encoding="utf-8")
        (tmp_path / "command.py").write_text(COMMAND, encoding="utf-8")
        spec = {"router": ROUTER, "users": {"count": 2000, "teams": {"qa": 0.1}}}
        buckets = [{**SHARE, **each} for each in changes or ({},)]
        rollout = Rollout.model_validate({**spec, "buckets": buckets}, context={"written": True})
        control = FlagControl(kind="http", path="/flags")
        plan = SimpleNamespace(
            rollout=rollout,
            flags=SimpleNamespace(control=control, flags=()),
            migration=SimpleNamespace(seed=3),
            directory=tmp_path / "plan",
        )

        def stack(one: Door) -> SimpleNamespace:
            runtime = Runtime(sys.executable, tmp_path, dict(os.environ))
            return SimpleNamespace(url=serve(one).url, stop=one.stop, start=one.start, runtime=lambda: runtime)

        first, again = stack(door), stack(second or Door())
        world = SimpleNamespace(
            plan=plan,
            out=tmp_path,
            stack=lambda role: first,
            again=lambda role: again,
            router=RouterControl(first.url, rollout.router, control),
            may_write=lambda *roles: None,
            environ=lambda role: dict(os.environ),
            places=Places({"python": sys.executable, "work": str(tmp_path)}, {}, {}),
            events=SimpleNamespace(emit=lambda *words: None),
        )
        return Cohorts(world), rollout.buckets  # type: ignore[arg-type]

    return open_


def test_a_sound_router_keeps_every_promise(opened: Any) -> None:
    door = Door()
    cohorts, (share,) = opened(door)
    judged = [
        cohorts.edges(share),
        cohorts.spread(share),
        cohorts.steps(share),
        cohorts.rising(share),
        cohorts.stays(share),
        cohorts.override(BucketOverride(share, share.overrides[0])),
    ]
    assert [each.outcome for each in judged] == [Outcome.PASSED] * 6, [each.reason for each in judged]
    assert judged[0].reason.startswith("2002 user(s)")
    assert door.starts == 1


OTHERS = [
    {"id": "second", "kind": "http", "on": "router", "path": "/assignments", "again": True},
    {"id": "at-the-door", "kind": "door", "sample": 50},
    {"id": "lines", "kind": "http", "on": "router", "path": "/lines", "lines": True},
    {"id": "command", "kind": "command", "run": ["{python}", "{work}/command.py", "{percent}"]},
    {"id": "call", "kind": "python", "on": "candidate", "call": "rule:sides", "chunk": 300},
    {"id": "call-each", "kind": "python", "on": "candidate", "call": "rule:side", "each": True},
]


@pytest.mark.parametrize("other", OTHERS, ids=[each["id"] for each in OTHERS])
def test_everyone_who_can_be_asked_places_users_alike(opened: Any, other: dict[str, Any]) -> None:
    cohorts, (share,) = opened(Door(), {"evaluators": [*SHARE["evaluators"], other]})
    judged = cohorts.agrees(OtherEvaluator(share, share.evaluators[1]))
    assert judged.outcome is Outcome.PASSED, judged.reason


@pytest.mark.parametrize("other", [OTHERS[0], OTHERS[3], OTHERS[4]], ids=["second", "command", "call"])
def test_who_moves_between_two_formulas_is_listed(opened: Any, other: dict[str, Any], tmp_path: Path) -> None:
    changed = {"evaluators": [*SHARE["evaluators"], other]}
    cohorts, (share,) = opened(Door("other"), changed)
    judged = cohorts.agrees(OtherEvaluator(share, share.evaluators[1]))
    assert judged.outcome is Outcome.FAILED
    assert judged.findings[0].what == "users are placed otherwise"
    assert judged.findings[0].examples[0].startswith("user-")
    listed = (tmp_path / "buckets" / f"share-{other['id']}.csv").read_text(encoding="utf-8").splitlines()
    assert len(listed) == 1 + sum(finding.count for finding in judged.findings)
    assert listed[0] == "percent,user,first,again"


def test_a_fractional_flag_moves_tenths_of_a_percent(opened: Any) -> None:
    fine = {"fractional": True, "resolution": "0.5%", "overrides": []}
    cohorts, (share,) = opened(Door(), fine)
    assert cohorts.steps(share).outcome is Outcome.PASSED
    assert cohorts.rising(share).outcome is Outcome.PASSED


class Unhashed(Door):
    """A router that takes ids that are numbers as they are."""

    def side(self, user: str | None, team: str | None) -> str:
        if user is not None and user.isdecimal():
            return "candidate" if int(user) % 1000 < self.flags["share"] * 10 else "baseline"
        return super().side(user, team)


def test_each_shape_of_ids_is_spread_by_itself(opened: Any) -> None:
    ids = {"ids": ["made-up", "numbers", "uuids", "mails"], "overrides": []}
    cohorts, (share,) = opened(Door(), ids)
    judged = cohorts.spread(share)
    assert judged.outcome is Outcome.PASSED, judged.reason
    assert "500 user(s) with uuids as ids" in judged.reason
    cohorts, (share,) = opened(Unhashed(), ids)
    judged = cohorts.spread(share)
    assert judged.outcome is Outcome.FAILED
    assert "user(s) with numbers as ids" in judged.reason


class LostAtTheDoor(Door):
    """A router that answers rightly in bulk, and serves guests from the baseline for ever."""

    def __call__(self, seen: Any) -> Any:
        if seen.path == "/" and not seen.headers.get("x-user"):
            return 200, {"X-Served-By": "v1"}, b"{}"
        return super().__call__(seen)


def test_a_guest_is_looked_at_where_users_come_in(opened: Any) -> None:
    door = {"evaluators": [*SHARE["evaluators"], {"id": "at-the-door", "kind": "door", "sample": 20}]}
    cohorts, (share,) = opened(LostAtTheDoor(), door)
    judged = cohorts.edges(share)
    assert judged.outcome is Outcome.FAILED
    assert judged.findings[0].where == "user (none), (none)"
    cohorts, (share,) = opened(Door(), door)
    assert cohorts.edges(share).outcome is Outcome.PASSED


def test_a_door_that_does_not_tell_who_served_is_an_error(opened: Any) -> None:
    cohorts, (share,) = opened(Door(), {"evaluators": [{"id": "at-the-door", "kind": "door"}], "overrides": []})
    share = share.model_copy(update={"users": 5})
    with pytest.raises(HarnessError, match="not who served it"):
        Cohorts(
            SimpleNamespace(**{**vars(cohorts._world), "stack": lambda role: SimpleNamespace(url="http://127.0.0.1:9")})
        ).edges(share)  # type: ignore[arg-type]


def test_two_percentages_with_one_hash_are_not_independent(opened: Any) -> None:
    door = {"id": "door", "kind": "http", "on": "router", "path": "/assignments", "body": {"percent": "{percent}"}}
    levels = {"levels": [f"{level}%" for level in range(10, 100, 10)]}
    second = {"id": "feedback", "flag": None, "evaluators": [door], "overrides": [], **levels}
    cohorts, (share, feedback) = opened(Door(), {**levels, "overrides": []}, second)
    judged = cohorts.independent(BucketPair(share, feedback))
    assert judged.outcome is Outcome.FAILED, judged.reason


def test_an_agent_type_is_an_attribute_like_any_other(opened: Any) -> None:
    rule = "import json, sys\nfor line in sys.stdin:\n    user, kind = json.loads(line)\n"
    rule += "    moved = kind in json.loads(sys.argv[2])['kinds'] or (user or '-')[-1] in '02468' and float(sys.argv[1]) > 9\n"
    rule += "    print('yes' if moved else 'no')\n"
    command = {
        "id": "rule",
        "kind": "command",
        "run": ["{python}", "-c", rule.replace("{", "{{").replace("}", "}}"), "{percent}", "{flags}"],
    }
    where = {
        "id": "tests",
        "sentence": "Test generators",
        "where": {"agent_type": "test-generator"},
        "served_by": "candidate",
    }
    changed = {
        "flag": None,
        "flags": {"kinds": []},
        "attributes": ["user", "agent_type"],
        "answers": {"candidate": "yes", "baseline": "no"},
        "evaluators": [command],
    }
    cohorts, (share,) = opened(Door(), {**changed, "overrides": [{**where, "flags": {"kinds": ["test-generator"]}}]})
    judged = cohorts.override(BucketOverride(share, share.overrides[0]))
    assert judged.outcome is Outcome.PASSED, judged.reason
    cohorts, (share,) = opened(Door(), {**changed, "overrides": [where]})
    assert cohorts.override(BucketOverride(share, share.overrides[0])).outcome is Outcome.FAILED


def flagd(targeting: Any) -> dict[str, Any]:
    """A document with one flag that has two variants."""
    variants = {"candidate": "candidate", "baseline": "baseline"}
    share = {"state": "ENABLED", "variants": variants, "defaultVariant": "baseline", "targeting": targeting}
    return {"flags": {"share": share}}


FRACTION = {"fractional": [["candidate", "{percent}"], ["baseline", "{rest}"]]}
OPENFEATURE = {"id": "flagd", "kind": "openfeature", "document": "share.flagd.json", "key": "share"}


@pytest.fixture
def document(tmp_path: Path) -> Any:
    """Lays a document for flagd beside the plan."""
    (tmp_path / "plan").mkdir()
    return lambda text: (tmp_path / "plan" / "share.flagd.json").write_text(text, encoding="utf-8")


def test_openfeatures_flagd_provider_is_asked_like_any_other(opened: Any, document: Any) -> None:
    document(json.dumps(flagd(FRACTION)))
    cohorts, (share,) = opened(Door(), {"flag": None, "flags": {}, "evaluators": [OPENFEATURE], "overrides": []})
    judged = [cohorts.spread(share), cohorts.rising(share), cohorts.stays(share), cohorts.edges(share)]
    assert [each.outcome for each in judged] == [Outcome.PASSED] * 3 + [Outcome.FAILED]
    # Without a targeting key flagd takes the default variant, so that 100 % is not everybody.
    assert "user (none), (none)" in [each.where for each in judged[3].findings]


def test_two_flags_of_flagd_differ_by_their_names_and_the_same_key_twice_does_not(opened: Any, document: Any) -> None:
    same = {"fractional": [{"var": "targetingKey"}, ["candidate", "{percent}"], ["baseline", "{rest}"]]}
    levels = {"levels": [f"{level}%" for level in range(10, 100, 10)], "flag": None, "flags": {}, "overrides": []}
    for targeting, outcome in ((FRACTION, Outcome.PASSED), (same, Outcome.FAILED)):
        both = flagd(targeting)["flags"]["share"]
        document(json.dumps({"flags": {"share": both, "other": both}}))
        other = {"id": "other", "evaluators": [{**OPENFEATURE, "key": "other"}]}
        cohorts, (first, second) = opened(Door(), {**levels, "evaluators": [OPENFEATURE]}, {**levels, **other})
        assert cohorts.independent(BucketPair(first, second)).outcome is outcome


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "cannot be read as JSON", id="no-json"),
        pytest.param('{"flags": {}}', "FLAG_NOT_FOUND", id="no-flag"),
        pytest.param(
            json.dumps(flagd(FRACTION)).replace('"baseline": "baseline"', '"baseline": 3'), "TYPE_MISMATCH", id="type"
        ),
    ],
)
def test_a_document_that_flagd_cannot_use_is_an_error(opened: Any, document: Any, text: str, said: str) -> None:
    document(text)
    cohorts, (share,) = opened(Door(), {"flag": None, "flags": {}, "evaluators": [OPENFEATURE], "overrides": []})
    with pytest.raises(GodwitError, match=said):
        cohorts.spread(share)


def _says(code: str) -> dict[str, Any]:
    return {"id": "x", "kind": "command", "run": ["{python}", "-c", code]}


TROUBLE = [
    (_says("print(*['maybe'] * 2000, sep=chr(10))"), "'maybe' where it has to say"),
    (_says("print('baseline')"), r"1 answer\(s\) for 2000 users"),
    (_says("raise SystemExit('no rule here')"), r"ended with exit code 1\n  no rule here"),
    ({**_says("import time; time.sleep(60)"), "timeout_s": "500ms"}, "ran out of time"),
    ({"id": "x", "kind": "python", "on": "candidate", "call": "rule:nothing"}, "rule:nothing raised AttributeError"),
    ({"id": "x", "kind": "python", "on": "candidate", "call": "rule:side"}, "rule:side raised"),
]


@pytest.mark.parametrize(("evaluator", "said"), TROUBLE, ids=["word", "few", "exit", "time", "no-name", "other-shape"])
def test_who_cannot_be_asked_is_an_error_in_one_message(opened: Any, evaluator: dict[str, Any], said: str) -> None:
    cohorts, (share,) = opened(Door(), {"flag": None, "flags": {}, "evaluators": [evaluator], "overrides": []})
    with pytest.raises(HarnessError, match=said) as refused:
        cohorts.spread(share)
    assert "rollout.buckets share, evaluator x" in str(refused.value)


ANSWERS = [
    ((200, {}, b'{"assignments": ["baseline"]}'), r"1 assignment\(s\) for"),
    ((200, {}, b'{"sides": []}'), "not a list under 'assignments'"),
    ((200, {}, b"<html>"), "answered no JSON"),
    ((503, {}, b"away"), "refused with 503: away"),
    ((200, {}, json.dumps({"assignments": [True] * 700}).encode()), "'true' where it has to say"),
]


@pytest.mark.parametrize(("answer", "said"), ANSWERS, ids=["few", "form", "html", "refused", "word"])
def test_an_endpoint_that_gives_no_assignments_is_an_error(opened: Any, answer: Any, said: str) -> None:
    cohorts, (share,) = opened(Door(answer=answer))
    share = share.model_copy(update={"users": 1400})
    with pytest.raises(GodwitError, match=said):
        cohorts.spread(share)
