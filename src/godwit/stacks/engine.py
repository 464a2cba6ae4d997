"""The container engine: whether it answers, and what runs left in it; refuses to touch what godwit does not own."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests.exceptions

from godwit.stacks.owners import Owner, here, parse, this_process
from godwit.verdict import StackError

RUN, OWNER, HOST, BUILT = "godwit.run", "godwit.owner", "godwit.host", "godwit.built"

_ABSENT = (
    "no container engine answers at {where}: {error}\n"
    "  start Docker (package docker.io or docker-ce; `docker version` must show a server), or set DOCKER_HOST\n"
    "  the process profile needs no engine: run again with profile process"
)


def _socket() -> str:
    return os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"


def may_answer() -> bool:
    """Whether there is any sign of an engine; cheap, and no proof."""
    where = _socket()
    return not where.startswith("unix://") or Path(where.removeprefix("unix://")).exists()


def connect(timeout_s: int = 60) -> docker.DockerClient:
    """A client of the engine; raises StackError that says what to install, or that the process profile does without."""
    try:
        client = docker.from_env(timeout=timeout_s)
        client.ping()
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise StackError(_ABSENT.format(where=_socket(), error=error)) from None
    return client


def answers() -> bool:
    """Whether an engine answers now."""
    if not may_answer():
        return False
    try:
        connect(5).close()
    except StackError:
        return False
    return True


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn an engine's refusal into a StackError that says what was tried."""
    try:
        yield
    except docker.errors.BuildError:
        raise
    except docker.errors.ImageNotFound as error:
        raise StackError(
            f"{what}: the image is not on this machine and could not be had: {error.explanation}"
        ) from None
    except docker.errors.APIError as error:
        raise StackError(f"{what}: the engine said {error.status_code}: {error.explanation or error}") from None
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise StackError(f"{what}: {error}") from None


def is_gone(error: BaseException) -> bool:
    """Whether an engine's refusal only says that the thing is not there any more."""
    return isinstance(error, docker.errors.NotFound)


def build(client: Any, context: Path, recipe: Path, tag: str, arguments: dict[str, str], what: str) -> None:
    """Build an image; raises StackError with the last lines of the build."""
    try:
        with told(what):
            client.images.build(
                path=str(context),
                dockerfile=str(recipe),
                tag=tag,
                buildargs=arguments,
                labels={BUILT: ""},
                rm=True,
                forcerm=True,
            )
            # What an earlier build of ours left without a name; an image in use stays.
            client.images.prune(filters={"dangling": True, "label": BUILT})
    except docker.errors.BuildError as error:
        lines = "".join(str(entry.get("stream", "")) for entry in error.build_log).splitlines()[-20:]
        shown = "\n".join(f"    {line}" for line in lines)
        base = arguments.get("BASE_IMAGE", "the Dockerfile's own")
        raise StackError(
            f"{what}: {error}\n  base image: {base} (GODWIT_BASE_IMAGE names another; where no registry can be reached, "
            f"containers/prepare makes one)\n{shown}"
        ) from None


def labels(run_id: str) -> dict[str, str]:
    """What every container, network and volume of ours carries."""
    return {RUN: run_id, OWNER: str(this_process()), HOST: here()}


def has_image(client: docker.DockerClient, name: str) -> bool:
    """Whether an image is on this machine."""
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        return False
    return True


def _labels_of(thing: Any) -> dict[str, str]:
    return thing.attrs.get("Labels") or thing.attrs.get("Config", {}).get("Labels") or {}


def remove_owned(ends: Callable[[Owner], bool], host: str) -> list[str]:
    """Remove containers, networks and volumes of this machine's owners for which `ends` is true; one line for each."""
    try:
        client = connect(30)
    except StackError:
        return []
    removed: list[str] = []
    wanted: dict[str, str | list[str] | bool] = {"label": OWNER}
    found: list[tuple[str, Callable[[], list[Any]], dict[str, bool]]] = [
        (
            "container",
            lambda: client.containers.list(all=True, filters=wanted, ignore_removed=True),
            {"v": True, "force": True},
        ),
        ("network", lambda: client.networks.list(filters=wanted), {}),
        ("volume", lambda: client.volumes.list(filters=wanted), {"force": True}),
    ]
    for kind, things, how in found:
        for thing in things():
            owner = parse(_labels_of(thing).get(OWNER, ""))
            if owner is None or _labels_of(thing).get(HOST) != host or not ends(owner):
                continue
            try:
                thing.remove(**how)
                removed.append(f"{kind} {thing.name} of {owner}")
            except docker.errors.APIError:  # somebody else was quicker
                continue
    client.close()
    return removed
