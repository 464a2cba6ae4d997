"""How flags are set from outside, where they show, and what must hold while they change; a control that lacks its words is refused."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.stacks import Role
from godwit.plan.sections.words import Duration, FlagName, FlagValue, Id, Path, Pointer, Section, Text

SourceName = Literal["override", "env", "file", "config", "http", "provider", "default"]
"""Where a flag's value may come from."""

PythonName = Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
"""A callable, as `module:name`."""

Stands = Literal["default", "last"]
TroubleKind = Literal["missing", "half-written", "refused", "hanging", "failing", "garbled"]

_ASKED: dict[str, tuple[str, ...]] = {
    "http": ("path",),
    "file": ("path",),
    "env": (),
    "served": ("variable",),
    "openfeature": ("provider",),
}
_WORDS = ("path", "format", "variable", "provider", "withdraw")
_TAKEN: dict[str, tuple[str, ...]] = {
    "http": ("path", "withdraw"),
    "file": ("path", "format"),
    "env": (),
    "served": ("variable",),
    "openfeature": ("provider", "path"),
}


class FlagControl(Section):
    """How flags are set from outside.

    `env` sets variables of a stack, which take effect by its restart. `file` writes keys into a file that the stack
    watches (`format` where the name does not tell). `http` puts `{key: value}` to a path of the stack; `withdraw` says how
    a value is taken back there: by null, by DELETE of `<path>/<key>`, or not at all but by setting the default. `served` is
    a document at a URL that godwit serves and the stack fetches, told to the stack in the variable named. `openfeature`
    writes the document that flagd's provider watches at `path`, or sets the in-memory provider of a library.

    `on_malformed` and `on_trouble` say what stands when a value is malformed, or when the source is missing, broken, slow
    or gone: what the weaker sources say (`default`) or the last good value (`last`); `on_trouble` may say it for each trouble:
    a file may be missing or half-written, what is served refused, hanging, failing or garbled. `seen_within_s` is the time in which
    the stack looks at the source again.
    """

    kind: Literal["http", "file", "env", "served", "openfeature"]
    id: Id = "control"
    on: Role = "router"
    path: Text | None = None
    format: Literal["yaml", "json", "env"] | None = None
    variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    provider: Literal["flagd", "in-memory"] | None = None
    withdraw: Literal["null", "delete", "default"] | None = None
    on_malformed: Stands | None = None
    on_trouble: Stands | dict[TroubleKind, Stands] | None = None
    seen_within_s: Duration = 5.0
    needs: frozenset[Id] = frozenset()

    def stands_when(self, trouble: str) -> str | None:
        """What stands in a trouble of this kind; None where the plan does not say."""
        said = self.on_trouble
        return next((word for kind, word in said.items() if kind == trouble), None) if isinstance(said, dict) else said

    @model_validator(mode="after")
    def _words_fit(self) -> "FlagControl":
        asked = (*_ASKED[self.kind], *(("path",) if self.provider == "flagd" else ()))
        if missing := [word for word in asked if getattr(self, word) is None]:
            raise ValueError(f"a control of kind {self.kind} needs {' and '.join(missing)}")
        if odd := [word for word in _WORDS if getattr(self, word) is not None and word not in _TAKEN[self.kind]]:
            raise ValueError(f"a control of kind {self.kind} takes no {' and no '.join(odd)}")
        if self.kind == "http" and not str(self.path).startswith("/"):
            raise ValueError(f"{self.path!r} is not a path of a URL; it starts with /")
        return self


class NamedControl(FlagControl):
    """One of several controls: a flag's `set_by` names it. The words are those of FlagControl."""

    id: Id
    on: Role


class Place(Section):
    """Where a running stack shows one value: a path that is asked with GET, and the pointer to the value in its JSON.

    Where flags are held by the in-memory provider: `call`, a callable (`module:name`) without arguments.
    """

    on: Role
    path: Path = "/"
    pointer: Pointer = ""
    call: PythonName | None = None


class Shown(Section):
    """Where a running stack shows the effective values: a path, and a pointer for each flag.

    `calls` are callables (`module:name`) for flags that the in-memory provider holds; they are called in its process.
    `process` points to what is another one after a restart (a process id), for stacks whose processes godwit cannot see.
    """

    on: Role
    path: Path = "/"
    pointers: dict[FlagName, Pointer] = Field(default_factory=dict)
    calls: dict[FlagName, PythonName] = Field(default_factory=dict)
    process: Pointer | None = None


class SetBy(Section):
    """How one source of a flag is set: through which control, under which key (a variable's name, a dotted key).

    `shown` is where the value of this source shows, if not where all flags do: an override for one agent type, say.
    """

    control: Id
    key: Text
    shown: Place | None = None


class Toggles(Section):
    """How often each of these flags is turned to and fro while clients write (`state.ledger` says what is written).

    `under` are the values of other flags meanwhile, `rate_per_s` how many are written a second if not as many as there.
    """

    times: Annotated[int, Field(ge=2, le=10_000)]
    flags: Annotated[tuple[FlagName, ...], Field(min_length=1)]
    under: dict[FlagName, FlagValue] = Field(default_factory=dict)
    rate_per_s: Annotated[float, Field(gt=0)] | None = None


class KillSwitch(Section):
    """All flags back to baseline behaviour when data has been written under others.

    `before` are the flags under which `writes` records are written (`state.ledger` says how); those that it does not name
    have their baseline value. Then all get their baseline value: the `probes` must get the baseline's answers, and the
    records must be readable, unless `lost` gives the reason why they are not.
    """

    before: Annotated[dict[FlagName, FlagValue], Field(min_length=1)]
    writes: Annotated[int, Field(ge=1, le=10_000)] = 20
    on: Role = "router"
    probes: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()
    lost: Text | None = None
