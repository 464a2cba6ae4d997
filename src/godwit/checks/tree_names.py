"""Which files of a tree are missing or new, and what is common to them; it compares names, not contents."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from godwit.checks.differences import EXAMPLES_AT_MOST, by_trait
from godwit.verdict import FileEntry, Finding

Entries = Mapping[str, FileEntry]
_NOUNS = {"file": "files", "folder": "empty folders", "link": "links", "special": "special files"}


def name_findings(wanted: Entries, actual: Entries, *, empty: bool) -> list[Finding]:
    """Findings about names: changed in case or Unicode form only, moved, missing, and those that nobody stated.

    Folders count where they are empty, and only with `empty`; others are there with what they hold.
    """
    lost = _solid(wanted, empty) - actual.keys()
    gained = _solid(actual, empty) - wanted.keys()
    findings: list[Finding] = []
    for said, form in (("written with other capitals", str.casefold), ("in another Unicode form", _composed)):
        pairs = _paired(lost, gained, form)
        findings += _together("name changed", pairs, said)
        lost, gained = lost - pairs.keys(), gained - set(pairs.values())
    pairs = _by_content(lost, gained, wanted, actual)
    findings += _together("moved, and the plan does not say so", pairs, "")
    lost, gained = lost - pairs.keys(), gained - set(pairs.values())
    for what, names, among, others in (
        ("are missing", lost, wanted, _solid(wanted, empty) - lost),
        ("are there that the baseline has not", gained, actual, _solid(actual, empty) - gained),
    ):
        for kind, noun in _NOUNS.items():
            mine = sorted(name for name in names if among[name].kind == kind)
            kept = [name for name in others if among[name].kind == kind]
            findings += by_trait(f"{noun} {what}", mine, partial(_traits, among), kept)
    return findings


def _solid(entries: Entries, empty: bool) -> set[str]:
    """The paths that stand for themselves: everything but folders, and folders in which nothing is."""
    holders = {path.rpartition("/")[0] for path in entries}
    return {
        path
        for path, entry in entries.items()
        if entry.kind != "folder" or (empty and path not in holders and path != ".")
    }


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _paired(lost: Iterable[str], gained: Iterable[str], form: Callable[[str], str]) -> dict[str, str]:
    """Lost names and the new ones that are the same in a form."""
    news = {form(name): name for name in sorted(gained)}
    return {name: news[form(name)] for name in sorted(lost) if form(name) in news}


def _by_content(lost: Iterable[str], gained: Iterable[str], wanted: Entries, actual: Entries) -> dict[str, str]:
    """Lost files and the only new ones that have their content."""
    by_sum: dict[str, list[str]] = {}
    for name in sorted(gained):
        if actual[name].sha256 and actual[name].size:
            by_sum.setdefault(actual[name].sha256, []).append(name)
    pairs: dict[str, str] = {}
    for name in sorted(lost):
        found = by_sum.get(wanted[name].sha256, [])
        if found:
            pairs[name] = found.pop(0)
    return pairs


def _together(what: str, pairs: Mapping[str, str], reason: str) -> Iterator[Finding]:
    if pairs:
        first = min(pairs, key=lambda name: (len(name), name))
        examples = tuple(f"{old} is now {new}" for old, new in list(pairs.items())[:EXAMPLES_AT_MOST])
        shown = examples if len(pairs) > 1 else ()
        yield Finding(what, first, first, pairs[first], reason, len(pairs), shown)


def _traits(entries: Entries, name: str) -> Iterator[str]:
    """What may be the reason why a file is treated as others are not; the first of equal reach is told."""
    entry = entries[name]
    folders, _, last = name.rpartition("/")
    steps = folders.split("/") if folders else []
    yield from (f"all are in {'/'.join(steps[: depth + 1])}/" for depth in range(len(steps)))
    yield from (f"all are in folders named {step}" for step in steps)
    if any(step.startswith(".") for step in (*steps, last)):
        yield "all have a name, or a folder, that begins with a dot"
    if "." in last.lstrip("."):
        yield f"all end in .{last.rpartition('.')[2]}"
    if not name.isascii():
        yield "all have signs outside ASCII in their names"
    if any(sign.isspace() for sign in name):
        yield "all have white space in their names"
    if entry.kind == "file" and not entry.size:
        yield "all are of 0 bytes"
    if entry.kind == "file" and entry.mode & 0o111:
        yield "all are executable"
    if entry.kind == "file" and not entry.mode & 0o077:
        yield "all are closed to others"
    if steps:
        yield "all are in folders"
