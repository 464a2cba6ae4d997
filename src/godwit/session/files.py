"""Reads file trees, documents and keys of both sides where the plan says they lie; `checks` judges, nothing is changed."""

from pathlib import Path

from godwit.checks import SeenTrees, StateDocument, judge_document, judge_tree, means, unlike
from godwit.plan import BackedTree, DocumentPair, FileTree, read_typed
from godwit.session.world import World
from godwit.state import read_both, read_tree
from godwit.surfaces import format_of, read_config
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

    def document_kept(self, pair: DocumentPair) -> Judgement:
        """Whether every key of the baseline's document is in the candidate's as it was, or as the plan says."""
        old, new = self._world.folder(pair.baseline), self._world.folder(pair.candidate)
        if not old.is_file():
            raise HarnessError(f"document {pair.id}: the baseline has no file {old}")
        if not new.is_file():
            return failed(f"the candidate has no file {new}")
        try:
            before = _document(old, pair.format, pair.yaml)
        except ValueError as error:
            raise HarnessError(f"document {pair.id}: {old} cannot be read: {error}") from None
        try:
            after = _document(new, pair.candidate_format, pair.candidate_yaml)
        except ValueError as error:
            return failed(f"the candidate's {new.name} cannot be read: {error}")
        return judge_document(pair, before, after)


def _document(path: Path, stated: str | None, yaml: str) -> StateDocument:
    form = format_of(path, stated)
    content = path.read_bytes()
    if form in ("json", "yaml"):
        try:
            return StateDocument(read_typed(content.decode("utf-8-sig"), yaml if form == "yaml" else ""))
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8 at byte {error.start + 1}") from None
    return StateDocument(read_config(content, form), form == "toml")


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
