"""The live view of a run: what it shows as events come, and that nothing of it is left over or gets between the run's words."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte
import pytest
from rich.console import Console

from godwit.reporting.live import LiveView, picture
from godwit.reporting.progress import Standing
from godwit.session import Event

Golden = Callable[[Path, str], None]
HERE = Path(__file__).parent / "golden"
BEGIN = [Event("stack", 0.0, "", "", "opening stacks (process)"), Event("run-started", 0.0, "", "40", "parity load")]
STEP = [
    Event("phase-entered", 1.0, "parity", "parity", "Both sides stand beside each other"),
    Event("step", 2.0, "parity", "parity/start-baseline", "start"),
    *(Event("check", 3.0, "parity", f"tiny/parity/answers/note-{number}") for number in range(10)),
]
LOAD = [
    *STEP,
    Event("phase-entered", 4.0, "load", "load", "The candidate bears the load"),
    Event("budget", 5.0, "load", "short", "share error_rate_percent < 5 % under short (n >= 90, 95% sure)"),
    Event("load", 6.0, "load", "short", "12 s: 1200 sent, 3 failed, p95 12.5 ms"),
]
DONE = [*LOAD, Event("load", 7.0, "load", "short", "done; other work used 3% of the machine")]
HOSTILE = [Event("phase-entered", 1.0, "load", "load", "red \x1b[31m\x1b[2J[bold]not[/bold] \u202e" + "x" * 900)]


def shown(events: Sequence[Event], width: int = 80, seconds: float = 83.4) -> str:
    standing = Standing()
    for event in (*BEGIN, *events):
        standing.take(event)
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(picture(standing, seconds))
    assert isinstance(console.file, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


@pytest.mark.parametrize(
    ("name", "events"),
    [("begin", []), ("step", STEP), ("load", LOAD), ("after-load", DONE), ("hostile", HOSTILE)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_view_shows(name: str, events: Sequence[Event], golden: Golden) -> None:
    golden(HERE / f"live-{name}.txt", shown(events))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(len(line) for line in shown([*LOAD, *HOSTILE], width).splitlines()) <= width


def test_what_the_run_says_stands_whole_and_of_the_view_nothing_is_left(tmp_path: Path) -> None:
    screen = pyte.Screen(60, 20)
    stream = pyte.Stream(screen)
    written = io.StringIO()
    console = Console(file=written, width=60, height=20, force_terminal=True, color_system="standard")
    with LiveView(tmp_path, console) as view:
        view.pass_on(
            [b"\x1b[32m....\x1b[0m    [ 50%]\n", b"moves \x1b[2Jnothing\x1b[H\n", b"\xff no text\n", b"last words"]
        )
    stream.feed(written.getvalue().replace("\n", "\r\n"))
    assert [line.rstrip() for line in screen.display if line.strip()] == [
        "....    [ 50%]",
        "moves nothing",
        "\ufffd no text",
        "last words",
    ]
    assert screen.buffer[0][0].fg == "green"
    assert not screen.cursor.hidden
