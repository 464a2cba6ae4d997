"""`godwit record`: a reverse proxy before a baseline that writes what clients ask of it into a file to be replayed."""

import signal
import threading
from pathlib import Path

import click

from godwit.cli.addresses import check_system
from godwit.verdict import GodwitError


@click.command()
@click.option("--url", required=True, help="The system that is recorded, such as http://127.0.0.1:8000.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The recording (.jsonl).")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8099, show_default=True, help="Where clients ask instead."
)
@click.option(
    "--limit", type=click.IntRange(1), default=10_000, show_default=True, help="Stop after so many exchanges."
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Stop after so many seconds.")
@click.option("--keep-secrets", is_flag=True, help="Write tokens, cookies and passwords as they are.")
@click.option(
    "--allow", "allowed", multiple=True, metavar="HOST", help="A host other than loopback that may be recorded."
)
@click.option("--force", is_flag=True, help="Write over a recording that is there.")
def record(
    url: str, out: Path, port: int, limit: int, seconds: float | None, keep_secrets: bool, allowed: tuple[str, ...], force: bool
) -> None:  # fmt: skip
    """Record what clients ask of a system, until Ctrl-C.

    Let clients ask http://127.0.0.1:PORT instead of URL. Name the file in the plan, under surfaces.http.recordings.
    """
    from godwit.surfaces.recording import Recording, find_mitmdump
    from godwit.surfaces.recording import record as run

    _check(url, out, allowed, force)
    recording = Recording(
        find_mitmdump(), url, out, port, exchanges_at_most=limit, seconds_at_most=seconds, keep_secrets=keep_secrets
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    said = f"recording {url} at http://127.0.0.1:{port} into {out}; Ctrl-C ends it"
    exchanges, secrets = run(recording, stop, lambda: click.echo(said))
    click.echo(f"{exchanges} exchange(s) in {out}, {secrets} secret(s) masked")
    if not exchanges:
        raise GodwitError(f"nothing was asked at http://127.0.0.1:{port}, so the recording is empty")


def _check(url: str, out: Path, allowed: tuple[str, ...], force: bool) -> None:
    check_system("--url", url, allowed)
    if out.suffix != ".jsonl":
        raise GodwitError(f"--out {out}: a recording ends with .jsonl")
    if out.exists() and not force:
        raise GodwitError(f"--out {out} is there already; name another file, or write over it with --force")
    if not out.parent.is_dir():
        raise GodwitError(f"--out {out}: there is no folder {out.parent}")
