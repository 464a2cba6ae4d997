"""Reads a list page by page on both sides, twice and around an insert, and has the walks judged; never goes on for ever."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from godwit.checks import Page, Trip, judge_walk
from godwit.plan import Request, Walk
from godwit.session.world import World
from godwit.surfaces import AbsentError, at, exchange
from godwit.verdict import Answer, Judgement

_SIDES = ("baseline", "candidate")
_LINK = re.compile(r"<([^>]*)>([^,<]*)")
_REL_NEXT = re.compile(r""";\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)""", re.IGNORECASE)


def walked(world: World, walk: Walk) -> Judgement:
    """Walk the list twice on each side, once more with the insert after the first page, and judge."""
    surfaces = world.plan.surfaces
    if walk.insert is not None and walk.insert.writes:
        world.may_write(*_SIDES)
    urls = {side: world.stack(side).url for side in _SIDES}
    trips = {side: [trip(walk, url), trip(walk, url)] for side, url in urls.items()}
    inserted = {}
    if walk.insert is not None:
        for side, url in urls.items():
            inserted[side] = _with_insert(walk, walk.insert, url)
    return judge_walk(walk.id, trips, inserted, surfaces.normalisers, surfaces.allowances, surfaces.http.headers)


def next_link(answer: Answer) -> str | None:
    """The target of the Link header's rel=next; None if there is none."""
    values = ", ".join(value for name, value in answer.headers if name == "link")
    return next((match[1] for match in _LINK.finditer(values) if _REL_NEXT.search(match[2])), None)


def _with_insert(walk: Walk, insert: Request, url: str) -> Trip:
    """One walk around the insert; stopped where the insert was not taken, which proves nothing."""
    refused: list[Answer] = []

    def add() -> None:
        refused.extend(answer for answer in exchange([insert], url) if not 200 <= answer.status < 300)

    taken = trip(walk, url, add)
    if refused:
        said = f"the insert was answered {refused[0].status or refused[0].error}"
        return Trip(taken.pages, said)
    return taken


def trip(walk: Walk, url: str, after_first: Callable[[], None] = lambda: None) -> Trip:
    """One walk through the list of one side; it tells why it stopped before the end, if it did."""
    pages: list[Page] = []
    seen: set[str] = set()
    path: str | None = _first(walk)
    while path is not None:
        if path in seen:
            return Trip(tuple(pages), "loop")
        if len(pages) >= walk.pages:
            return Trip(tuple(pages), "pages")
        seen.add(path)
        asked = Request.model_construct(method="GET", path=_escaped(path), headers=walk.headers, body=None, capture={})
        answer = exchange([asked], url)[0]
        try:
            page = _page(walk, answer)
            path = _next(walk, answer, path, pages, page)
        except _Unreadable as error:
            return Trip((*pages, Page(answer, ())), str(error))
        pages.append(page)
        if len(pages) == 1:
            after_first()
    return Trip(tuple(pages))


class _Unreadable(Exception):
    """A page that cannot be walked on from; the text says why."""


def _page(walk: Walk, answer: Answer) -> Page:
    if answer.status != 200:
        raise _Unreadable(f"{answer.request} answered {answer.status or answer.error}, not 200")
    try:
        items = at(answer.json(), walk.items)
        keys = tuple(_text(at(item, walk.key)) for item in items)
    except (AbsentError, ValueError, TypeError) as error:
        raise _Unreadable(f"{answer.request} has no items with keys: {error}") from None
    return Page(answer, keys)


def _next(walk: Walk, answer: Answer, path: str, pages: list[Page], page: Page) -> str | None:
    """The path of the page after this one; None after the last."""
    way = walk.next
    if way.link:
        target = next_link(answer)
        return None if target is None else _inside(path, target)
    if way.cursor is not None:
        try:
            cursor = at(answer.json(), way.cursor)
        except AbsentError:
            return None
        return None if cursor in (None, "") else _with(walk.path, way.name, _text(cursor))
    if not page.keys:
        return None
    if way.page is not None:
        return _with(walk.path, way.name, str(way.page + len(pages) + 1))
    return _with(walk.path, way.name, str((way.offset or 0) + sum(len(each.keys) for each in (*pages, page))))


def _first(walk: Walk) -> str:
    start = walk.next.page if walk.next.page is not None else walk.next.offset
    return walk.path if start is None else _with(walk.path, walk.next.name, str(start))


def _with(path: str, name: str, value: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{quote(name, safe='')}={quote(value, safe='')}"


def _inside(path: str, target: str) -> str:
    """A link as a path of the same side, whichever host it names: only the plan's own stacks are asked."""
    parts = urlsplit(urljoin(f"http://side{path}", target))
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _escaped(path: str) -> str:
    return path.replace("{", "{{").replace("}", "}}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
