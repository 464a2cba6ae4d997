"""A run on a terminal while it goes on: phase, step, checks, load and budget below what the run says; it moves no cursor elsewhere."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from godwit.reporting.plain import one_line
from godwit.reporting.progress import Follower, Standing
from godwit.session import Event

_WIDE = 400
_A_SECOND = 4
_ROWS = ("step", "load", "budget", "check", "now")


class LiveView:
    """What `with LiveView(out) as view:` shows until the block ends; then nothing of it is left on the terminal."""

    def __init__(self, out: Path, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._clock = clock
        self._began = clock()
        self._standing = Standing()
        self._follower = Follower(out, self._take)
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> "LiveView":
        self._live.start()
        self._follower.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._follower.stop()
        self._live.stop()

    def pass_on(self, lines: Iterable[bytes]) -> None:
        """Show what the run says, line by line as it comes, above the view; colours stay, nothing else moves the cursor."""
        for line in lines:
            self._console.print(Text.from_ansi(line.decode("utf-8", errors="replace").rstrip("\r\n")), soft_wrap=True)

    def _take(self, events: list[Event]) -> None:
        for event in events:
            self._standing.take(event)

    def _picture(self) -> RenderableType:
        return picture(self._standing, self._clock() - self._began)


def picture(standing: Standing, seconds: float) -> RenderableType:
    """The view after so many seconds: a line for phase and time, the checks, and what goes on in the phase."""
    phase = standing.phase
    where = f"{standing.place_of(phase)}: {phase.text}" if phase else "starting"
    head = Table.grid(expand=True, padding=(0, 1))
    head.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    head.add_column(justify="right", no_wrap=True)
    head.add_row(Text(one_line(where, _WIDE), style="bold"), f"{int(seconds) // 60:02}:{int(seconds) % 60:02}")
    done = Table.grid(expand=True, padding=(0, 1))
    done.add_column(ratio=1)
    done.add_column(justify="right", no_wrap=True)
    count = len(standing.checks)
    bar = ProgressBar(total=max(standing.total, 1), completed=min(count, standing.total))
    done.add_row(bar, f"{count} of {standing.total} checks")
    rows = Table.grid(padding=(0, 1))
    rows.add_column(no_wrap=True, style="dim", min_width=max(map(len, _ROWS)))
    rows.add_column(no_wrap=True, overflow="ellipsis")
    for name in _ROWS:
        if event := standing.told.get(name):
            rows.add_row(name, Text(one_line(_said(event), _WIDE)))
    return Group(head, done, rows)


def _said(event: Event) -> str:
    kind = "" if event.kind in _ROWS else event.kind
    return " ".join(part for part in (kind, event.subject, event.text) if part)
