"""Reads the public API of a module from both sides' sources and claims what breaks; imports nothing of either side."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from godwit.verdict import Claim, HarnessError

if TYPE_CHECKING:
    import griffe

_NOT_PUBLIC = frozenset({"conftest", "test", "tests", "vendor", "vendored"})


def claims(module: str, baseline_path: Sequence[str], candidate_path: Sequence[str]) -> tuple[tuple[Claim, ...], int]:
    """Every break that the sources of a module (and of all below it) show, one for each thing and kind.

    Also gives how many public names the baseline has there. The paths are where each side imports from. HarnessError
    where there is no source to be read on one side.
    """
    import griffe

    one, other = _loaded("baseline", module, baseline_path), _loaded("candidate", module, candidate_path)
    # Of several public names of one thing the shortest is the one that users write.
    public = dict(sorted(_public_names(one), key=lambda pair: -pair[1].count(".")))
    found: dict[tuple[str, str, str], Claim] = {}
    for breakage in griffe.find_breaking_changes(one, other):
        claim = _claim(breakage, public)
        if claim is None or not _is_public(claim.name):
            continue
        key = (claim.kind, breakage.obj.canonical_path, claim.what)
        first = found.get(key)
        found[key] = replace(first, also=(*first.also, claim.name)) if first else claim
    return tuple(found.values()), _count(one)


def _count(thing: Any) -> int:
    """How many public names a module holds, those of its modules and classes included."""
    members = [each for each in thing.members.values() if _is_public(each.path)]
    inner = [each for each in members if not each.is_alias and (each.is_module or each.is_class)]
    return len(members) + sum(_count(each) for each in inner)


def _loaded(role: str, module: str, path: Sequence[str]) -> "griffe.Object | griffe.Alias":
    import griffe

    # What it cannot resolve (names of other platforms, annotations) is no one's business here.
    logging.getLogger("griffe").setLevel(logging.CRITICAL)
    try:
        return griffe.load(
            module,
            search_paths=[each for each in path if each],
            allow_inspection=False,
            resolve_aliases=True,
            resolve_external=False,
        )
    except (griffe.GriffeError, ImportError, KeyError) as error:
        raise HarnessError(f"the {role} has no sources of {module} that can be read: {error}") from None


def _public_names(module: Any) -> Iterator[tuple[str, str]]:
    """Where things that are defined in private modules can be imported from: their own path, and the public one."""
    for member in module.members.values():
        if member.is_alias:
            path = member.target_path
            if not _is_public(path) and _is_public(member.path):
                yield path, member.path
        elif member.is_module and _is_public(member.path):
            yield from _public_names(member)


def _is_public(path: str) -> bool:
    parts = path.replace(":", ".").split(".")
    return not any(_is_private(part) or part in _NOT_PUBLIC for part in parts)


def _is_private(part: str) -> bool:
    return part.startswith("_") and part not in ("__init__", "__call__")


def _claim(breakage: Any, public: dict[str, str]) -> Claim | None:
    thing = breakage.obj
    kind = breakage.kind.name.lower().replace("_", " ")
    parameter = breakage.old_value if kind.startswith("parameter") else None
    if kind == "parameter added required":
        parameter = breakage.new_value
    name = _name(thing, public)
    if name is None:
        return None
    return Claim(kind, name, getattr(parameter, "name", ""), _shown(breakage.old_value), _shown(breakage.new_value))


def _shown(value: Any) -> str:
    if value is None:
        return "(absent)"
    if isinstance(value, list):
        return ", ".join(_shown(each) for each in value) or "(none)"
    return str(getattr(value, "path", value))


def _name(thing: Any, public: dict[str, str]) -> str | None:
    """The thing as `module:qualname`, by its public path where it is defined in a private module."""
    if thing.is_module:
        return str(thing.path)
    above = thing
    while above is not None and not above.is_module:
        above = above.parent
    if above is None:
        return None
    inside = thing.path.removeprefix(f"{above.path}.")
    head, dot, tail = inside.partition(".")
    path = public.get(f"{above.path}.{head}")
    if path is None:
        return f"{above.path}:{inside}"
    module, _, name = path.rpartition(".")
    return f"{module}:{name}{dot}{tail}"
