"""A tool of a user's own for 1.0.5: counts words, and says each as it comes if it is asked to stream."""

from typing import Any

from agentic_qe import BaseMCPTool, StreamCallbacks


class WordCountTool(BaseMCPTool):
    """Counts the words of a text."""

    name = "word-count"
    description = "Counts the words of a text"

    async def execute(self, params: Any) -> Any:
        """{text} to {words}."""
        return {"words": len(params["text"].split())}

    def supportsStreaming(self) -> bool:
        """It does."""
        return True

    async def executeStreaming(self, params: Any, callbacks: StreamCallbacks) -> Any:
        """Each word, and how many there were."""
        if callbacks.onStart:
            callbacks.onStart({"tool": self.name})
        words = params["text"].split()
        for index, word in enumerate(words):
            if callbacks.onChunk:
                callbacks.onChunk({"index": index, "data": word})
        result = {"words": len(words)}
        if callbacks.onComplete:
            callbacks.onComplete({"data": result})
        return result
