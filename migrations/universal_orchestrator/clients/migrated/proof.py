"""Sentences that a client finds true or not: prints each, and ends the program with exit code 1 if one is not."""

import sys
from typing import NoReturn


class Proof:
    """Collects; a proof without a sentence is none."""

    def __init__(self) -> None:
        self._said: list[bool] = []

    def that(self, sentence: str, holds: object) -> None:
        """Note one sentence."""
        self._said.append(bool(holds))
        print(f"{'ok' if holds else 'BROKEN'}: {sentence}", file=sys.stdout if holds else sys.stderr)

    def raises(self, sentence: str, kind: type[BaseException], error: BaseException | None) -> None:
        """Note that a deed raised this kind of exception."""
        self.that(sentence, isinstance(error, kind))

    def end(self) -> NoReturn:
        """End the program."""
        print(f"{sum(self._said)} of {len(self._said)} hold")
        raise SystemExit(0 if self._said and all(self._said) else 1)
