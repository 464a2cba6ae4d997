"""How a tool says no."""


class RefusedError(Exception):
    """What a tool could not or would not do, in one line for each reason."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
