"""A tool of a user's own: counts words."""

from agentic_qe import BaseMCPTool


class WordCountTool(BaseMCPTool):
    """Counts the words of a text."""

    name = "word-count"
    description = "Counts the words of a text"

    async def execute(self, params):
        """{text} to {words}."""
        return {"words": len(params["text"].split())}
