"""`surfaces.http`: requests and what is made of them; says nothing about how answers are compared."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from godwit.plan.sections.requests import Place, Request
from godwit.plan.sections.stimuli import Generated, Race, Walk
from godwit.plan.sections.words import Duration, Id, Path, Section, Text

_PLACE = re.compile(r"\{\{|\}\}|\{([a-z0-9][a-z0-9._-]*)\}")


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *texts_in(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


class Probe(Section):
    """A stimulus: one request or a sequence. `needs` names capabilities that the stack must have."""

    id: Id
    requests: Annotated[tuple[Request, ...], Field(min_length=1)]
    needs: frozenset[Id] = frozenset()

    @property
    def writes(self) -> bool:
        """Whether the probe may change state."""
        return any(request.writes for request in self.requests)


class Feature(Section):
    """A candidate-only promise: the last request must answer `status` and hold `expect` (a JSON subset).

    With `within_s` it is repeated until it does, or this time is over.
    """

    id: Id
    sentence: Text
    requests: Annotated[tuple[Request, ...], Field(min_length=1)]
    status: int = 200
    expect: Any = None
    within_s: Duration | None = None
    on: Literal["candidate", "router", "baseline"] = "candidate"
    needs: frozenset[Id] = frozenset()
    phases: tuple[Id, ...] = ()


class SequenceOperation(Request):
    """A request that generated sequences are made of, in any order that its places allow.

    `{name}` is one of the values under `draw`, or something that an earlier operation of the sequence `makes`.
    """

    id: Id
    draw: dict[Id, Annotated[tuple[Any, ...], Field(min_length=1)]] = Field(default_factory=dict)
    makes: dict[Id, Place] = Field(default_factory=dict)

    @property
    def uses(self) -> tuple[str, ...]:
        """The names of what earlier operations have to have made, in the order in which they stand."""
        texts = (self.path, *self.headers.values(), *texts_in(self.body))
        found = dict.fromkeys(match[1] for text in texts for match in _PLACE.finditer(text) if match[1])
        return tuple(name for name in found if name not in self.draw)


class Sequences(Section):
    """How many sequences of operations are tried, how long one may be, and when no further one is begun."""

    examples: Annotated[int, Field(gt=0, le=10_000)] = 30
    steps: Annotated[int, Field(gt=1, le=50)] = 6
    limit_s: Duration = 20.0


class OpenApi(Section):
    """Where a stack serves its OpenAPI document, or the file (JSON or YAML) that stands for it.

    Changes are tried on both stacks with requests of the plan's probes, or made of the document; `made_up_writes: false`
    leaves out those that may change state.
    """

    path: Path = "/openapi.json"
    baseline: Text | None = None
    candidate: Text | None = None
    made_up_writes: bool = True


class Recording(Section):
    """Exchanges that were recorded from the baseline: a HAR file (`.har`) or `godwit record`'s JSON Lines (`.jsonl`).

    `file` is relative to the plan's folder. `origin` (`https://host:port`) picks the entries of a HAR that holds several
    hosts. `values` says what stands for a recorded text on both sides, such as a masked password; `${NAME}` is filled.
    """

    id: Id
    file: Annotated[str, StringConstraints(pattern=r"\.(har|jsonl)$")]
    origin: Annotated[str, StringConstraints(pattern=r"^https?://[^/]+$")] | None = None
    values: dict[Text, str] = Field(default_factory=dict)
    needs: frozenset[Id] = frozenset()


class Pact(Section):
    """What a consumer expects, in a Pact file (versions 2, 3 and 4, HTTP interactions) relative to the plan's folder.

    `states` says for each state that the file names which requests bring a stack into it; none, where it always is. In
    them `{name}` is a parameter of the state. Both sides are verified, the baseline first.
    """

    id: Id
    file: Text
    states: dict[Text, tuple[Request, ...]] = Field(default_factory=dict)
    timeout_s: Duration = 120.0
    needs: frozenset[Id] = frozenset()


class HttpSurface(Section):
    """HTTP: probes, features of the candidate, recordings, and the contract document.

    `headers` are those that clients rely on, each compared by what it says; the ones that are not named are not compared.
    """

    probes: tuple[Probe, ...] = ()
    features: tuple[Feature, ...] = ()
    recordings: tuple[Recording, ...] = ()
    operations: tuple[SequenceOperation, ...] = ()
    sequences: Sequences = Sequences()
    walks: tuple[Walk, ...] = ()
    races: tuple[Race, ...] = ()
    openapi: OpenApi | None = None
    generated: Generated | None = None
    headers: tuple[Text, ...] = (
        "content-type",
        "content-encoding",
        "cache-control",
        "etag",
        "vary",
        "location",
        "link",
        "retry-after",
        "allow",
        "www-authenticate",
        "set-cookie",
    )
    pacts: tuple[Pact, ...] = ()

    @model_validator(mode="after")
    def _made_of_a_document(self) -> "HttpSurface":
        if self.generated is not None and self.openapi is None:
            raise ValueError("generated requests are made of the document that openapi names; write openapi as well")
        return self

    @model_validator(mode="after")
    def _made_before_used(self) -> "HttpSurface":
        made = {name for operation in self.operations for name in operation.makes}
        for operation in self.operations:
            missing = next((name for name in operation.uses if name not in made), None)
            if missing:
                known = ", ".join(sorted(made)) or "nothing"
                what = f"operation {operation.id} uses {{{missing}}}, which is not drawn and which no operation makes"
                raise ValueError(f"{what}; made: {known}")
        if self.operations and all(operation.uses for operation in self.operations):
            raise ValueError("every operation uses what another one makes, so no sequence can begin")
        return self
