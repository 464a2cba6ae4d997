"""Agents of a user's own: one that counts warnings, and one that builds on it."""

from agentic_qe import BaseAgent


class LintAgent(BaseAgent):
    """Counts what the model warns of."""

    async def performTaskImpl(self, task, selection=None):
        """One warning a line."""
        answer = await self.askModel(task)
        return {"warnings": len(answer.splitlines()), "files": sorted(task.context)}

    async def performTask(self, task):
        """The name of 1.0.4, for those who call it."""
        return await self.performTaskImpl(task)


class StrictLintAgent(LintAgent):
    """Lets no warning pass."""

    async def performTaskImpl(self, task, selection=None):
        """As its parent does, with a judgement."""
        result = await super().performTaskImpl(task, selection)
        return {**result, "passed": result["warnings"] == 0}

    async def performTask(self, task):
        """The name of 1.0.4, for those who call it."""
        return await self.performTaskImpl(task)
