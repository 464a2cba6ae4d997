"""Agents of a user's own: one that counts warnings, and one that builds on it."""

from agentic_qe import BaseAgent


class LintAgent(BaseAgent):
    """Counts what the model warns of."""

    async def performTask(self, task):
        """One warning a line."""
        answer = await self.askModel(task)
        return {"warnings": len(answer.splitlines()), "files": sorted(task.context)}


class StrictLintAgent(LintAgent):
    """Lets no warning pass."""

    async def performTask(self, task):
        """As its parent does, with a judgement."""
        result = await super().performTask(task)
        return {**result, "passed": result["warnings"] == 0}
