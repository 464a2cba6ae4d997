"""The arguments of V3's commands as models; what does not fit is declined with the fields that are wrong."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from v3_roadmap.candidate.refusals import Declined


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text without NUL is wanted")
    text.encode()
    return text


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Capacity = Annotated[int, Field(ge=1, le=100)]


class Arguments(BaseModel):
    """Nothing is converted, nothing unknown is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Nothing(Arguments):
    """No arguments."""


class Registration(Arguments):
    """A new agent."""

    agent: Text
    team: Text
    capacity: Capacity = 1
    specialization: Text | None = None


class ForAgent(Arguments):
    """An agent."""

    agent: Text


class ForTeam(Arguments):
    """A team."""

    team: Text


class Agents(Arguments):
    """Which agents."""

    team: Text | None = None


class Room(Arguments):
    """How many claims an agent may have."""

    agent: Text
    capacity: Capacity


class NewWork(Arguments):
    """Work for a team."""

    type: Text
    description: Text
    team: Text
    priority: Annotated[int, Field(ge=1, le=5)] = 3


class Claimed(Arguments):
    """Work that an agent has claimed."""

    agent: Text
    work: Text


class Progress(Claimed):
    """How far it has come."""

    percent: Annotated[int, Field(ge=0, le=100)]


class Completion(Claimed):
    """How it ended."""

    outcome: Literal["success", "failure"]


class Work(Arguments):
    """Which work."""

    team: Text | None = None
    status: Literal["open", "claimed", "done", "failed"] | None = None


def read(kind: type[Arguments], given: Any) -> Any:
    """The arguments, as an object of `kind`; raises Declined."""
    if not isinstance(given, dict):
        raise Declined(422, "invalid_arguments", "the body has to be a JSON object of arguments", "body")
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        problems = error.errors()
        fields = sorted({str(problem["loc"][0]) for problem in problems})
        message = f"{problems[0]['loc'][0]}: {problems[0]['msg']}"
        raise Declined(422, "invalid_arguments", message, *fields) from None
