"""OrchestratorPlugin and its metadata: what a plugin may do; every hook does nothing unless a plugin overrides it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class PluginType(StrEnum):
    """What a plugin is for."""

    PERFORMANCE = "performance"
    SECURITY = "security"
    CONTEXT = "context"
    AUTOMATION = "automation"
    PRODUCTION = "production"
    WORKFLOW = "workflow"


@dataclass(frozen=True)
class PluginMetadata:
    """Who a plugin is; `dependencies` are plugins or services, a lower `priority` has its hooks called earlier."""

    name: str
    version: str
    plugin_type: PluginType
    description: str = ""
    dependencies: list[str] = field(default_factory=list)
    priority: int = 100


class OrchestratorPlugin:
    """The parent of all plugins."""

    def __init__(self, metadata: PluginMetadata) -> None:
        self.metadata = metadata

    async def initialize(self, orchestrator_context: Any) -> bool:
        """Whether the plugin can work; with False it stays inactive."""
        return True

    async def pre_task_execution(self, task_context: dict[str, Any]) -> dict[str, Any]:
        """The context with which the task goes on."""
        return task_context

    async def post_task_execution(self, task_context: dict[str, Any], result: Any) -> Any:
        """The result that is kept."""
        return result

    async def allows(self, action: str, details: Mapping[str, Any]) -> bool:
        """Whether an action may be done."""
        return True

    async def health_check(self) -> dict[str, Any]:
        """A dict with `status`; healthy or what it is instead."""
        return {"status": "healthy"}

    async def cleanup(self) -> None:
        """Let go of everything."""
