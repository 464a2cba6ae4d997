"""Lists walked page by page on two real servers: what is lost, doubled, reordered or endless is told."""

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from godwit.plan import Surfaces
from godwit.session.walking import next_link, walked
from godwit.verdict import Answer, Outcome

CURSOR = {"cursor": "/next"}
ADD = {"method": "POST", "path": "/items", "body": {"id": "b0"}}


class Items:
    """A list of seven items in pages of three; each defect is one wrong way to page."""

    def __init__(self, way: str = "cursor", defect: str = "", names: str = "abcdefg") -> None:
        self.ids = [f"{name}1" for name in names]
        self.way, self.defect, self.walks = way, defect, 0

    def __call__(self, seen: Any) -> Any:
        if seen.method == "POST":
            self.ids = sorted([*self.ids, json.loads(seen.body)["id"]])
            return 201, {"content-type": "application/json"}, b"{}"
        asked = {name: values[0] for name, values in parse_qs(urlsplit(seen.path).query).items()}
        ids = self._ordered(asked)
        start = self._start(asked, ids)
        shown, rest = ids[start : start + 3], ids[start + 3 :]
        return self._page(shown, bool(rest))

    def _ordered(self, asked: dict[str, str]) -> list[str]:
        self.walks += not asked
        return self.ids[::-1] if self.defect == "reorders" and self.walks % 2 == 0 else self.ids

    def _start(self, asked: dict[str, str], ids: list[str]) -> int:
        if "page" in asked:
            return 3 * (int(asked["page"]) - 1)
        if "offset" in asked:
            return int(asked["offset"])
        if "cursor" not in asked:
            return 0
        if self.defect == "numbered":
            return int(asked["cursor"])
        skip = {"skips": 2, "doubles": 0}.get(self.defect, 1)
        return ids.index(asked["cursor"]) + skip

    def _page(self, shown: list[str], more: bool) -> Any:
        headers = {"content-type": "application/json"}
        body: dict[str, Any] = {"items": [{"id": each} for each in shown]}
        if self.way == "cursor":
            body["next"] = shown[-1] if more and shown else None
            if self.defect == "loops" and not more:
                body["next"] = self.ids[2]
            if self.defect == "numbered" and more:
                body["next"] = str(self.ids.index(shown[-1]) + 1)
        if self.way == "link" and more:
            headers["link"] = f'<http://elsewhere/items?cursor={shown[-1]}>; rel="next", </items>; rel="first"'
        return 200, headers, json.dumps(body).encode()


@pytest.fixture
def judged(serve: Any) -> Any:
    """Walks a list of two running sides."""

    def run(baseline: Any, candidate: Any, way: Any = CURSOR, **more: Any) -> Any:
        walk = {"id": "w", "path": "/items", "items": "/items", "key": "/id", "next": way, **more}
        surfaces = Surfaces.model_validate({"http": {"walks": [walk]}})
        stacks = {"baseline": serve(baseline), "candidate": serve(candidate)}
        world = SimpleNamespace(
            plan=SimpleNamespace(surfaces=surfaces), stack=stacks.__getitem__, may_write=lambda *roles: None
        )
        return walked(world, surfaces.http.walks[0])

    return run


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        pytest.param("cursor", CURSOR, id="cursor"),
        pytest.param("link", {"link": True}, id="link"),
        pytest.param("page", {"page": 1}, id="page"),
        pytest.param("offset", {"offset": 0}, id="offset"),
    ],
)
def test_a_list_is_walked_to_its_end(judged, kind, way):
    judgement = judged(Items(kind), Items(kind), way)
    assert judgement.outcome is Outcome.PASSED, judgement.reason
    assert judgement.reason.startswith("7 item(s) on ")


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        pytest.param("skips", "number of items", id="skips"),
        pytest.param("doubles", "items come twice", id="doubles"),
        pytest.param("loops", "pages come round again", id="loops"),
        pytest.param("reorders", "order changes from walk to walk", id="reorders"),
    ],
)
def test_a_defect_of_the_candidate_is_found(judged, defect, says):
    judgement = judged(Items(), Items(defect=defect))
    assert judgement.outcome is Outcome.FAILED
    assert any(says in finding.what for finding in judgement.findings)


def test_a_defect_of_the_baseline_proves_nothing(judged):
    judgement = judged(Items(defect="loops"), Items(defect="loops"))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "pages come round again" in judgement.reason


def test_a_cursor_that_survives_an_insert_passes(judged):
    judgement = judged(Items(), Items(), insert=ADD)
    assert judgement.outcome is Outcome.PASSED, judgement.reason
    assert judgement.reason.endswith("an insert in mid-walk lost and doubled nothing")


def test_a_cursor_that_counts_doubles_an_item_after_an_insert(judged):
    judgement = judged(Items(), Items(defect="numbered"), insert=ADD)
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].candidate == "1 twice: c1"


def test_an_insert_that_is_refused_is_told(judged):
    def refusing(seen: Any) -> Any:
        return (403, {}, b"") if seen.method == "POST" else paging(seen)

    paging = Items()
    judgement = judged(refusing, Items(), insert=ADD)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "the insert was answered 403" in judgement.reason


def test_items_in_another_order_are_found(judged):
    assert judged(Items(), Items(names="bacdefg")).outcome is Outcome.FAILED


def test_one_page_alone_proves_nothing(judged):
    judgement = judged(Items(names="ab"), Items(names="ab"))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "1 page(s); a walk needs two" in judgement.reason


def test_a_walk_without_end_is_bounded(judged):
    judgement = judged(Items(), Items(), pages=2)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "does not end" in judgement.reason


@pytest.mark.parametrize(
    ("header", "target"),
    [
        pytest.param('</a?x=1,2>; rel="next"', "/a?x=1,2", id="comma-in-the-target"),
        pytest.param('</p>; rel="prev", </n>; rel=next', "/n", id="without-quotes"),
        pytest.param('</n>; title="x"; rel="last next"', "/n", id="several-relations"),
        pytest.param('</n>; rel="nextish"', None, id="another-relation"),
    ],
)
def test_the_next_link_is_found(header, target):
    assert next_link(Answer("GET /", 200, (("link", header),))) == target
