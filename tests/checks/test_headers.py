"""Headers that clients rely on are compared by what they say, with ids matched; another way to write the same is no difference."""

import pytest

from godwit.checks import compare_answers
from godwit.plan import HttpSurface, Normaliser
from godwit.verdict import Answer, Judgement, Outcome

DEFAULT = HttpSurface().headers
Pairs = list[tuple[str, str]]


def judged(one: Pairs, other: Pairs, *rules: Normaliser, body: tuple[bytes, bytes] = (b"{}", b"{}")) -> Judgement:
    sides = [[Answer("GET /x", 200, tuple(pairs), raw)] for pairs, raw in zip((one, other), body, strict=True)]
    return compare_answers("probe", sides[0], sides[1], rules, (), DEFAULT)


def found(judgement: Judgement) -> list[tuple[str, str]]:
    return [(finding.what, finding.where) for finding in judgement.findings]


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        pytest.param("content-type", "text/html; charset=utf-8", 'Text/HTML;charset="UTF-8"', id="content-type"),
        pytest.param("cache-control", "no-cache, max-age=60", "Max-Age=60,no-cache", id="cache-control"),
        pytest.param("cache-control", 'private="a, b", no-store', 'no-store, private="a, b"', id="quoted-comma"),
        pytest.param("allow", "GET, HEAD,POST", "post, get, head", id="allow"),
        pytest.param("vary", "Accept, Cookie", "cookie,accept", id="vary"),
        pytest.param("content-encoding", "gzip", "GZIP", id="content-encoding"),
        pytest.param("www-authenticate", 'Bearer realm="a"', 'bearer realm="b", error="x"', id="scheme"),
        pytest.param("etag", '"abc"', '"0123"', id="etag-made-by-each"),
        pytest.param("etag", 'W/"abc"', 'W/"0123"', id="weak-etag"),
        pytest.param("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:29:00 GMT", id="date"),
        pytest.param("link", '</a?p=2>; rel="next", </a>;rel=first', '</a>; rel=first, </a?p=2>; rel=next', id="link"),
        pytest.param("link", '<http://127.0.0.1:81/a>; rel=next', '<http://localhost:82/a>; rel="next"', id="link-host"),
        pytest.param("location", "http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a", id="location-host"),
        pytest.param("set-cookie", "s=a1b2c3d4e5; Path=/; HttpOnly", "s=f6e5d4c3b2; httponly; path=/", id="cookie"),
        pytest.param(
            "set-cookie", "s=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "s=1; expires=Thu, 22 Oct 2015 07:28:00 GMT",
            id="expires",
        ),
        pytest.param("server", "a", "b", id="not-relied-on"),
    ],
)  # fmt: skip
def test_another_way_to_say_the_same_is_no_difference(name: str, one: str, other: str) -> None:
    assert judged([(name, one)], [(name, other)]).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        pytest.param("content-type", "application/json", "application/json; charset=utf-8", id="charset"),
        pytest.param("cache-control", "no-store", "max-age=60", id="cache-control"),
        pytest.param("cache-control", "max-age=60", "max-age=600", id="max-age"),
        pytest.param("cache-control", "no-store", None, id="cache-control-gone"),
        pytest.param("etag", '"abc"', 'W/"abc"', id="weaker"),
        pytest.param("etag", '"abc"', None, id="etag-gone"),
        pytest.param("etag", '"abc"', "abc", id="etag-without-quotes"),
        pytest.param("retry-after", "30", "60", id="later"),
        pytest.param("retry-after", "30", "Wed, 21 Oct 2015 07:28:00 GMT", id="date-for-seconds"),
        pytest.param("link", '</a?p=2>; rel="next"', '</a?p=1>; rel="next"', id="other-target"),
        pytest.param("link", '</a?p=2>; rel="next", </a>; rel=last', '</a?p=2>; rel="next"', id="relation-gone"),
        pytest.param("link", "</a>; rel=next", "nonsense", id="no-link"),
        pytest.param("location", "/a", "/b", id="location"),
        pytest.param("location", "/a", "http://[", id="no-reference"),
        pytest.param("allow", "GET, POST", "GET", id="method-gone"),
        pytest.param("vary", "accept", "accept, cookie", id="vary"),
        pytest.param("content-encoding", "gzip", None, id="plain"),
        pytest.param("www-authenticate", "Basic realm=a", "Bearer realm=a", id="scheme"),
    ],
)
def test_another_meaning_is_one_finding_at_the_header(name: str, one: str, other: str | None) -> None:
    judgement = judged([(name, one)], [(name, other)] if other else [])
    assert found(judgement) == [(f"header {name}", f"/@headers/{name}")]
    assert found(judged([(name, other)] if other else [], [(name, one)])) == [(f"header {name}", f"/@headers/{name}")]


@pytest.mark.parametrize(
    ("one", "other", "what", "where"),
    [
        pytest.param("s=1; HttpOnly", "s=1", "attribute of a cookie", "/@cookies/s/httponly", id="httponly"),
        pytest.param("s=1", "s=1; Secure", "attribute of a cookie", "/@cookies/s/secure", id="secure"),
        pytest.param(
            "s=1; SameSite=Lax", "s=1; samesite=none", "attribute of a cookie", "/@cookies/s/samesite", id="samesite"
        ),
        pytest.param("s=1; Path=/", "s=1; Path=/a", "attribute of a cookie", "/@cookies/s/path", id="path"),
        pytest.param("s=1; Max-Age=60", "s=1", "attribute of a cookie", "/@cookies/s/max-age", id="max-age"),
        pytest.param(
            "s=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "s=1; Expires=0", "attribute of a cookie",
            "/@cookies/s/expires", id="expires",
        ),
        pytest.param("theme=dark", "theme=light", "cookie", "/@cookies/theme", id="word"),
        pytest.param("s=a1b2c3d4e5", "s=", "cookie", "/@cookies/s", id="emptied"),
        pytest.param("s=1", None, "cookie", "/@cookies/s", id="gone"),
        pytest.param("s=1", "t=1", "cookie", "/@cookies/s", id="other-name"),
    ],
)  # fmt: skip
def test_cookies_are_compared_by_name_and_attribute(one: str, other: str | None, what: str, where: str) -> None:
    judgement = judged([("set-cookie", one)], [("set-cookie", other)] if other else [])
    told = found(judgement)
    assert (what, where) in told
    assert judgement.outcome is Outcome.FAILED


def test_cookies_of_several_headers_are_matched_by_name() -> None:
    one = [("set-cookie", "a=1"), ("set-cookie", "b=2; Path=/")]
    assert judged(one, one[::-1]).outcome is Outcome.PASSED
    assert found(judged(one, [one[0], ("set-cookie", "b=2")])) == [("attribute of a cookie", "/@cookies/b/path")]


def test_the_second_value_of_a_header_counts() -> None:
    ones, others = ([("vary", "accept"), ("vary", word)] for word in ("cookie", "origin"))
    assert found(judged(ones, others)) == [("header vary", "/@headers/vary")]


def test_an_etag_that_changes_while_the_baselines_stays_is_found() -> None:
    sides = [[Answer("GET /x", 200, (("etag", f'"{tag}"'),), b"{}") for tag in tags] for tags in ("aa", "xy")]
    judgement = compare_answers("probe", sides[0], sides[1], (), (), DEFAULT)
    assert found(judgement) == [("header etag of another thing", "/1/@headers/etag")]


def test_an_etag_that_stays_while_the_baselines_changes_is_found() -> None:
    sides = [[Answer("GET /x", 200, (("etag", f'"{tag}"'),), b"{}") for tag in tags] for tags in ("ab", "xx")]
    assert compare_answers("probe", sides[0], sides[1], (), (), DEFAULT).outcome is Outcome.FAILED


def test_ids_are_matched_within_links() -> None:
    one, other = ([("link", f"</tasks/{made}/next>; rel=next")] for made in ("t-1", "t-9"))
    rule = Normaliser(kind="id", at="/id")
    bodies = (b'{"id":"t-1"}', b'{"id":"t-9"}')
    assert judged(one, other, rule, body=bodies).outcome is Outcome.PASSED
    assert judged(one, other, rule, body=(bodies[0], b'{"id":"t-8"}')).outcome is Outcome.FAILED
