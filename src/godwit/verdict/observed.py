"""What was observed of a running stack, before anyone judges it: answers, load, resources; values only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from godwit.verdict.observed_load import LoadRun, Timing


class Answer(NamedTuple):
    """One HTTP answer. `status` 0 means that none came; then `error` says why. Header names are lower case."""

    request: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        wanted = name.lower()
        for key, value in self.headers:
            if key == wanted:
                return value
        return None

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended on one side. `exit` is negative for a signal; after `timed_out` it was killed.

    `files` are those that it wrote, by name. `cut` names what was too large to be kept whole. `places` are texts that
    stand in its output only because of where it ran, by the name of the place: its folder, its stack's address.
    """

    exit: int
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False
    files: tuple[tuple[str, bytes], ...] = ()
    cut: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request with the answer that it got. `path` begins with `/` and holds the query; `body` is as it was sent.

    Secrets stand as placeholders (see `PLACEHOLDER`). `answer` has the body decoded from its content encoding.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    answer: Answer
    started_at: str = ""

    @property
    def writes(self) -> bool:
        """Whether the request may change state."""
        return self.method not in ("GET", "HEAD", "OPTIONS")


PLACEHOLDER = "godwit-secret-"
"""How a placeholder begins that stands in a recording for a secret; a number follows, the same for the same secret."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a name stands for where it can be imported; `kind` is class, callable, module or value, or absent with a `reason`.

    `parameters` are (name, kind, default as text or None), None where they cannot be told; those of a `method` begin
    with the instance. `bases` are the names of all classes that a class inherits from; `value` is plain JSON.
    """

    kind: str
    reason: str = ""
    parameters: tuple[tuple[str, str, str | None], ...] | None = None
    bases: tuple[str, ...] = ()
    awaits: bool = False
    method: bool = False
    value: Any = None
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A break of a Python API that its sources show, not yet seen to happen: its kind, the public name, what of it.

    `name` is `module:qualname`; `also` are other names of the same thing; `what` is a parameter or empty.
    """

    kind: str
    name: str
    what: str = ""
    baseline: str = ""
    candidate: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallReply:
    """What one call of a Python API gave, as plain JSON values.

    `value` is what it returned, unless it raised: then `raised` names the exception's type and all that it inherits
    from. `found` is false when the name itself could not be imported or looked up, `unkept` true when it was not called
    because an earlier call had given nothing to keep. `error` says why no reply came (it
    hung, or the process ended). `arguments` are those of the call as they were after it.
    """

    call: str
    value: Any = None
    raised: tuple[str, ...] = ()
    message: str = ""
    found: bool = True
    unkept: bool = False
    awaited: bool = False
    kept: bool = False
    arguments: Any = None
    warnings: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream: its type, its payload as it came, and its id if it has one."""

    type: str
    data: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a stream, in the order in which it came; `trouble` says why it ended early or never began."""

    events: tuple[StreamEvent, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Resources of a stack at one moment, of its whole process tree or container; None is what this look left out.

    `cpu_s` is cumulative, `pss_mb` counts shared pages once and `uss_mb` only those that nobody else has. `connections`
    are open sockets, listening ones included; `disk_mb` is the size of what the plan says that the stack writes to.
    """

    at_s: float
    cpu_s: float
    pss_mb: float | None
    rss_mb: float
    processes: int
    uss_mb: float | None = None
    threads: int | None = None
    descriptors: int | None = None
    connections: int | None = None
    disk_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that was observed while one load ran: the load itself, resources by role, and growth of counters by role.

    `began_s` is when the load's schedule began, on the clock of the samples; None where nobody knows. `warmup_s` is how long
    the counters grew before the load was measured. `timings` are what was timed turn by turn, by side and name; the load is
    then the turns themselves.
    """

    load: LoadRun
    resources: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    counters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    began_s: float | None = None
    warmup_s: float = 0.0
    timings: Mapping[str, Mapping[str, Timing]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where an answer is not what a consumer expects; `text` says it in the verifier's words."""

    kind: str
    where: str
    expected: str
    actual: str
    text: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """One verified interaction of a Pact file; without mismatches it is as the consumer expects."""

    consumer: str
    description: str
    states: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """What a stack said of itself. `healthy` is true only when it answered 200 with everything that the plan expects."""

    healthy: bool
    status: int
    version: str | None
    body: Any = None
    detail: str = ""
