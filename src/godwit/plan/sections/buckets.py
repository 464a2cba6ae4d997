"""`rollout.buckets`: who is on which side at each percentage, and whom to ask for it in bulk; judges nothing."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.commands import Inside
from godwit.plan.sections.python import ImportPath
from godwit.plan.sections.words import Command, Duration, FlagValue, Id, Path, Section, Share, Text

_OF_KIND = {
    "door": frozenset({"again", "sample", "at_once"}),
    "http": frozenset({"on", "path", "body", "lines", "chunk", "at_once", "again"}),
    "command": frozenset({"run", "env"}),
    "openfeature": frozenset({"document", "key"}),
    "python": frozenset({"on", "call", "each", "chunk"}),
}
_NEEDED: dict[str, tuple[str, ...]] = {
    "door": (),
    "http": ("on", "path"),
    "command": ("run",),
    "python": ("on", "call"),
    "openfeature": ("document", "key"),
}


class Evaluator(Section):
    """Whoever can say for many users at once which side serves them; `{percent}` is the percentage that is looked at.

    `http`: an endpoint `on` a stack takes `{"users": [...]}`, with what `body` adds, and answers
    `{"assignments": [...]}`; with `lines` it takes one user a line and answers one line for each. `{percent}` may stand
    in `path` and `body`. `chunk` users go in one request, `at_once` requests side by side. With `again` a second
    instance of the stack is started and asked.
    `door`: the first `sample` users ask at the router's own door, by its headers, and are looked at who serves them.
    `command`: it reads one user a line, as a JSON array of attributes, and writes one line for each; it also knows
    `{flags}`, the other flags as JSON.
    `python`: `call`, a `module:name` in the Python of a stack, takes a list of users and the percentage and gives a
    list; with `each` it takes the attributes of one user and the percentage.
    `openfeature`: flagd's provider for OpenFeature reads `key` of a `document` beside the plan; in it `"{percent}"` and
    `"{rest}"` become weights, which together are `whole`. Variants are texts.
    `may_move` is the share of users that it may place otherwise than the first evaluator does; without it none.
    """

    id: Id
    kind: Literal["http", "door", "command", "python", "openfeature"]
    on: Literal["baseline", "candidate", "router"] | None = None
    path: Path | None = None
    body: dict[str, Any] = Field(default_factory=dict)
    lines: bool = False
    again: bool = False
    sample: Annotated[int, Field(ge=1, le=10_000)] = 100
    run: Command | None = None
    env: dict[str, str] = Field(default_factory=dict)
    call: ImportPath | None = None
    each: bool = False
    document: Inside | None = None
    key: Text | None = None
    chunk: Annotated[int, Field(ge=1, le=100_000)] = 2000
    at_once: Annotated[int, Field(ge=1, le=64)] = 2
    may_move: Share | None = None
    timeout_s: Duration = 60.0

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Evaluator":
        missing = [name for name in _NEEDED[self.kind] if getattr(self, name) is None]
        if missing:
            raise ValueError(f"kind: {self.kind} needs {' and '.join(missing)}")
        known = {"id", "kind", "may_move", "timeout_s", *_OF_KIND[self.kind]}
        fields = type(self).model_fields.items()
        strange = sorted(
            name
            for name, field in fields
            if name not in known and getattr(self, name) != field.get_default(call_default_factory=True)
        )
        if strange:
            raise ValueError(f"kind: {self.kind} has no {', '.join(strange)}; it has {', '.join(sorted(known))}")
        return self


class Override(Section):
    """What decides for some users whatever the percentage is: these `flags` put everybody `where` holds on a side."""

    id: Id
    sentence: Text
    flags: dict[str, FlagValue] = Field(default_factory=dict)
    where: Annotated[dict[str, Text], Field(min_length=1)]
    served_by: Literal["baseline", "candidate"]


class SideWords(Section):
    """How evaluators call the two sides; true and false are written so."""

    candidate: Text
    baseline: Text


IdShape = Literal["made-up", "numbers", "uuids", "mails"]
"""What ids look like: of letters and digits, numbers one after another, random UUIDs, addresses."""


class Bucketing(Section):
    """How one percentage spreads users over the sides.

    `flag` is the flag that holds the percentage, `whole` its value that means everybody; it takes whole numbers
    unless it is `fractional`. Without a flag the evaluators take `{percent}` themselves. `flags` are the others as
    they stand meanwhile. `resolution` is the smallest share that it is able to move, `levels` are the percentages
    that are looked at: without them every step near both ends and every whole percentage between. `attributes` are
    what a user is told by, in this order; `users` how many of them are asked, and `ids` what their ids look like: as
    many of each shape, and each has to be spread evenly by itself. The first evaluator is the one that serves; all
    others have to place users as it does. `apart_from` names other percentages whose users must not be the same ones:
    whom one moves tells nothing of whom the other moves.
    """

    id: Id
    sentence: Text
    flag: str | None = None
    whole: Annotated[int, Field(ge=1)] = 100
    fractional: bool = False
    flags: dict[str, FlagValue] = Field(default_factory=dict)
    resolution: Share
    levels: tuple[Share, ...] = ()
    users: Annotated[int, Field(ge=1)] | None = None
    ids: Annotated[tuple[IdShape, ...], Field(min_length=1)] = ("made-up",)
    attributes: Annotated[tuple[Text, ...], Field(min_length=1)] = ("user", "team")
    answers: SideWords = SideWords(candidate="candidate", baseline="baseline")
    evaluators: Annotated[tuple[Evaluator, ...], Field(min_length=1)]
    overrides: tuple[Override, ...] = ()
    apart_from: tuple[Id, ...] = ()

    def _can_stand_at(self, level: float) -> bool:
        steps = self.whole * level / 100
        return self.flag is None or self.fractional or abs(steps - round(steps)) < 1e-6

    @model_validator(mode="after")
    def _can_be_asked(self) -> "Bucketing":
        if "user" not in self.attributes:
            raise ValueError("attributes need 'user', by which users are put into buckets")
        if not 0 < self.resolution < 100:
            raise ValueError(f"a resolution of {self.resolution:g}% moves nobody or everybody; write 1% or 0.1%")
        if between := [level for level in (self.resolution, *self.levels) if not self._can_stand_at(level)]:
            raise ValueError(
                f"{self.flag} has {self.whole} steps, so it cannot move {between[0]:g}%: "
                "choose another share, say which value is the whole, or that it is fractional"
            )
        unknown = sorted({name for item in self.overrides for name in item.where} - set(self.attributes))
        if unknown:
            raise ValueError(f"an override looks at {', '.join(unknown)}, which is not in attributes")
        return self
