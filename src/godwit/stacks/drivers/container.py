"""Brings a stack up in a container, with its dependencies, through testcontainers; refuses to start without an engine."""

import hashlib
import os
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import ExecWaitStrategy

from godwit.plan import Build, ContainerDriver, Dependency
from godwit.stacks import engine, guard, ports
from godwit.stacks.containers import Container, ContainerStack
from godwit.stacks.owners import this_process
from godwit.stacks.places import Placement, Places, fill, fill_text
from godwit.stacks.stack import Request, Stack
from godwit.verdict import StackError

LOCAL_PYTHON = "godwit/python:3"
WORK, PLAN = "/godwit/work", "/godwit/plan"
_USER = "godwit"


@dataclass(frozen=True, slots=True)
class _Server:
    """What a kind of dependency needs: images (local first), port, environment, command, and how it says it is ready."""

    variable: str
    images: tuple[str, str]
    port: int
    env: dict[str, str]
    command: list[str]
    ready: list[str]


_SERVERS = {
    "postgresql": _Server(
        "GODWIT_POSTGRESQL_IMAGE",
        ("godwit/postgresql:15", "postgres:15"),
        5432,
        {"POSTGRES_USER": _USER, "POSTGRES_PASSWORD": _USER, "POSTGRES_DB": _USER},
        # Faults end processes, never the kernel, so nothing that was committed can be lost without fsync.
        ["postgres", "-c", "fsync=off"],
        # Over TCP: while the official image prepares its data, it listens on a local socket only.
        ["pg_isready", "-h", "127.0.0.1", "-U", _USER, "-d", _USER],
    ),
    "redis": _Server("GODWIT_REDIS_IMAGE", ("godwit/redis:7", "redis:7"), 6379, {}, [], ["redis-cli", "ping"]),
}


_settings_lock = threading.Lock()


@contextmanager
def _without_reaper() -> Iterator[None]:
    """Our guard reaps; testcontainers' own reaper would have to be pulled from a registry first."""
    with _settings_lock:
        before = testcontainers_config.ryuk_disabled
        testcontainers_config.ryuk_disabled = True
        try:
            yield
        finally:
            testcontainers_config.ryuk_disabled = before


class Containers:
    """The `container` driver: one network for all roles, and an alias in it for each."""

    def __init__(self) -> None:
        self._client = engine.connect()
        self._network: Any = None
        self._users = 0

    def place(self, request: Request) -> Placement:
        """Choose the published ports: the stack's, and one for each dependency."""
        section: ContainerDriver = request.section
        port = ports.reserve()
        addresses_inside, addresses_outside = {}, {}
        for name, dependency in section.dependencies.items():
            server = _SERVERS[dependency.kind]
            addresses_inside[f"{name}.address"] = f"{request.role}-{name}:{server.port}"
            addresses_outside[f"{name}.address"] = f"{ports.LOOPBACK}:{ports.reserve()}"
        inside = {
            "python": "python",
            "host": "0.0.0.0",
            "port": str(section.port),
            "work": WORK,
            "plan_dir": PLAN,
            "url": f"http://{request.role}:{section.port}",
            **addresses_inside,
        }
        outside = {
            "python": request.site.python,
            "host": ports.LOOPBACK,
            "port": str(port),
            "work": str(request.work),
            "url": f"http://{ports.LOOPBACK}:{port}",
            **addresses_outside,
        }
        return Placement(inside, outside, section.store)

    def open(self, request: Request, places: Places) -> Stack:
        """Build or find the image and start the dependencies, which live until the stack is closed."""
        section: ContainerDriver = request.section
        inside = places.of(request.role, inside=True)
        env = {name: fill_text(text, inside) for name, text in section.env.items()}
        command = list(fill(section.command, inside))
        image = _image(self._client, request)
        texts = [*section.env.values(), *section.command, section.store or ""]
        mounts = _mounts(request, texts)
        guard.arm(this_process())
        servers: list[Container] = []
        held = [int(address.rpartition(":")[2]) for address in self._addresses(request, places).values()]
        self._users += 1
        try:
            self._join_network(request.site.run_id)
            for name, dependency in section.dependencies.items():
                servers.append(self._serve(request, places, name, dependency))
        except BaseException:
            self._give_back(servers, held)
            raise
        published = {f"{section.port}/tcp": (ports.LOOPBACK, int(places.of(request.role)["port"]))}

        def create(added: dict[str, str]) -> Container:
            container = self._container(request.site.run_id, image, request.role, published, {**env, **added}, command)
            container.volumes.update(mounts)
            return _started(container, f"start {image} as {request.role}")

        tried = f"container of {image}: {shlex.join(command) or 'its own command'}"
        return ContainerStack(request, places, create, tried, lambda: self._give_back(servers, held))

    def _addresses(self, request: Request, places: Places) -> dict[str, str]:
        own = places.of(request.role)
        return {name: own[f"{name}.address"] for name in request.section.dependencies}

    def _join_network(self, run_id: str) -> None:
        if self._network is None:
            owner = this_process()
            with engine.told("create a network"):
                self._network = self._client.networks.create(
                    f"godwit-{owner.pid}-{owner.start}-{id(self):x}", labels=engine.labels(run_id)
                )

    def _container(
        self,
        run_id: str,
        image: str,
        alias: str,
        published: dict[str, tuple[str, int]],
        env: dict[str, str],
        command: list[str],
    ) -> DockerContainer:
        network = self._network.name
        endpoint = self._client.api.create_endpoint_config(aliases=[alias])
        container = DockerContainer(image, env=dict(env))
        # An alias needs the network's own settings; init: a first process without handlers would ignore SIGTERM.
        container.with_kwargs(
            init=True, labels=engine.labels(run_id), network=network, networking_config={network: endpoint}
        )
        cast(dict[str, Any], container.ports).update(published)
        return container.with_command(command) if command else container

    def _serve(self, request: Request, places: Places, name: str, dependency: Dependency) -> Container:
        server = _SERVERS[dependency.kind]
        image = dependency.image or _first_local(self._client, server)
        _fetch(self._client, image, f"{request.role}'s {dependency.kind} ({name})", server.variable)
        port = int(self._addresses(request, places)[name].rpartition(":")[2])
        container = self._container(
            request.site.run_id,
            image,
            f"{request.role}-{name}",
            {f"{server.port}/tcp": (ports.LOOPBACK, port)},
            server.env,
            server.command,
        )
        container.waiting_for(ExecWaitStrategy(server.ready).with_poll_interval(0.1).with_startup_timeout(60))
        return _started(container, f"start {image} as {request.role}-{name}")

    def _give_back(self, servers: list[Container], held: list[int]) -> None:
        self._users -= 1
        try:
            for server in servers:
                with engine.told("remove a dependency"):
                    server.remove(v=True, force=True)
                server.client.close()
            if self._users == 0 and self._network is not None:
                with engine.told("remove the network"):
                    self._network.remove()
                self._network = None
                self._client.close()
        finally:
            for port in held:
                ports.release(port)


def _started(container: DockerContainer, what: str) -> Container:
    try:
        with engine.told(what), _without_reaper():
            container.start()
    except TimeoutError as error:
        lines = "\n".join(f"    {line}" for line in "\n".join(getattr(error, "__notes__", [])).splitlines()[-20:])
        _drop(container)
        raise StackError(f"{what}: not ready in time: {error}\n  last lines:\n{lines}") from None
    except BaseException:
        _drop(container)
        raise
    return container.get_wrapped_container()


def _drop(container: DockerContainer) -> None:
    with engine.told("remove a container that did not start"):
        container.stop()


def _mounts(request: Request, texts: list[str]) -> dict[str, Any]:
    """The folders that the stack's own words speak of, and no others."""
    wanted = {"{work}": (str(request.work), WORK, "rw"), "{plan_dir}": (str(request.site.plan_dir), PLAN, "ro")}
    return {
        folder: {"bind": target, "mode": mode}
        for place, (folder, target, mode) in wanted.items()
        if any(place in text for text in texts)
    }


def _first_local(client: Any, server: _Server) -> str:
    named, (local, public) = os.environ.get(server.variable), server.images
    return named or (local if engine.has_image(client, local) else public)


def _fetch(client: Any, image: str, whose: str, variable: str) -> None:
    if engine.has_image(client, image):
        return
    try:
        with engine.told(f"pull {image}"):
            client.images.pull(image)
    except StackError as error:
        raise StackError(
            f"{whose} needs the image {image}, which is not on this machine: {error}\n"
            f"  where no registry can be reached, containers/prepare makes local ones; {variable} names another"
        ) from None


def _image(client: Any, request: Request) -> str:
    section: ContainerDriver = request.section
    if section.build is not None:
        return _built(client, request, section.build)
    if section.image is None:
        raise StackError(f"stacks.{request.role}.drivers.container has neither build nor image: write one of them")
    _fetch(client, section.image, request.role, f"stacks.{request.role}.drivers.container.image")
    return section.image


def _built(client: Any, request: Request, build: Build) -> str:
    plan_dir = request.site.plan_dir
    context = (plan_dir / build.context).resolve()
    recipe = plan_dir / build.dockerfile
    if not recipe.is_file():
        raise StackError(f"stacks.{request.role}.drivers.container.build.dockerfile: there is no {recipe}")
    arguments = dict(build.args)
    if "BASE_IMAGE" not in arguments and engine.has_image(client, LOCAL_PYTHON):
        arguments["BASE_IMAGE"] = LOCAL_PYTHON
    for name in ("BASE_IMAGE", "PIP_ARGS"):
        if f"GODWIT_{name}" in os.environ:
            arguments[name] = os.environ[f"GODWIT_{name}"]
    key = hashlib.sha256(repr((str(context), str(recipe), sorted(arguments.items()))).encode()).hexdigest()[:12]
    tag = f"godwit-stack/{request.role}:{key}"
    engine.build(client, context, recipe, tag, arguments, f"build {request.role} from {recipe}")
    return tag
