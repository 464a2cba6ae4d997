"""`state.ledger`, `state.histories`, `state.live`, `state.mixed`: what is written while state moves, and how it is found again."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.requests import Request, UrlPath
from godwit.plan.sections.stacks import Role
from godwit.plan.sections.stimuli import Paging
from godwit.plan.sections.words import Duration, Id, Pointer, Section, Share, Text

Code = Literal["baseline", "candidate"]


class Listed(Section):
    """Where the writes of a ledger are listed afterwards: each once, those of one client in the order of their making.

    A `path` with `{client}` lists the writes of that client and nothing else. `items` points to the list in a page,
    `mark` within an item to what tells writes apart, `sent` to the same value in the body of `write` (as `mark` where it
    is left out).
    """

    path: UrlPath
    headers: dict[str, str] = Field(default_factory=dict)
    items: Pointer
    mark: Pointer
    sent: Pointer | None = None
    next: Paging
    in_order: bool = True
    pages: Annotated[int, Field(ge=2, le=100_000)] = 10_000


class WriteLedger(Section):
    """Writes that go through the router (or the stack that `on` names) while the steps of `phases` run, and how each
    acknowledged one is read back.

    `write` captures `id`; `read` takes it as `{id}` and must answer 200 with the same values of the fields in `compare`.
    `{n}` in `write` is the number of the write, `{client}` that of its client. With `clients` so many write, each waiting
    for its answer before it writes again; without, one write does not wait for another. With `for_s` the writes go on for
    at least so long, a third of it before the first step and a third after the last, and some have to be acknowledged then.
    """

    write: Request
    read: Request
    compare: tuple[Text, ...]
    rate_per_s: Annotated[float, Field(gt=0)]
    phases: tuple[Id, ...]
    on: Role = "router"
    clients: Annotated[int, Field(ge=1, le=64)] | None = None
    for_s: Duration | None = None
    listed: Listed | None = None

    @model_validator(mode="after")
    def _order_needs_clients(self) -> "WriteLedger":
        if self.listed is not None and self.clients is None:
            raise ValueError("listed needs clients: only who waits for one answer before the next write has an order")
        return self


class History(Section):
    """What clients see while the steps of `phases` run, to be judged as one object after another: is there an order?

    Each client asks one thing after the other, in all `rate_per_s` a second, of one of `keys` objects: it writes (`share`
    of the time) or reads. `make` makes an object and captures `key`; without it `{key}` is a name made up here. `write`
    takes `{key}` and, for a register, `{value}`; `read` captures `value`: what the register holds, or for a counter how
    many writes it counts (a number, or a list as long). A register's values are new ones, or the words of `values` with
    what `read` shows of each; `initial` is what it shows before the first. Where `writers` is one, each object is written
    by one client and read by all. An answer of 4xx means that nothing was written, one of 404 that there is no value.
    """

    id: Id
    sentence: Text
    kind: Literal["register", "counter"]
    make: Request | None = None
    write: Request
    read: Request
    values: dict[Text, Any] = Field(default_factory=dict)
    initial: Any = None
    writers: Literal["all", "one"] = "all"
    keys: Annotated[int, Field(ge=1, le=1000)] = 5
    clients: Annotated[int, Field(ge=1, le=16)] = 3
    share: Share = 50.0
    rate_per_s: Annotated[float, Field(gt=0)] = 10.0
    for_s: Duration | None = None
    phases: Annotated[tuple[Id, ...], Field(min_length=1)]
    on: Role = "router"
    needs: frozenset[Id] = frozenset()

    @model_validator(mode="after")
    def _captures(self) -> "History":
        if "value" not in self.read.capture:
            raise ValueError("read must capture value")
        if self.make is not None and "key" not in self.make.capture:
            raise ValueError("make must capture key")
        if self.kind == "counter" and (self.values or self.initial is not None):
            raise ValueError("values and initial belong to a register; a counter begins at 0")
        return self


class Live(Section):
    """Both stores compared by a mapping while the writes of `state.ledger` go on for `for_s`.

    Each round notes which writes are acknowledged, then reads both stores, each at one moment. A key that differs is
    looked at again in the rounds after it, and counts as wrong once it has differed for `within_s`. `rows` are the
    `written` ones only, whose key is the `id` of a write of this very check, or `all`, where nothing else may differ.
    """

    id: Id
    sentence: Text
    mapping: Id
    rows: Literal["written", "all"] = "written"
    for_s: Duration = 5.0
    within_s: Duration = 2.0
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()


class Mixed(Section):
    """One version's code, or both at once, on a copy of one store; the stacks of the plan are left alone.

    `code` says which versions run, `store` whose store is copied. Each must answer `probes` as it does on a copy of its
    own store. Where both run, the writes of `state.ledger` go to each of them, `writes` of them in all, and are read
    through the other. With `refuses` the code must not start: it says these words and leaves the copy as it was.
    """

    id: Id
    sentence: Text
    code: Annotated[tuple[Code, ...], Field(min_length=1, max_length=2)]
    store: Code
    probes: tuple[Id, ...] = ()
    writes: Annotated[int, Field(ge=2, le=10_000)] = 40
    refuses: Text | None = None
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()

    @model_validator(mode="after")
    def _asks_something(self) -> "Mixed":
        if len(set(self.code)) != len(self.code):
            raise ValueError("code names each version once")
        if self.refuses is not None and (self.probes or len(self.code) > 1):
            raise ValueError("what refuses to start is one version and answers no probes")
        if self.refuses is None and len(self.code) == 1 and not self.probes:
            raise ValueError("one version alone needs probes, or refuses")
        return self
