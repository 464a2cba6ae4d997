"""Whether a file tree is still what it was: files, contents, permissions, owners, links, times; it reads no file.

The same accident in many files is one finding with their count. Which names are missing, and why, is in `tree_names`.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from godwit.checks.content_changes import accident_of
from godwit.checks.differences import EXAMPLES_AT_MOST, grouped, verdict_on
from godwit.checks.path_patterns import first_of, means
from godwit.checks.tree_names import Entries, name_findings
from godwit.plan import BackedTree, FileTree
from godwit.verdict import FileEntry, Finding, Judgement, inconclusive

Tree = FileTree | BackedTree
_OTHERS = 0o077
_LINK = "link"


@dataclass(frozen=True, slots=True)
class SeenTrees:
    """Both trees as they were read, by path; `roots` are where they lie.

    `contents` are both contents of files that differ, by the baseline's path, for those small enough to look into.
    """

    old: Entries
    new: Entries
    roots: tuple[str, str] = ("", "")
    contents: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One path on both sides: the name on the baseline, the name that it has now, and both entries."""

    was: str
    now: str
    old: FileEntry
    new: FileEntry


def new_path(tree: Tree, path: str) -> str:
    """Where a path of the baseline is now, by the longest word of `moved` that means it."""
    holders = [it for it in tree.moved if path == it or path.startswith(f"{it}/")]
    if not holders:
        return path
    longest = max(holders, key=len)
    return tree.moved[longest] + path[len(longest) :]


def unlike(tree: Tree, seen: SeenTrees) -> list[tuple[str, str]]:
    """The files, as (path on the baseline, path now), whose contents differ without the plan saying so."""
    return [(it.was, it.now) for it in _pairs(tree, seen) if _is_changed(tree, it)]


def judge_tree(tree: Tree, seen: SeenTrees) -> Judgement:
    """Judge that the candidate's tree is the baseline's, but for what the plan says; an empty baseline is inconclusive."""
    unknown = sorted(it for it in tree.moved if not any(means(it, path) for path in seen.old))
    if unknown:
        return inconclusive(f"the plan moves what the baseline's tree does not have: {', '.join(unknown)}")
    wanted = _wanted(tree, seen.old)
    if len(wanted) < sum(_is_looked_at(tree, path) for path in seen.old):
        return inconclusive("the plan moves two files of the baseline onto one path")
    left = {path: entry for path, entry in seen.new.items() if _is_looked_at(tree, path)}
    solid = [path for path, (_, entry) in wanted.items() if entry.kind != "folder"]
    if not solid and "empty" not in tree.compare:
        return inconclusive("the baseline's tree holds no file to compare")
    named = name_findings({now: entry for now, (_, entry) in wanted.items()}, left, empty="empty" in tree.compare)
    findings = [*named, *grouped(_differences(tree, seen))]
    shut = [it.now for it in _pairs(tree, seen) if "content" in tree.compare and it.old.trouble and it.new.trouble]
    if shut and not findings:
        return inconclusive(f"on neither side the content of {', '.join(shut[:EXAMPLES_AT_MOST])} can be read")
    return verdict_on(findings, sum(path != "." for path in wanted), "files and folders", note=_idle(tree, seen))


def _is_looked_at(tree: Tree, path: str) -> bool:
    return first_of(tree.ignore, path) is None


def _wanted(tree: Tree, old: Entries) -> dict[str, tuple[str, FileEntry]]:
    """What must be there now, by its path now: the path on the baseline, and the entry there."""
    return {new_path(tree, path): (path, entry) for path, entry in old.items() if _is_looked_at(tree, path)}


def _pairs(tree: Tree, seen: SeenTrees) -> Iterator[_Pair]:
    for now, (was, entry) in _wanted(tree, seen.old).items():
        if now in seen.new and _is_looked_at(tree, now):
            yield _Pair(was, now, entry, seen.new[now])


def _is_changed(tree: Tree, pair: _Pair) -> bool:
    if "content" not in tree.compare or not pair.old.kind == pair.new.kind == "file":
        return False
    return pair.old.sha256 != pair.new.sha256 and first_of(tree.changed, pair.was) is None


def _differences(tree: Tree, seen: SeenTrees) -> Iterator[tuple[object, Finding]]:
    """Every difference of files that are on both sides, with what is common to those of one cause."""
    pairs = list(_pairs(tree, seen))
    for pair in pairs:
        if pair.old.kind != pair.new.kind:
            reason = "a copy of what it led to" if pair.old.kind == _LINK else ""
            key = ("kind", pair.old.kind, pair.new.kind)
            yield key, Finding("another kind of thing", pair.now, pair.old.kind, pair.new.kind, reason)
            continue
        if "mode" in tree.compare and pair.old.kind != _LINK:
            yield from _mode(tree, pair)
        if "owner" in tree.compare and pair.old.owner != pair.new.owner:
            yield (
                ("owner", pair.old.owner, pair.new.owner),
                Finding("owner changed", pair.now, pair.old.owner, pair.new.owner),
            )
        if "links" in tree.compare and pair.old.kind == _LINK:
            yield from _link(tree, pair, seen.roots)
    if "content" in tree.compare:
        yield from _contents(tree, pairs, seen)
    if "links" in tree.compare:
        yield from _twins(pairs)
    if "times" in tree.compare:
        yield from _times(tree, pairs)


def _mode(tree: Tree, pair: _Pair) -> Iterator[tuple[object, Finding]]:
    stated = first_of(tree.modes, pair.now)
    wanted = int(tree.modes[stated], 8) if stated else pair.old.mode
    if wanted == pair.new.mode:
        return
    gained, lost = pair.new.mode & ~wanted, wanted & ~pair.new.mode
    what = "opened wider" if gained & _OTHERS else "permissions lost" if lost and not gained else "permissions changed"
    reason = f"{'folders' if pair.old.kind == 'folder' else 'files'}{', as the plan states it' if stated else ''}"
    yield (
        (what, wanted, pair.new.mode, reason),
        Finding(what, pair.now, f"{wanted:04o}", f"{pair.new.mode:04o}", reason),
    )


def _link(tree: Tree, pair: _Pair, roots: tuple[str, str]) -> Iterator[tuple[object, Finding]]:
    inside, leads = _leads(pair.was, pair.old.target, roots[0])
    wanted = (inside, new_path(tree, leads) if inside else leads)
    actual = _leads(pair.now, pair.new.target, roots[1])
    if wanted == actual:
        return
    back = not actual[0] and roots[0] and _is_below(actual[1], roots[0])
    reason = "it leads back into the baseline's tree" if back else ""
    key = ("link", "back") if back else ("link", pair.old.target, pair.new.target)
    yield key, Finding("link leads elsewhere", pair.now, pair.old.target, pair.new.target, reason)


def _leads(path: str, target: str, root: str) -> tuple[bool, str]:
    """Where a link leads, by its words alone: (True, path below the tree) or (False, the words)."""
    if target.startswith("/"):
        if root and _is_below(target, root):
            return True, posixpath.relpath(target, root)
        return False, posixpath.normpath(target)
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if place == ".." or place.startswith("../"):
        return False, target
    return True, place


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _contents(tree: Tree, pairs: list[_Pair], seen: SeenTrees) -> Iterator[tuple[object, Finding]]:
    by_sum = {entry.sha256: path for path, entry in seen.old.items() if entry.kind == "file" and entry.size}
    for pair in pairs:
        if not _is_changed(tree, pair):
            continue
        if pair.new.trouble or pair.old.trouble:
            side = "candidate" if pair.new.trouble else "baseline"
            yield ("unread", side), Finding("content cannot be read", pair.now, reason=f"{side}: permission denied")
            continue
        other = by_sum.get(pair.new.sha256)
        said = accident_of(*seen.contents[pair.was]) if pair.was in seen.contents else ""
        if other and not said:
            said = "the content of another file of the baseline"
        yield (
            ("content", said),
            Finding("content changed", pair.now, _told(pair.old), _told(pair.new), said or "in no common way"),
        )


def _told(entry: FileEntry) -> str:
    return f"{entry.size} bytes, sha256 {entry.sha256[:12]}"


def _twins(pairs: list[_Pair]) -> Iterator[tuple[object, Finding]]:
    """Hard links of one file that are files of their own now."""
    now = {pair.was: pair for pair in pairs}
    for pair in pairs:
        first = now.get(pair.old.twin) if pair.old.twin else None
        if first is None or pair.new.kind != "file":
            continue
        same = {pair.new.twin or pair.now} == {first.new.twin or first.now}
        if not same:
            yield ("twin",), Finding("hard link became a copy", pair.now, f"the same file as {first.was}", "its own")


def _times(tree: Tree, pairs: list[_Pair]) -> Iterator[tuple[object, Finding]]:
    """Files whose time of change is another; a common offset, or fractions that are cut off, are one cause."""
    within = tree.times_within_s
    for pair in pairs:
        offset = (pair.new.mtime_ns - pair.old.mtime_ns) / 1e9
        if pair.old.kind != "file" or abs(offset) <= within or first_of(tree.changed, pair.was):
            continue
        reason = _offset_of(pair, round(offset))
        yield (
            ("time", reason),
            Finding("time of change differs", pair.now, _seconds(pair.old), _seconds(pair.new), reason),
        )


def _offset_of(pair: _Pair, whole: int) -> str:
    if pair.new.mtime_ns == pair.old.mtime_ns // 10**9 * 10**9:
        return "fractions of a second are cut off"
    if whole and whole % 900 == 0 and abs(whole) <= 14 * 3600:
        return f"offset by {whole / 3600:+g} h"
    return "later" if whole >= 0 else "earlier"


def _seconds(entry: FileEntry) -> str:
    return f"{entry.mtime_ns / 1e9:.3f}"


def _idle(tree: Tree, seen: SeenTrees) -> str:
    """What the plan says of these trees that means nothing in them; a pattern that misses is not noticed otherwise."""
    paths = {*seen.old, *seen.new}
    tables: tuple[Mapping[str, str], ...] = (tree.changed, tree.modes)
    idle = [it for table in tables for it in table if not any(means(it, path) for path in paths)]
    return f"meant nothing: {', '.join(idle)}" if idle else ""
