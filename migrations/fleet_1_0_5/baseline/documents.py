"""What callers send to the fleet and get from it; refuses wrong types instead of converting them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue


def _storable(text: str) -> str:
    if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("must not contain U+0000 or half a surrogate pair")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Named = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_storable)]
Tokens = Annotated[int, Field(ge=0, le=1_000_000)]
Label = Literal["simple", "medium", "complex"]


class Document(BaseModel):
    """Types are taken as they are sent: "3" is not 3."""

    model_config = ConfigDict(strict=True)


class TaskOrder(Document):
    """A task for an agent of a type, with what is known of its size."""

    agentType: Named
    description: Named
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    inputTokens: Tokens = 1000
    outputTokens: Tokens = 600
    steps: Annotated[int, Field(ge=0, le=1000)] = 0
    context: Annotated[list[Text], Field(max_length=100)] = []
    label: Label | None = None


class AgentOrder(Document):
    """An agent that is to be spawned."""

    type: Named


class ToolCall(Document):
    """What a tool is called with."""

    params: dict[str, JsonValue] = {}


class Usage(BaseModel):
    """Tokens that were paid for."""

    inputTokens: int
    outputTokens: int


class Task(BaseModel):
    """A task with its result."""

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


class TaskPage(BaseModel):
    """Tasks in the order of their ids; `next` is the cursor of the next page."""

    tasks: list[Task]
    next: str | None


class Agent(BaseModel):
    """A spawned agent."""

    id: str
    type: str
    status: Literal["idle", "busy"]


class AgentList(BaseModel):
    """All agents."""

    agents: list[Agent]


class Tool(BaseModel):
    """A tool."""

    name: str
    description: str


class ToolList(BaseModel):
    """All tools."""

    tools: list[Tool]


class ToolResult(BaseModel):
    """What a tool returned."""

    tool: str
    result: Any


class PartitionList(BaseModel):
    """Names of the memory's partitions."""

    partitions: list[str]


class Entry(BaseModel):
    """One entry of the memory."""

    key: str
    value: Any
    owner: str
    accessLevel: str


class EntryList(BaseModel):
    """What a partition holds, in the order of its keys."""

    partition: str
    entries: list[Entry]


class Health(BaseModel):
    """Whether the fleet works."""

    status: str
    version: str
