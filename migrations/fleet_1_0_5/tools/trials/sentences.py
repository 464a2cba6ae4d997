"""Counts sentences that hold and those that do not; decides none of them itself."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Sentences:
    """What a trial said; `out` takes each line."""

    out: Callable[[str], None]
    broken: list[str] = field(default_factory=list)
    n: int = 0

    def say(self, sentence: str, is_so: object, seen: object = "") -> None:
        """One sentence, and what was seen instead where it does not hold."""
        self.n += 1
        if is_so:
            self.out(f"holds: {sentence}")
            return
        self.broken.append(sentence)
        self.out(f"DOES NOT HOLD: {sentence}; seen: {str(seen)[:400]}")

    def same(self, sentence: str, found: object, wanted: object) -> None:
        """One sentence about equality."""
        self.say(sentence, found == wanted, f"{found!r} instead of {wanted!r}")

    def finish(self) -> str:
        """How many held."""
        return f"{self.n - len(self.broken)} of {self.n} hold"
