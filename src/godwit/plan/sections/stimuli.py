"""`surfaces.http`: lists that are walked, requests sent at once, requests made of a document; compares no answers."""

from typing import Annotated

from pydantic import Field, model_validator

from godwit.plan.sections.requests import Request, UrlPath
from godwit.plan.sections.words import Duration, Id, Pointer, Section, Text


class Paging(Section):
    """How one page leads to the next: exactly one of these.

    `cursor` points to the value that goes into the query as `parameter`; `link` follows the Link header's rel=next;
    `page` counts pages up from its value, `offset` counts items, both in the query as `parameter`.
    """

    cursor: Pointer | None = None
    link: bool = False
    page: int | None = None
    offset: int | None = None
    parameter: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Paging":
        ways = [self.cursor is not None, self.link, self.page is not None, self.offset is not None]
        if sum(ways) != 1:
            raise ValueError("a page leads to the next by one of cursor, link, page or offset")
        if self.link and self.parameter is not None:
            raise ValueError("a link is followed as it is; parameter belongs to cursor, page and offset")
        return self

    @property
    def name(self) -> str:
        """The query parameter that carries the cursor, the page or the offset."""
        kind = "cursor" if self.cursor is not None else "page" if self.page is not None else "offset"
        return self.parameter or kind


class Walk(Section):
    """A list read page by page to its end, twice, and once more with an `insert` after its first page.

    `items` points to the list in a page, `key` within an item to its id.
    """

    id: Id
    path: UrlPath
    headers: dict[str, str] = Field(default_factory=dict)
    items: Pointer
    key: Pointer
    next: Paging
    insert: Request | None = None
    pages: Annotated[int, Field(ge=2, le=10_000)] = 100
    needs: frozenset[Id] = frozenset()


class Race(Section):
    """Requests that are sent at once, `rounds` times over: after `prepare`, and before `then` shows what they left."""

    id: Id
    prepare: tuple[Request, ...] = ()
    contenders: Annotated[tuple[Request, ...], Field(min_length=1, max_length=100)]
    times: Annotated[int, Field(ge=1, le=100)] = 1
    then: tuple[Request, ...] = ()
    rounds: Annotated[int, Field(ge=1, le=100)] = 3
    needs: frozenset[Id] = frozenset()

    @property
    def at_once(self) -> tuple[Request, ...]:
        """Every request of the race: each contender so many times."""
        return self.contenders * self.times

    @model_validator(mode="after")
    def _two_at_least(self) -> "Race":
        if len(self.at_once) < 2:
            raise ValueError("one request races nobody; give a second contender or times: 2")
        return self


class LeftOut(Section):
    """Operations of a document of which no request is made, and why; `*` in `operation` stands for anything."""

    operation: Text
    reason: Text


class Generated(Section):
    """How many requests are made of each operation of the baseline's OpenAPI document (`surfaces.http.openapi`).

    `only` and `skip` name operations as `METHOD /path`; `*` stands for anything. `prepare` is sent before each request
    whose path has a parameter that it captures, on each side; that side's own value is put there. Upper and lower case
    of a parameter's name are one. `headers` are sent with every request.
    """

    id: Id
    examples: Annotated[int, Field(gt=0, le=10_000)] = 5
    only: tuple[Text, ...] = ()
    skip: tuple[LeftOut, ...] = ()
    prepare: tuple[Request, ...] = ()
    headers: dict[str, str] = Field(default_factory=dict)
    limit_s: Duration = 20.0
