"""`${NAME}` in addresses and environments: filled from an environment handed in, masked wherever stored."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from godwit.plan.model import Plan
from godwit.plan.source import Fault, Where, read_source

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ROLES = ("baseline", "candidate", "router")
_PLACES = ("url", "store")
MASK = "***"
PRIVATE_NAME = r"[A-Za-z0-9_-]*(?:passw(?:or)?d|passphrase|secret|token|csrf|api[_-]?key|private[_-]?key)"
"""What names of secrets look like in bodies, queries and options, in any case; headers have names of their own besides."""


def fill(plan: Plan, environ: Mapping[str, str]) -> Plan:
    """The plan with every `${NAME}` filled that the environment knows; other text stays as it is."""
    for profile in ("process", "container", "endpoint", "compose", "installation"):
        plan = _filled(plan, environ, profile)
    return plan


def resolve(plan: Plan, environ: Mapping[str, str], profile: str) -> Plan:
    """The plan with every `${NAME}` of one profile's addresses, stores and environments filled.

    Raises PlanError with the place of each name that the environment does not hold.
    """
    wanting = [(where, name) for where, name, _ in _names(plan, profile) if name not in environ]
    if wanting:
        source, _ = read_source(plan.path)
        said = "the environment has no {0}; set it, for example: export {0}=..."
        raise source.refusal(Fault(source.mark(where), where, said.format(name)) for where, name in wanting)
    return _filled(plan, environ, profile)


def secrets_of(plan: Plan, environ: Mapping[str, str], profile: str) -> tuple[str, ...]:
    """The values that the environment gave to a profile of the unresolved plan; nothing stored may show them."""
    return tuple(sorted({environ[name] for _, name, _ in _names(plan, profile) if environ.get(name)}))


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced by `***`, the longest first."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        text = text.replace(secret, MASK) if secret else text
    return text


def _texts(driver: BaseModel) -> list[tuple[Where, str]]:
    """The texts of a driver in which names are filled, with their places inside it."""
    found: list[tuple[Where, str]] = [
        ((name,), text) for name in _PLACES if isinstance(text := getattr(driver, name, None), str)
    ]
    return found + [(("env", name), text) for name, text in getattr(driver, "env", {}).items()]


def _names(plan: Plan, profile: str) -> list[tuple[Where, str, str]]:
    """Every `${NAME}` of a profile: its place, the name, the text around it."""
    found = []
    for role in _ROLES:
        stack = getattr(plan.stacks, role)
        kind = (stack.drivers.under(profile) or profile) if stack else profile
        driver = getattr(stack.drivers, kind, None) if stack else None
        for inside, text in _texts(driver) if driver else ():
            where = ("stacks", role, "drivers", kind, *inside)
            found += [(where, name, text) for name in _NAME.findall(text)]
    for number, recording in enumerate(plan.surfaces.http.recordings):
        at: Where = ("surfaces", "http", "recordings", number, "values")
        found += [((*at, key), name, text) for key, text in recording.values.items() for name in _NAME.findall(text)]
    return found


def _filled(plan: Plan, environ: Mapping[str, str], profile: str) -> Plan:
    def swap(text: str) -> str:
        return _NAME.sub(lambda match: environ.get(match[1], match[0]), text)

    stacks = plan.stacks
    for role in _ROLES:
        stack = getattr(stacks, role)
        kind = (stack.drivers.under(profile) or profile) if stack else profile
        driver = getattr(stack.drivers, kind, None) if stack else None
        if driver is None:
            continue
        changes: dict[str, Any] = {str(where[0]): swap(text) for where, text in _texts(driver) if len(where) == 1}
        if getattr(driver, "env", None):
            changes["env"] = {name: swap(text) for name, text in driver.env.items()}
        drivers = stack.drivers.model_copy(update={kind: driver.model_copy(update=changes)})
        stacks = stacks.model_copy(update={role: stack.model_copy(update={"drivers": drivers})})
    return _with_recordings(plan.with_stacks(stacks), swap)


def _with_recordings(plan: Plan, swap: Callable[[str], str]) -> Plan:
    http = plan.surfaces.http
    filled = tuple(
        recording.model_copy(update={"values": {key: swap(text) for key, text in recording.values.items()}})
        for recording in http.recordings
    )
    return plan.with_surfaces(plan.surfaces.model_copy(update={"http": http.model_copy(update={"recordings": filled})}))
