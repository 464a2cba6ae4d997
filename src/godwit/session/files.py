"""Reads file trees, documents and keys of both sides where the plan says they lie; `checks` judges, nothing is changed."""

from pathlib import Path

from godwit.checks import SeenTrees, judge_tree, means, unlike
from godwit.plan import BackedTree, FileTree
from godwit.session.world import World
from godwit.state import read_both, read_tree
from godwit.verdict import HarnessError, Judgement, failed

_LOOKED_INTO = 1024 * 1024
"""The largest file that is looked into for the reason why it differs, in bytes."""
_LOOKED_AT = 1000
"""How many files are looked into."""


class Files:
    """State that lies in files, on both sides."""

    def __init__(self, world: World) -> None:
        self._world = world

    def tree_kept(self, tree: FileTree) -> Judgement:
        """Whether the candidate's tree holds what the baseline's does, but for what the plan says."""
        old, new = self._world.folder(tree.baseline), self._world.folder(tree.candidate)
        if not old.is_dir():
            raise HarnessError(f"tree {tree.id}: the baseline has no folder {old}")
        if not new.is_dir():
            return failed(f"the candidate has no folder {new}")
        return compare_trees(tree, old, new)


def compare_trees(tree: FileTree | BackedTree, old: Path, new: Path) -> Judgement:
    """Judge two folders that are there."""

    def is_left_out(path: str) -> bool:
        return any(means(pattern, path) for pattern in tree.ignore)

    roots = (str(old.resolve()), str(new.resolve()))
    seen = SeenTrees(read_tree(old, is_left_out), read_tree(new, is_left_out), roots)
    contents = {}
    for was, now in unlike(tree, seen)[:_LOOKED_AT]:
        both = read_both(old / was, new / now, _LOOKED_INTO)
        if both is not None:
            contents[was] = both
    return judge_tree(tree, SeenTrees(seen.old, seen.new, roots, contents))
