"""The router's control plane, spoken to over HTTP."""

import json

import pytest

from godwit.plan import FlagControl, Router
from godwit.rollout import RouterControl
from godwit.verdict import Answer, GodwitError

ROUTER = Router.model_validate(
    {
        "served_by": {"header": "X-Served-By", "baseline": "v1", "candidate": "v2"},
        "user_header": "X-User-Id",
        "team_header": "X-User-Team",
        "assignments": "/admin/assignments",
        "ask": "/api/tasks",
        "traffic": "/admin/traffic",
    }
)
HTTP = FlagControl(kind="http", path="/admin/flags")


class Admin:
    """A router that keeps flags, and assigns users with an odd number to the candidate."""

    def __init__(self):
        self.flags = {"pct": 0, "teams": []}
        self.traffic = []

    def __call__(self, seen):
        body = json.loads(seen.body or b"null")
        if seen.path == "/admin/flags" and seen.method == "PUT":
            if set(body) - set(self.flags):
                return 422, {}, b'{"error": "unknown flag"}'
            self.flags |= body
        if seen.path == "/admin/assignments":
            sides = ["candidate" if int(who) % 2 else "baseline" for who, _ in body["users"]]
            return 200, {}, json.dumps({"assignments": sides}).encode()
        if seen.path == "/admin/traffic":
            self.traffic.append(body["state"])
            return 204, {}, b""
        return 200, {}, json.dumps(self.flags).encode()


def test_flags_are_set_one_by_one_and_read_back(serve):
    router = RouterControl(serve(Admin()).url, ROUTER, HTTP)
    router.set_flags({"teams": ("qa", "ops")})
    assert router.flags() == {"pct": 0, "teams": ["qa", "ops"]}


def test_a_refused_flag_is_an_error_with_the_routers_words(serve):
    router = RouterControl(serve(Admin()).url, ROUTER, HTTP)
    with pytest.raises(GodwitError, match=r"refused with 422.*unknown flag"):
        router.set_flags({"nonsense": 1})


def test_assignments_of_many_users_come_in_several_requests_and_fit(serve):
    server = serve(Admin())
    users = [(str(number), "t") for number in range(4500)]
    assigned = RouterControl(server.url, ROUTER, HTTP).assignments(users)
    assert len(server.seen) == 3
    assert assigned == {str(number): "candidate" if number % 2 else "baseline" for number in range(4500)}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"assignments": ["baseline"]}', id="too-few"),
        pytest.param(b'{"assignments": ["baseline", "v2"]}', id="unknown-side"),
        pytest.param(b"[]", id="another-form"),
        pytest.param(b"<html>", id="no-json"),
    ],
)
def test_an_assignment_that_does_not_fit_the_question_is_an_error(serve, body):
    router = RouterControl(serve(lambda seen: (200, {}, body)).url, ROUTER, HTTP)
    with pytest.raises(GodwitError):
        router.assignments([("1", "a"), ("2", "b")])


def test_traffic_is_held_and_released(serve):
    admin = Admin()
    router = RouterControl(serve(admin).url, ROUTER, HTTP)
    router.hold()
    router.release()
    assert admin.traffic == ["hold", "release"]


def test_traffic_that_the_plan_does_not_name_cannot_be_held():
    router = RouterControl("http://127.0.0.1:1", ROUTER.model_copy(update={"traffic": None}), HTTP)
    with pytest.raises(GodwitError, match="traffic"):
        router.hold()


def test_a_router_that_is_not_there_is_an_error():
    with pytest.raises(GodwitError, match="does not answer"):
        RouterControl("http://127.0.0.1:1", ROUTER, HTTP).flags()


@pytest.mark.parametrize(
    ("headers", "side"),
    [
        pytest.param((("x-served-by", "v1"),), "baseline", id="baseline"),
        pytest.param((("x-served-by", "v2"),), "candidate", id="candidate"),
        pytest.param((("x-served-by", "v3"),), None, id="unknown"),
        pytest.param((), None, id="silent"),
    ],
)
def test_an_answer_tells_who_made_it(headers, side):
    router = RouterControl("http://127.0.0.1:1", ROUTER, HTTP)
    assert router.served_by(Answer("GET /", 200, headers)) == side


def test_a_kind_of_control_that_is_not_driven_is_refused():
    with pytest.raises(GodwitError, match="openfeature"):
        RouterControl("http://127.0.0.1:1", ROUTER, FlagControl(kind="openfeature", provider="in-memory"))
