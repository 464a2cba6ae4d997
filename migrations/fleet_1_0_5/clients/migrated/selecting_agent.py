"""An agent of a user's own for 1.0.5 that says which model works for it."""

from typing import Any

from agentic_qe import BaseAgent, ModelSelection, QETask


class SelectingAgent(BaseAgent):
    """Tells what was selected."""

    async def performTaskImpl(self, task: QETask, selection: ModelSelection | None = None) -> Any:
        """The answer's length, and the model, null while routing is off."""
        answer = await self.askModel(task)
        return {"length": len(answer), "model": selection.modelName if selection else None}
