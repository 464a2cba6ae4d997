"""Opens a plan's stacks under one profile: finds the driver, lays out places; starts dependencies, nothing else."""

import importlib
import importlib.metadata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from godwit.plan import Stacks, StackSpec
from godwit.stacks import ports
from godwit.stacks.places import Places, lay_out
from godwit.stacks.stack import Driver, Request, Site, Stack
from godwit.verdict import GodwitError

_BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "process": "godwit.stacks.drivers.process:Processes",
        "container": "godwit.stacks.drivers.container:Containers",
        "endpoint": "godwit.stacks.drivers.endpoint:Endpoints",
        "installation": "godwit.stacks.drivers.installation:Installations",
        "library": "godwit.stacks.drivers.library:Libraries",
    }
)


def drivers() -> Mapping[str, str]:
    """Every driver by profile as `module:class`: built in, or of the entry point group `godwit.drivers`."""
    found = importlib.metadata.entry_points(group="godwit.drivers")
    return {**{entry.name: entry.value for entry in found}, **_BUILT_IN}


_WITHOUT_PATH = ("library", "installation")
"""Drivers whose stacks answer no requests: their health is told without a path."""


def _known(profile: str) -> str:
    known = drivers()
    if profile not in known:
        raise GodwitError(f"no driver for profile {profile!r}; known: {', '.join(sorted(known))}")
    return known[profile]


def _driver(profile: str) -> Driver:
    module, _, name = _known(profile).partition(":")
    return cast(Driver, getattr(importlib.import_module(module), name)())


class OpenStacks(Mapping[str, Stack]):
    """The stacks by role, and the places that texts of the plan may use. Leaving its `with` block closes all."""

    def __init__(self, stacks: Mapping[str, Stack], places: Places) -> None:
        self._stacks, self.places = stacks, places

    def __getitem__(self, role: str) -> Stack:
        return self._stacks[role]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stacks)

    def __len__(self) -> int:
        return len(self._stacks)

    def __enter__(self) -> "OpenStacks":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all, the last opened first; every one is tried, then the first error is raised."""
        _close_all(self._stacks)


def _close_all(stacks: Mapping[str, Stack]) -> None:
    errors: list[Exception] = []
    for stack in reversed(list(stacks.values())):
        try:
            stack.close()
        except Exception as error:  # noqa: BLE001 - one that cannot be closed must not keep the others open
            errors.append(error)
    if errors:
        raise errors[0]


def open_stacks(
    stacks: Stacks,
    profile: str,
    site: Site,
    extra_env: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    candidate_as_baseline: bool = False,
    allow: Collection[str] = (),
    one_store: bool = False,
) -> OpenStacks:
    """Prepare the stacks of a plan: ports, images, environments, dependencies; none of them is started.

    `extra_env` (by role, literal, read again at every start) is added to the plan's environment. With
    `candidate_as_baseline` the baseline stands in both roles, the second with a work folder of its own, and on the store of
    the first where both sides have `one_store`. `allow` names hosts beyond loopback: `<host>` may be reached,
    `write:<host>` may be written to.
    Raises StackError or GodwitError with nothing left open.
    """
    _known(profile)
    requests = dict(_requests(stacks, profile, site, extra_env, candidate_as_baseline, allow))
    kinds = {role: str(request.spec.drivers.under(profile)) for role, request in requests.items()}
    known = {kind: _driver(kind) for kind in kinds.values()}
    shared = {
        "python": site.python,
        "host": "127.0.0.1",
        "work": str(site.work),
        "plan_dir": str(site.plan_dir),
        "seed": str(site.seed),
    }
    with ports.given_back_on_error():
        placed = {role: known[kinds[role]].place(request) for role, request in requests.items()}
        if candidate_as_baseline and one_store and placed["candidate"].store is not None:
            placed["candidate"] = replace(placed["candidate"], store="{baseline.store}")
        places = lay_out(shared, placed)
        opened: dict[str, Stack] = {}
        try:
            for role, request in requests.items():
                opened[role] = known[kinds[role]].open(request, places)
        except BaseException:
            _close_all(opened)
            raise
    return OpenStacks(MappingProxyType(opened), places)


def open_again(
    stacks: Stacks,
    role: str,
    site: Site,
    beside: Places,
    extra_env: Mapping[str, Mapping[str, str]],
    store: str | None = None,
) -> Stack:
    """A second instance of a role, as a process beside the stacks that are open, with a port of its own.

    It has a work folder of its own; with `store` (a URL) it has that store instead, and the files of the first beside it.
    It is not started. Raises GodwitError when the role has no `process` driver.
    """
    spec = getattr(stacks, role)
    if spec is None or spec.drivers.process is None:
        raise GodwitError(f"a second instance of {role} is a process; write stacks.{role}.drivers.process")
    work = site.work if store else site.work / "again"
    own = replace(site, work=work, logs=site.logs / (work.name if store is None else f"on-{_name_of(store)}"))
    own.work.mkdir(parents=True, exist_ok=True)
    request = Request(role, spec, spec.drivers.process, own, own.work, extra_env)
    driver = _driver("process")
    with ports.given_back_on_error():
        return driver.open(request, beside.but(role, driver.place(request), store))


def _name_of(store: str) -> str:
    return store.rpartition("/")[2].partition("?")[0].removesuffix(".db") or "store"


def _requests(
    stacks: Stacks,
    profile: str,
    site: Site,
    extra_env: Mapping[str, Mapping[str, str]],
    candidate_as_baseline: bool,
    allow: Collection[str],
) -> Iterator[tuple[str, Request]]:
    specs: dict[str, StackSpec | None] = {
        "baseline": stacks.baseline,
        "candidate": stacks.baseline if candidate_as_baseline else stacks.candidate,
        "router": stacks.router,
    }
    for role, spec in specs.items():
        if spec is None:
            continue
        twin = candidate_as_baseline and role == "candidate"
        work = site.work / "baseline-again" if twin else site.work
        work.mkdir(parents=True, exist_ok=True)
        kind = spec.drivers.under(profile)
        if kind is None:
            offered = [name for name, found in spec.drivers if found is not None]
            raise GodwitError(
                f"stacks.{role}.drivers has no {profile!r}; it has {', '.join(offered) or 'none'}: choose another "
                f"profile or write stacks.{role}.drivers.{profile}"
            )
        if spec.health is None and kind not in _WITHOUT_PATH:
            raise GodwitError(f"stacks.{role}.health is missing: write its path, so that godwit can tell when it is up")
        yield role, Request(role, spec, getattr(spec.drivers, kind), site, work, extra_env, allow)
