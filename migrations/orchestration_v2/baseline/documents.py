"""What callers send to the baseline and get from it; refuses wrong types instead of converting them."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

Role = Literal[
    "backend-engineer",
    "frontend-engineer",
    "ui-designer",
    "ux-researcher",
    "test-engineer",
    "qa-specialist",
    "devops-engineer",
    "sre",
    "pm",
    "product-owner",
]
Skill = Literal[
    "api", "web", "design", "research", "testing", "quality", "deployment", "reliability", "planning", "product"
]
TaskStatus = Literal["queued", "assigned", "completed", "failed", "cancelled"]
WorkflowStatus = Literal["active", "paused", "completed"]
StepState = Literal["pending", "running", "done"]

SKILLS: dict[Skill, Role] = {
    "api": "backend-engineer",
    "web": "frontend-engineer",
    "design": "ui-designer",
    "research": "ux-researcher",
    "testing": "test-engineer",
    "quality": "qa-specialist",
    "deployment": "devops-engineer",
    "reliability": "sre",
    "planning": "pm",
    "product": "product-owner",
}


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the character U+0000")
    return text


def _storable(value: Any) -> Any:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise ValueError(f"cannot be kept as JSON: {error}") from error
    return value


Text = Annotated[str, AfterValidator(_without_nul)]
Named = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_without_nul)]
Json = Annotated[JsonValue, AfterValidator(_storable)]
Wide = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]


class Document(BaseModel):
    """Types are taken as they are sent: "3" is not 3."""

    model_config = ConfigDict(strict=True)


class TaskOrder(Document):
    """A task to be made; without role and skill any agent may get it."""

    title: Named
    created_by: Named
    role: Role | None = None
    skill: Skill | None = None
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    workflow_id: Text | None = None
    estimate: Wide | None = None
    notes: Text | None = None


class BatchOrder(Document):
    """Up to 500 tasks at once; with `run` each of them is completed at once as well."""

    tasks: Annotated[list[TaskOrder], Field(min_length=1, max_length=500)]
    run: bool = False


class Completion(Document):
    """How a task ended."""

    success: bool
    result: Json = None


class StepOrder(Document):
    """Who does one step."""

    agent: Role


class WorkflowOrder(Document):
    """A workflow to be made."""

    title: Named
    owner: Named
    critical: bool = False
    steps: Annotated[list[StepOrder], Field(min_length=1, max_length=100)]


class MessageOrder(Document):
    """A message to be delivered."""

    sender: Role
    recipient: Role
    body: Text


class Task(Document):
    """A task as callers see it."""

    id: Named
    title: Text
    agent: str | None
    status: TaskStatus
    priority: int
    workflow_id: str | None
    created_by: Text
    created_at: str
    estimate: int | None
    result: Json
    notes: str | None
    tags: list[str]


class TaskPage(Document):
    """Some tasks in the order of their ids, and where the next page begins."""

    tasks: list[Task]
    next: str | None


class BatchReceipt(Document):
    """What came of a batch."""

    accepted: int
    ids: list[str]


class Step(Document):
    """One step of a workflow."""

    seq: int
    agent: str
    state: StepState


class WorkflowSummary(Document):
    """A workflow without its steps."""

    id: Named
    title: Text
    status: WorkflowStatus
    critical: bool
    owner: Text
    created_at: str


class Workflow(WorkflowSummary):
    """A workflow as callers see it."""

    steps: list[Step]


class WorkflowList(Document):
    """All workflows, or those with one status."""

    workflows: list[WorkflowSummary]


class Agent(Document):
    """An agent and how busy it is."""

    id: str
    role: str
    capacity: int
    load: int
    talks_to: list[str]


class AgentList(Document):
    """All agents in the order of their ids."""

    agents: list[Agent]


class Message(Document):
    """A delivered message."""

    id: Named
    sender: str
    recipient: str
    body: str
    sent_at: str


class MessageList(Document):
    """The newest messages of an agent, newest last."""

    messages: list[Message]


class Delivery(Document):
    """The receipt of a message."""

    id: str
    delivered: bool


class Integrity(Document):
    """What a scan of all tasks and workflows found."""

    tasks: int
    workflows: int
    orphans: int
    corrupt: int
    checksum: str


class Health(Document):
    """Whether the service can work."""

    status: str
    version: str
    tasks: int


class TaskCopy(Task):
    """A task made by the other side."""

    deleted: bool = False
    idempotency_key: str | None = None


class TaskRemoval(Document):
    """A task deleted on the other side."""

    model_config = ConfigDict(strict=True, extra="forbid")

    id: str
    deleted: Literal[True]
