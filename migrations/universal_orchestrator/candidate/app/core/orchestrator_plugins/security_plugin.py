"""SecurityPlugin: refuses agents with names or metadata that could do harm elsewhere, and counts them; logs no secret."""

import re
from collections.abc import Mapping
from typing import Any

from .contract import OrchestratorPlugin, PluginMetadata, PluginType

SAFE_ID = re.compile(r"[\w.@:-]{1,200}")
SECRET_KEYS = frozenset({"password", "token", "secret", "api_key"})


class SecurityPlugin(OrchestratorPlugin):
    """An agent's id is made of letters, digits and . _ @ : -; secrets in a task's metadata are masked."""

    def __init__(self) -> None:
        super().__init__(
            PluginMetadata("security", "1.0.0", PluginType.SECURITY, "Refuses what could do harm", priority=10)
        )
        self.refused = 0

    async def allows(self, action: str, details: Mapping[str, Any]) -> bool:
        """Whether the agent's id is harmless."""
        fine = action != "register_agent" or bool(SAFE_ID.fullmatch(str(details["agent_id"])))
        self.refused += not fine
        return fine

    async def pre_task_execution(self, task_context: dict[str, Any]) -> dict[str, Any]:
        """Mask secrets."""
        metadata = task_context.get("metadata") or {}
        if SECRET_KEYS.isdisjoint(metadata):
            return task_context
        masked = {key: "***" if key in SECRET_KEYS else value for key, value in metadata.items()}
        return {**task_context, "metadata": masked}

    async def health_check(self) -> dict[str, Any]:
        """How many agents were refused."""
        return {"status": "healthy", "refused": self.refused}


PLUGIN = SecurityPlugin
