"""`godwit doctor`, `clean`: looks at the machine and at what crashed runs left; needs no library that may be missing."""

import importlib.util
import os
import shutil
import sys

import click


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what belongs to runs that still go on.")
def clean(everything: bool) -> None:
    """End what crashed runs left behind: processes, containers, networks."""
    from godwit.stacks import sweep

    swept = sweep(everything)
    for line in swept:
        click.echo(line)
    click.echo(f"{len(swept)} left-over(s) ended")


_NEEDS = {
    "the migrations extra": ("aiohttp", "fastapi", "uvicorn", "redis", "psycopg"),
    "load": ("locust",),
    "containers": ("testcontainers", "docker"),
}


@click.command()
def doctor() -> None:
    """Say what this machine can run: Python, libraries, Docker, loopback; and what to install for the rest."""
    ok = sys.version_info >= (3, 11)
    _say(ok, f"Python {sys.version.split()[0]}", "godwit needs Python 3.11 or later")
    for what, modules in _NEEDS.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        hint = f"missing {', '.join(missing)}: pip install 'pytest-godwit[migrations]'"
        _say(not missing, f"{what}: {', '.join(modules)}", hint)
        ok = ok and not missing
    socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    answers = importlib.util.find_spec("docker") is not None and _docker_answers()
    hint = (
        f"no Docker Engine at {socket}: install docker.io for the container profile; the process profile works without"
    )
    _say(answers, f"Docker Engine at {socket}", hint)
    for program, use in (("node", "Allure 3 reports"), ("java", "Allure 2 reports")):
        _say(shutil.which(program) is not None, f"{program} (optional)", f"{program} is not there: only {use} need it")
    sys.exit(0 if ok else 1)


def _say(good: bool, what: str, otherwise: str) -> None:
    click.echo(f"{'ok  ' if good else 'no  '} {what if good else otherwise}")


def _docker_answers() -> bool:
    from godwit.stacks import engine_answers

    return engine_answers()
