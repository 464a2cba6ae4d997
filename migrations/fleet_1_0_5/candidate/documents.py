"""The candidate's HTTP documents: all of 1.0.4 unchanged, with the features and the streaming tools added."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue


def _can_be_kept(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must not contain U+0000 or half a surrogate pair") from None
    if "\x00" in text:
        raise ValueError("must not contain U+0000 or half a surrogate pair")
    return text


Text = Annotated[str, AfterValidator(_can_be_kept)]
Filled = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_can_be_kept)]
TokenCount = Annotated[int, Field(ge=0, le=1_000_000)]
Label = Literal["simple", "medium", "complex"]


class Body(BaseModel):
    """A body whose types are taken as they are."""

    model_config = ConfigDict(strict=True)


class NewTask(Body):
    """A task, and what is known of its size."""

    agentType: Filled
    description: Filled
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    inputTokens: TokenCount = 1000
    outputTokens: TokenCount = 600
    steps: Annotated[int, Field(ge=0, le=1000)] = 0
    context: Annotated[list[Text], Field(max_length=100)] = []
    label: Label | None = None


class NewAgent(Body):
    """An agent to spawn."""

    type: Filled


class Call(Body):
    """A call of a tool."""

    params: dict[str, JsonValue] = {}


class Spending(Body):
    """Money that counts as spent."""

    usd: Annotated[float, Field(ge=0, le=1_000_000)]


class Usage(BaseModel):
    """Tokens that were paid for."""

    inputTokens: int
    outputTokens: int


class TaskView(BaseModel):
    """A task and what became of it."""

    id: str
    agentType: str
    description: str
    status: Literal["completed", "failed"]
    priority: int
    label: Label | None
    result: Any
    model: str | None
    usage: Usage
    createdAt: str


class Tasks(BaseModel):
    """A page of tasks."""

    tasks: list[TaskView]
    next: str | None


class AgentView(BaseModel):
    """An agent."""

    id: str
    type: str
    status: Literal["idle", "busy"]


class Agents(BaseModel):
    """All agents."""

    agents: list[AgentView]


class ToolView(BaseModel):
    """A tool; `streaming` is there when it can stream and the feature is on."""

    name: str
    description: str
    streaming: bool = False


class Tools(BaseModel):
    """All tools."""

    tools: list[ToolView]


class Outcome(BaseModel):
    """What a tool returned."""

    tool: str
    result: Any


class Partitions(BaseModel):
    """Partitions that hold something."""

    partitions: list[str]


class EntryView(BaseModel):
    """An entry of the memory."""

    key: str
    value: Any
    owner: str
    accessLevel: str


class Entries(BaseModel):
    """Entries of a partition."""

    partition: str
    entries: list[EntryView]


class Features(BaseModel):
    """The features in effect."""

    multiModelRouter: bool
    streaming: bool


class Health(BaseModel):
    """Whether the fleet works, and with which features."""

    status: str
    version: str
    features: Features
