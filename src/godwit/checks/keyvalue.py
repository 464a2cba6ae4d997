"""Whether a key-value store holds the keys of another one with type, value and expiry; it reads no store."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import partial

from godwit.checks.content_changes import accident_of
from godwit.checks.differences import by_trait, cut, grouped, verdict_on
from godwit.plan import KeySpace
from godwit.verdict import Finding, Judgement, StoredKey, inconclusive

Keys = Mapping[str, StoredKey]


def new_name(space: KeySpace, name: str) -> str:
    """What a key of the baseline is called now, by the longest beginning that the plan renames."""
    heads = [head for head in space.renamed if name.startswith(head)]
    if not heads:
        return name
    longest = max(heads, key=len)
    return space.renamed[longest] + name[len(longest) :]


def judge_keys(space: KeySpace, old: Keys, new: Keys) -> Judgement:
    """Judge that each key of the baseline is on the candidate with the same type, value and moment of expiry.

    No key to compare is inconclusive, and so is a plan that renames what the baseline does not have.
    """
    before = {name: key for name, key in old.items() if not _is_ignored(space, name)}
    after = {name: key for name, key in new.items() if not _is_ignored(space, name)}
    idle = sorted(head for head in space.renamed if not any(name.startswith(head) for name in before))
    if idle:
        return inconclusive(f"the plan renames keys that the baseline does not have: {', '.join(idle)}")
    wanted = {new_name(space, name): key for name, key in before.items()}
    if len(wanted) < len(before):
        return inconclusive("the plan renames two keys of the baseline to one")
    lost = sorted(wanted.keys() - after.keys())
    gained = sorted(after.keys() - wanted.keys())
    findings = [
        *by_trait("keys are missing", lost, partial(_traits, wanted), wanted.keys() - set(lost)),
        *by_trait(
            "keys are there that the baseline has not", gained, partial(_traits, after), after.keys() - set(gained)
        ),
        *grouped(_differences(space, wanted, after)),
    ]
    expiring = sum(key.expires_ms is not None for key in wanted.values())
    return verdict_on(findings, len(wanted), "keys", note=f"{expiring} with an expiry")


def _is_ignored(space: KeySpace, name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in space.ignore)


def _differences(space: KeySpace, wanted: Keys, after: Keys) -> Iterator[tuple[object, Finding]]:
    for name in sorted(wanted.keys() & after.keys()):
        old, new = wanted[name], after[name]
        if old.type != new.type:
            yield ("type", old.type, new.type), Finding("type changed", name, old.type, new.type)
        elif old.digest != new.digest:
            reason = _accident(old, new)
            key = ("value", old.type, reason or name)
            yield key, Finding("value changed", name, cut(old.shown), cut(new.shown), reason)
        yield from _expiry(space, name, old, new)


def _accident(old: StoredKey, new: StoredKey) -> str:
    if old.items != new.items:
        return "items are missing" if new.items < old.items else "items too many"
    return accident_of(old.shown.encode(), new.shown.encode())


def _expiry(space: KeySpace, name: str, old: StoredKey, new: StoredKey) -> Iterator[tuple[object, Finding]]:
    if old.expires_ms is None and new.expires_ms is None:
        return
    if new.expires_ms is None:
        yield ("stays",), Finding("expiry lost", name, _at(old), _at(new))
    elif old.expires_ms is None:
        yield ("goes",), Finding("expiry gained", name, _at(old), _at(new))
    else:
        offset_s = (new.expires_ms - old.expires_ms) / 1000
        if abs(offset_s) > space.ttl_within_s:
            sign = "later" if offset_s > 0 else "earlier"
            reason = f"{sign} than it was"
            yield ("moved", sign), Finding("expiry differs", name, _at(old), f"{offset_s:+.1f} s", reason)


def _at(key: StoredKey) -> str:
    return "stays" if key.expires_ms is None else f"expires at {key.expires_ms / 1000:.3f}"


def _traits(keys: Keys, name: str) -> Iterator[str]:
    key = keys[name]
    yield f"all are of the type {key.type}"
    yield "all have an expiry" if key.expires_ms is not None else "all stay"
    steps = name.split(":")
    yield from (f"all begin with {':'.join(steps[: depth + 1])}:" for depth in range(len(steps) - 1))
    if not name.isascii():
        yield "all have signs outside ASCII in their names"
