"""What users say about the candidate, kept in a journal; judges none of it."""

from typing import Any

from plumbing.journal import Journal


class FeedbackBox:
    """What users say about the candidate."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def keep(self, feedback: dict[str, Any]) -> None:
        """Adds one opinion."""
        self._journal.append(feedback)

    def summary(self) -> dict[str, Any]:
        """All opinions, how many there are, and the mean score (1 to 5), null without any."""
        opinions = self._journal.entries()
        scores = [opinion["score"] for opinion in opinions]
        mean = round(sum(scores) / len(scores), 4) if scores else None
        return {"feedback": opinions, "count": len(opinions), "average": mean}
