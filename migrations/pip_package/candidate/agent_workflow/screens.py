"""What commands show: headings, trees of lines, a progress bar where there is a terminal; decides nothing."""

import sys
from typing import Any

import click

GOOD, BAD = "✓", "✗"
WIDTH = 55


def is_terminal() -> bool:
    """Whether somebody looks on."""
    return sys.stdout.isatty()


def title(words: str) -> None:
    """A heading in a double frame."""
    click.echo(f"╔{'═' * WIDTH}╗\n║{words.center(WIDTH)}║\n╚{'═' * WIDTH}╝\n")


def part(words: str) -> None:
    """A heading of its own, underlined."""
    click.echo(f"\n{click.style(words, bold=True)}\n{'─' * len(words)}")


def tree(heading: str, lines: list[str]) -> None:
    """Lines below a heading."""
    click.echo(heading)
    for number, line in enumerate(lines, 1):
        click.echo(f"{'└' if number == len(lines) else '├'}── {line}")
    click.echo()


def mark(good: bool) -> str:
    """A tick or a cross."""
    return GOOD if good else BAD


class Bar:
    """A bar that is told how many of how many are done; one line at the end where nobody looks on."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._shown: Any = None

    def __call__(self, done: int, of: int) -> None:
        """So many are done."""
        if is_terminal() and self._shown is None:
            from rich.progress import BarColumn, Progress, TextColumn

            self._shown = Progress(
                TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%")
            )
            self._shown.start()
            self._shown.add_task(self._words, total=of)
        if self._shown is not None:
            self._shown.update(0, completed=done)
        if done == of:
            self._close(of)

    def _close(self, of: int) -> None:
        if self._shown is None:
            click.echo(f"{self._words}: {of} of {of} files")
        else:
            self._shown.stop()
            self._shown = None
