"""`surfaces.python`: modules, names and calls that users' code is made of; says nothing about how they are compared."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from godwit.plan.sections.words import Duration, Id, Section, Text

_PLACE = re.compile(r"\{[a-z0-9][a-z0-9._-]*\}")

_IMPORTED = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)?$"


def _import_path(value: Any) -> Any:
    if isinstance(value, str) and not re.match(_IMPORTED, value):
        raise ValueError(f"'{value}' is nothing to import; write package.module or package.module:Name")
    return value


ImportPath = Annotated[str, BeforeValidator(_import_path), WithJsonSchema({"type": "string", "pattern": _IMPORTED})]
"""Something to import: `package.module`, or `package.module:Name.attribute`."""


class Arguments(Section):
    """What a call is given, as JSON; the string `{name}` stands for what an earlier step kept under that name.

    `{"!import": "module:Name"}` is something imported, `{"!type": "tuple", "value": [...]}` a tuple (likewise set,
    frozenset, bytes in Base64, and dict as a list of pairs).
    """

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = Field(default_factory=dict)


class PythonName(Section):
    """A name that users import, and where else it lives now if it moved; the old path has to go on working.

    A `deprecated` one has to say so (a DeprecationWarning) when it is imported, or called with `example`.
    """

    id: Id
    baseline: ImportPath
    candidate: ImportPath | None = None
    deprecated: bool = False
    example: Arguments | None = None
    needs: frozenset[Id] = frozenset()


class Call(Arguments):
    """One call: of something imported (`call`), or of a `method` of what was kept `on` a name, or `get` an attribute."""

    call: ImportPath | None = None
    on: Id | None = None
    method: Text | None = None
    get: Text | None = None

    @model_validator(mode="after")
    def _one_target(self) -> "Call":
        if bool(self.call) == bool(self.on):
            raise ValueError("a call names either call (something imported) or on (something kept)")
        if bool(self.on) != (bool(self.method) != bool(self.get)):
            raise ValueError("on goes with one of method and get, and these with nothing else")
        return self

    @property
    def title(self) -> str:
        """The call without its arguments, for people."""
        return self.call or f"{self.on}.{self.method or self.get}"


class CallStep(Call):
    """A call on both sides, its result kept under a name for later ones; `candidate` is what it has become there."""

    keep: Id | None = None
    candidate: Call | None = None


def _unkept(steps: Sequence[CallStep]) -> str:
    """What the first step that uses something no earlier one has kept is to be told; empty if there is none."""
    kept: set[str] = set()
    for step in steps:
        for call in (step, step.candidate) if step.candidate else (step,):
            names = [call.on] if call.on else []
            names += [text[1:-1] for text in _texts([*call.args, call.kwargs]) if _PLACE.fullmatch(text)]
            missing = next((name for name in names if name not in kept), None)
            if missing:
                said = ", ".join(sorted(kept)) or "nothing"
                return f"{call.title}: nothing is kept as {missing} before it; kept by then: {said}"
        kept |= {step.keep} if step.keep else set()
    return ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


class CallScript(Section):
    """Calls in their order, each side in a process of its own that starts with nothing kept."""

    id: Id
    steps: Annotated[tuple[CallStep, ...], Field(min_length=1)]
    timeout_s: Duration = 10.0
    needs: frozenset[Id] = frozenset()
    phases: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _only_what_is_kept(self) -> "CallScript":
        if said := _unkept(self.steps):
            raise ValueError(said)
        return self


class Draw(Section):
    """What arguments are drawn from: a JSON Schema (draft 2020-12) for each; a whole number is an integer unless it says number."""

    args: tuple[dict[str, Any], ...] = ()
    kwargs: dict[str, dict[str, Any]] = Field(default_factory=dict)


class DrawnCall(Section):
    """One call with arguments that are drawn, after the steps `before` it, which every example repeats."""

    id: Id
    before: tuple[CallStep, ...] = ()
    step: CallStep
    draw: Draw
    examples: Annotated[int, Field(gt=0, le=10_000)] = 100
    timeout_s: Duration = 10.0
    needs: frozenset[Id] = frozenset()
    phases: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _only_what_is_kept(self) -> "DrawnCall":
        if said := _unkept((*self.before, self.step)):
            raise ValueError(said)
        return self


class CallRecording(Section):
    """Calls that were recorded, one as JSON on each line of a file beside the plan."""

    id: Id
    file: Text
    timeout_s: Duration = 10.0
    needs: frozenset[Id] = frozenset()
    phases: tuple[Id, ...] = ()


class PythonSurface(Section):
    """Python: modules whose public names are compared, names that have to stay, and calls that both sides are given."""

    modules: tuple[ImportPath, ...] = ()
    callables: tuple[PythonName, ...] = ()
    calls: tuple[CallScript, ...] = ()
    drawn: tuple[DrawnCall, ...] = ()
    recordings: tuple[CallRecording, ...] = ()
