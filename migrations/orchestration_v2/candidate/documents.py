"""What callers send to the candidate and get from it; refuses wrong types instead of converting them."""

import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

TEAM_OF_ROLE = {
    "backend-engineer": "engineering-fullstack",
    "frontend-engineer": "engineering-fullstack",
    "ui-designer": "engineering-ux",
    "ux-researcher": "engineering-ux",
    "test-engineer": "qa-analyst",
    "qa-specialist": "qa-analyst",
    "devops-engineer": "devops-infrastructure",
    "sre": "devops-infrastructure",
    "pm": "product-manager",
    "product-owner": "product-manager",
}
ROLE_OF_SKILL = {
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

TaskState = StrEnum("TaskState", ["queued", "assigned", "completed", "failed", "cancelled"])
WorkflowState = StrEnum("WorkflowState", ["active", "paused", "completed"])
RecordKind = Literal["task", "workflow", "message"]


def _one_of(names: dict[str, str]) -> BeforeValidator:
    def check(value: object) -> object:
        if value is not None and (not isinstance(value, str) or value not in names):
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return BeforeValidator(check)


def _keepable(value: object) -> object:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, str) and "\0" in value:
        raise ValueError("the character U+0000 cannot be kept")
    text.encode("utf-8")
    return value


Keepable = BeforeValidator(_keepable)
String = Annotated[str, Keepable]
Name = Annotated[str, Keepable, Field(min_length=1, max_length=500)]
RoleName = Annotated[str, _one_of(TEAM_OF_ROLE), Field(json_schema_extra={"enum": list(TEAM_OF_ROLE)})]
SkillName = Annotated[str, _one_of(ROLE_OF_SKILL), Field(json_schema_extra={"enum": list(ROLE_OF_SKILL)})]
Anything = Annotated[JsonValue, Keepable]


class Body(BaseModel):
    """No type is converted into another."""

    model_config = ConfigDict(strict=True)


class NewTask(Body):
    """A task for a role, for whoever has a skill, or for anybody."""

    title: Name
    created_by: Name
    role: RoleName | None = None
    skill: SkillName | None = None
    priority: int = Field(3, ge=1, le=5)
    workflow_id: String | None = None
    estimate: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    notes: String | None = None


class NewBatch(Body):
    """Tasks that are submitted together, and completed at once with `run`."""

    tasks: list[NewTask] = Field(min_length=1, max_length=500)
    run: bool = False


class Ending(Body):
    """How a task ended."""

    success: bool
    result: Anything = None


class NewStep(Body):
    """A step and the role that does it."""

    agent: RoleName


class NewWorkflow(Body):
    """A workflow of one step or more."""

    title: Name
    owner: Name
    critical: bool = False
    steps: list[NewStep] = Field(min_length=1, max_length=100)


class NewMessage(Body):
    """A message from one role to another."""

    sender: RoleName
    recipient: RoleName
    body: String


class NewEvent(Body):
    """An event for the bus; without a team it goes out under the team that publishes its topic."""

    topic: Name
    team: Name | None = None
    payload: Anything = None


class NewEvents(Body):
    """Up to 1000 events."""

    events: list[NewEvent] = Field(min_length=1, max_length=1000)


class TaskDocument(Body):
    """A task in the words of the v1 API."""

    id: Name
    title: String
    agent: String | None
    status: Literal["queued", "assigned", "completed", "failed", "cancelled"]
    priority: int
    workflow_id: String | None
    created_by: String
    created_at: String
    estimate: int | None
    result: Anything
    notes: String | None
    tags: list[str]


class TaskCopyDocument(TaskDocument):
    """A task that the other side made."""

    deleted: bool = False
    idempotency_key: str | None = None


class StepDocument(Body):
    """A step in the words of the v1 API."""

    seq: int
    agent: str
    state: Literal["pending", "running", "done"]


class WorkflowHead(Body):
    """A workflow without steps."""

    id: Name
    title: String
    status: Literal["active", "paused", "completed"]
    critical: bool
    owner: String
    created_at: String


class WorkflowDocument(WorkflowHead):
    """A workflow in the words of the v1 API."""

    steps: list[StepDocument]


class MessageDocument(Body):
    """A message in the words of the v1 API."""

    id: Name
    sender: String
    recipient: String
    body: String
    sent_at: String


class AgentDocument(Body):
    """A role in the words of the v1 API, where it was an agent."""

    id: str
    role: str
    capacity: int
    load: int
    talks_to: list[str]


class Agents(Body):
    """All agents."""

    agents: list[AgentDocument]


class Tasks(Body):
    """A page of tasks and where the next one begins."""

    tasks: list[TaskDocument]
    next: str | None


class Accepted(Body):
    """Ids of the tasks of a batch."""

    accepted: int
    ids: list[str]


class Workflows(Body):
    """Workflows without their steps."""

    workflows: list[WorkflowHead]


class Messages(Body):
    """Messages, newest last."""

    messages: list[MessageDocument]


class Receipt(Body):
    """A delivered message."""

    id: str
    delivered: bool


class IntegrityDocument(Body):
    """The result of a scan."""

    tasks: int
    workflows: int
    orphans: int
    corrupt: int
    checksum: str


class HealthDocument(Body):
    """Whether the service can work."""

    status: str
    version: str
    tasks: int


class ReplicaBody(Body):
    """One record of the other side or several of one kind."""

    kind: RecordKind
    record: dict[str, Any] | None = None
    records: list[dict[str, Any]] = Field(default_factory=list, max_length=500)


class RecordsWanted(Body):
    """Records to be handed out."""

    kind: RecordKind
    ids: list[str] = Field(max_length=500)
